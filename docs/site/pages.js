import { existsSync, readFileSync, statSync } from 'node:fs';
import { posix, join } from 'node:path';
import GithubSlugger from 'github-slugger';
import MarkdownIt from 'markdown-it';

/**
 * @typedef {import('markdown-it').Token} Token
 * @typedef {{level: number, text: string, slug: string}} Heading
 * @typedef {{path: string, anchor: string, line: number, from: string}} Link
 * @typedef {{path: string, title: string, html: string, headings: Heading[], sections: Section[], links: Link[]}} Page
 * @typedef {{slug: string, title: string, text: string}} Section
 */

/** Optional parts of a command in a heading. */
const OPTIONS = / \[-.*$/;

const markdown = new MarkdownIt({ html: true });

// Tables and code wider than the screen are scrolled, by keyboard too.
markdown.renderer.rules.table_open = () => '<div class="scroll" tabindex="0"><table>\n';
markdown.renderer.rules.table_close = () => '</table></div>\n';
// A line does not end between the hyphens of an option.
markdown.renderer.rules.code_inline = (tokens, at, _options, _env, renderer) => {
  const escaped = markdown.utils.escapeHtml(tokens[at].content);
  const text = escaped.replace(/(?<=^|[ [])-[^ ]+/g, '<span class="option">$&</span>');
  return `<code${renderer.renderAttrs(tokens[at])}>${text}</code>`;
};
// The corner of a table has no heading to tell.
markdown.renderer.rules.th_open = (tokens, at, options, _, renderer) => {
  if (tokens[at + 1].content === '') tokens[at].tag = tokens[at + 2].tag = 'td';
  return renderer.renderToken(tokens, at, options);
};
// A link to a heading, for those who point at it; the contents have it for everybody.
markdown.renderer.rules.heading_close = (tokens, at) => {
  const { tag } = tokens[at];
  const slug = tokens[at - 2].attrGet('id');
  const link = `<a class="anchor" href="#${slug}" aria-hidden="true" tabindex="-1">#</a>`;
  return `${tag === 'h1' ? '' : link}</${tag}>\n`;
};
markdown.renderer.rules.fence = (tokens, at) => {
  const { content, info } = tokens[at];
  const language = info.split(' ')[0];
  const label = language === '' ? '' : ` class="language-${markdown.utils.escapeHtml(language)}"`;
  return `<pre tabindex="0"><code${label}>${markdown.utils.escapeHtml(content)}</code></pre>\n`;
};

/**
 * The address of a file of the repository within the site: its path, with pages as HTML. A README is the
 * index of its folder.
 *
 * @param {string} path
 */
export function addressOf(path) {
  return path.replace(/(^|\/)README\.md$/, '$1index.html').replace(/\.md$/, '.html');
}

/**
 * The file that a link means; a folder is its README, where it has one.
 *
 * @param {string} root
 * @param {string} path
 */
function fileOf(root, path) {
  const isFolder = existsSync(join(root, path)) && statSync(join(root, path)).isDirectory();
  return isFolder ? posix.join(path, 'README.md') : path;
}

/**
 * Points a link at the site, if it leads to a file of the repository.
 *
 * @param {string} root
 * @param {string} from the page with the link
 * @param {string} href
 * @param {number} line
 * @returns {{href: string, link?: Link}}
 */
function resolved(root, from, href, line) {
  if (/^[a-z][a-z+.-]*:/i.test(href)) return { href };
  const [to, anchor = ''] = decodeURI(href).split('#');
  const path =
    to === '' ? from : fileOf(root, posix.normalize(posix.join(posix.dirname(from), to)));
  const address = to === '' ? '' : posix.relative(posix.dirname(from), addressOf(path));
  return {
    href: encodeURI(address) + (anchor === '' ? '' : `#${anchor}`),
    link: { path, anchor, line, from },
  };
}

/** @param {Token} token */
const textOf = (token) =>
  (token.children ?? [])
    .filter(({ type }) => ['text', 'code_inline', 'softbreak'].includes(type))
    .map(({ type, content }) => (type === 'softbreak' ? ' ' : content))
    .join('');

/**
 * Reads a page: its HTML with links that lead to the site, its headings with the slugs of GitHub, its text by
 * section for the search, and its links.
 *
 * @param {string} root
 * @param {string} path of the page, relative to the root
 * @returns {Page}
 */
export function readPage(root, path) {
  const tokens = markdown.parse(readFileSync(join(root, path), 'utf8'), {});
  const slugger = new GithubSlugger();
  /** @type {Page} */
  const page = { path, title: path, html: '', headings: [], sections: [], links: [] };
  let line = 1;
  tokens.forEach((token, at) => {
    line = token.map === null ? line : token.map[0] + 1;
    if (token.type === 'heading_open') {
      addHeading(page, token, textOf(tokens[at + 1]), slugger);
      splitUsage(tokens[at + 1]);
    } else if (token.type === 'inline' && tokens[at - 1]?.type !== 'heading_open') {
      addText(page, textOf(token));
    } else if (token.type === 'fence') addText(page, token.content);
    for (const child of token.children ?? []) pointLink(page, root, child, line);
  });
  page.html = markdown.renderer.render(tokens, markdown.options, {});
  return page;
}

/**
 * @param {Page} page
 * @param {Token} token
 * @param {string} text
 * @param {GithubSlugger} slugger
 */
function addHeading(page, token, text, slugger) {
  const slug = slugger.slug(text);
  const level = Number(token.tag.slice(1));
  const label = text.replace(OPTIONS, '');
  token.attrSet('id', slug);
  if (level === 1) page.title = text;
  page.headings.push({ level, text: label, slug });
  page.sections.push({
    slug: level === 1 ? '' : slug,
    title: label,
    text: text.slice(label.length),
  });
}

/**
 * Takes the options of a command in a heading apart from its name, so that they can be smaller.
 *
 * @param {Token} heading
 */
function splitUsage({ children }) {
  const usage = children?.length === 1 ? children[0] : undefined;
  const options = usage?.type === 'code_inline' ? OPTIONS.exec(usage.content)?.[0] : undefined;
  if (usage === undefined || options === undefined) return;
  const rest = new usage.constructor('code_inline', 'code', 0);
  rest.content = options.trim();
  rest.attrSet('class', 'options');
  usage.content = usage.content.slice(0, -options.length);
  children.push(rest);
}

/**
 * @param {Page} page
 * @param {string} text
 */
function addText(page, text) {
  const section = page.sections.at(-1);
  if (section !== undefined) section.text += `${section.text === '' ? '' : ' '}${text.trim()}`;
}

/**
 * @param {Page} page
 * @param {string} root
 * @param {Token} token
 * @param {number} line
 */
function pointLink(page, root, token, line) {
  const name = { link_open: 'href', image: 'src' }[token.type];
  if (name === undefined) return;
  const { href, link } = resolved(root, page.path, token.attrGet(name) ?? '', line);
  token.attrSet(name, href);
  if (link !== undefined) page.links.push(link);
}
