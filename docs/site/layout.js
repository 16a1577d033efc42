import { posix } from 'node:path';
import { PALETTE } from '../../dist/sim/report/looks.js';
import { addressOf } from './pages.js';

/**
 * @typedef {import('./pages.js').Page} Page
 * @typedef {import('./site.js').Site} Site
 */

/** Names of the site's own files, beside its first page. */
export const STYLE_FILE = 'site.css';
export const SCRIPT_FILE = 'site.js';
export const EXPLORER = 'explorer';

/** @param {string} text */
const escaped = (text) => text.replace(/[&<>"]/g, (letter) => `&#${letter.charCodeAt(0)};`);

/** @param {'light' | 'dark'} scheme */
const colours = (scheme) =>
  Object.entries(PALETTE)
    .map(([name, colour]) => `--${name}:${colour[scheme]};`)
    .join('');

/** The colours of the reports, as variables of the style sheet. */
export const paletteStyle = () =>
  `:root{${colours('light')}}\n@media screen and (prefers-color-scheme: dark){:root{${colours('dark')}}}\n`;

/**
 * The HTML of a page.
 *
 * @param {Site} site
 * @param {Page} page
 * @param {{hasExplorer: boolean}} parts
 */
export function pageHtml(site, page, { hasExplorer }) {
  const address = addressOf(page.path);
  /** @param {string} to */
  const at = (to) => posix.relative(posix.dirname(address), to);
  const root = at('.') === '' ? '' : `${at('.')}/`;
  const title = page.path === 'README.md' ? page.title : `${page.title} · pipewatt`;
  return `<!doctype html>
<html lang="en" data-root="${root}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escaped(title)}</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="${root}${STYLE_FILE}">
<script src="${root}${SCRIPT_FILE}" defer></script>
</head>
<body>
<a class="skip" href="#content">To the text</a>
<header>
<a class="name" href="${at('index.html')}">pipewatt</a>
<form role="search" hidden><input type="search" placeholder="Search" title="Key: /" aria-label="Search" autocomplete="off"><div class="found" hidden><p role="status"></p><ol></ol></div></form>
<a class="to-pages" href="#pages">All pages</a>
</header>
<div class="columns">
<nav id="pages" aria-label="Pages">
${sidebarHtml(site, page, at, hasExplorer)}
</nav>
<main id="content" tabindex="-1">
${page.html}${neighboursHtml(site, page, at)}
</main>
${contentsHtml(page)}
</div>
</body>
</html>
`;
}

/**
 * @param {Site} site
 * @param {Page} page
 * @param {(to: string) => string} at
 * @param {boolean} hasExplorer
 */
function sidebarHtml({ sidebar }, page, at, hasExplorer) {
  const entry = ([path, label]) => {
    const current = path === page.path ? ' aria-current="page"' : '';
    return `<li><a href="${at(addressOf(path))}"${current}>${escaped(label)}</a></li>`;
  };
  const groups = sidebar.map(
    ({ title, pages }) =>
      `<p class="group">${escaped(title)}</p>\n<ul>\n${pages.map(entry).join('\n')}\n</ul>`,
  );
  const explorer = `<p class="try"><a href="${at(`${EXPLORER}/index.html`)}">Try it in the browser</a></p>`;
  return [...(hasExplorer ? [explorer] : []), ...groups].join('\n');
}

/**
 * The pages before and after this one in the sidebar.
 *
 * @param {Site} site
 * @param {Page} page
 * @param {(to: string) => string} at
 */
function neighboursHtml({ sidebar }, page, at) {
  const all = sidebar.flatMap(({ pages }) => pages);
  const place = all.findIndex(([path]) => path === page.path);
  if (place < 0) return '';
  const link = (entry, rel, arrow) =>
    entry === undefined
      ? ''
      : `<a rel="${rel}" href="${at(addressOf(entry[0]))}">${arrow(escaped(entry[1]))}</a>`;
  const before = link(all[place - 1], 'prev', (label) => `← ${label}`);
  const after = link(all[place + 1], 'next', (label) => `${label} →`);
  return `<nav class="neighbours" aria-label="Before and after">${before}${after}</nav>`;
}

/** @param {Page} page */
function contentsHtml({ headings }) {
  const items = headings.filter(({ level }) => level === 2 || level === 3);
  if (items.length < 2) return '';
  const list = items.map(
    ({ level, text, slug }) =>
      `<li class="level-${level}"><a href="#${slug}">${escaped(text)}</a></li>`,
  );
  return `<nav class="contents" aria-label="On this page"><ul>\n${list.join('\n')}\n</ul></nav>`;
}
