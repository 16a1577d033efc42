/**
 * Makes the docs site: a folder of static pages that any web server can serve at any path, and that open from
 * disk. `node docs/site/make-site.js [--root FOLDER] [--output FOLDER]`, after compiling; the what-if page is
 * part of it if it was built. Ends with 1, and makes nothing, if a link leads nowhere.
 */
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { EXPLORER, pageHtml, paletteStyle, SCRIPT_FILE, STYLE_FILE } from './layout.js';
import { addressOf } from './pages.js';
import { collectSite, readSidebar } from './site.js';

const HERE = fileURLToPath(new URL('.', import.meta.url));
const PROJECT = join(HERE, '../..');

const { values } = parseArgs({
  options: {
    root: { type: 'string', default: PROJECT },
    output: { type: 'string', default: join(PROJECT, 'dist/docs') },
  },
});

/**
 * The sections of all pages, which the page's script searches.
 *
 * @param {import('./site.js').Site} site
 */
function searchData({ pages }) {
  const sections = [...pages.values()].flatMap((page) =>
    page.sections.map(({ slug, title, text }) => ({
      address: addressOf(page.path) + (slug === '' ? '' : `#${slug}`),
      page: page.title,
      title,
      text: text.replaceAll(/\s+/g, ' '),
    })),
  );
  return sections.map((section, id) => ({ id, ...section }));
}

/**
 * @param {import('./site.js').Site} site
 * @param {string} root
 * @param {string} output
 */
function writeSite(site, root, output) {
  rmSync(output, { recursive: true, force: true });
  const write = (path, text) => {
    mkdirSync(dirname(join(output, path)), { recursive: true });
    writeFileSync(join(output, path), text);
  };
  const explorer = join(root, 'dist/explorer');
  const hasExplorer = existsSync(explorer);
  for (const page of site.pages.values()) {
    write(addressOf(page.path), pageHtml(site, page, { hasExplorer }));
  }
  for (const file of site.files) cpSync(join(root, file), join(output, file), { recursive: true });
  if (hasExplorer) cpSync(explorer, join(output, EXPLORER), { recursive: true });
  const miniSearch = fileURLToPath(import.meta.resolve('minisearch'));
  const bundle = join(dirname(miniSearch), '../umd/index.js');
  write(STYLE_FILE, paletteStyle() + readFileSync(join(HERE, 'browser/site.css'), 'utf8'));
  write(SCRIPT_FILE, readFileSync(join(HERE, 'browser/site.js'), 'utf8'));
  write(
    'search.js',
    `${readFileSync(bundle, 'utf8').replace(/\n\/\/# sourceMappingURL=.*/, '')}\nglobalThis.searchedSections=${JSON.stringify(searchData(site))};\n`,
  );
}

const site = collectSite(values.root, readSidebar(values.root));
if (site.problems.length > 0) {
  process.stderr.write(`${site.problems.join('\n')}\n`);
  process.exitCode = 1;
} else {
  writeSite(site, values.root, values.output);
  process.stdout.write(`${site.pages.size} pages in ${values.output}: open its index.html\n`);
}
