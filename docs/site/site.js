import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { readPage } from './pages.js';

/**
 * @typedef {import('./pages.js').Page} Page
 * @typedef {readonly {title: string, pages: readonly (readonly [path: string, label: string])[]}[]} Sidebar
 * @typedef {{pages: ReadonlyMap<string, Page>, files: readonly string[], sidebar: Sidebar, problems: readonly string[]}} Site
 */

/** Pages by the jobs that people have; every page of docs/ once. */
const SIDEBAR_FILE = 'docs/site/sidebar.json';

/**
 * Collects the site: the pages of the sidebar, whatever pages they lead to, the files that pages link, and all
 * problems, which are links that lead nowhere and pages of docs/ that the sidebar lacks.
 *
 * @param {string} root the repository
 * @param {Sidebar} sidebar
 * @returns {Site}
 */
export function collectSite(root, sidebar) {
  const listed = sidebar.flatMap(({ pages }) => pages.map(([path]) => path));
  const isFile = (path) =>
    !path.startsWith('../') && existsSync(join(root, path)) && statSync(join(root, path)).isFile();
  const problems = [...sidebarProblems(root, listed, isFile)];
  /** @type {Map<string, Page>} */
  const pages = new Map();
  const files = new Set();
  const waiting = listed.filter(isFile);
  for (let path = waiting.shift(); path !== undefined; path = waiting.shift()) {
    if (pages.has(path)) continue;
    const page = readPage(root, path);
    pages.set(path, page);
    for (const link of page.links) {
      if (!isFile(link.path)) problems.push(`${link.from}:${link.line}: ${link.path} is not there`);
      else if (link.path.endsWith('.md')) waiting.push(link.path);
      else files.add(link.path);
    }
  }
  return {
    pages,
    files: [...files].sort(),
    sidebar,
    problems: [...problems, ...lostAnchors(pages)],
  };
}

/**
 * @param {string} root
 * @param {readonly string[]} listed
 * @param {(path: string) => boolean} isFile
 */
function* sidebarProblems(root, listed, isFile) {
  for (const path of listed) {
    if (!isFile(path)) yield `${SIDEBAR_FILE}: ${path} is not there`;
  }
  for (const name of readdirSync(join(root, 'docs'))) {
    if (!name.endsWith('.md')) continue;
    const count = listed.filter((path) => path === `docs/${name}`).length;
    if (count !== 1) yield `${SIDEBAR_FILE}: has docs/${name} ${count} times; list it once`;
  }
}

/** @param {ReadonlyMap<string, Page>} pages */
function* lostAnchors(pages) {
  for (const { links } of pages.values()) {
    for (const { path, anchor, line, from } of links) {
      const headings = pages.get(path)?.headings;
      if (anchor === '' || headings === undefined) continue;
      if (headings.some(({ slug }) => slug === anchor)) continue;
      yield `${from}:${line}: ${path} has no heading #${anchor}`;
    }
  }
}

/**
 * @param {string} root
 * @returns {Sidebar}
 */
export function readSidebar(root) {
  return JSON.parse(readFileSync(join(root, SIDEBAR_FILE), 'utf8'));
}
