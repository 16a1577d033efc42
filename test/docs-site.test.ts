import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { projectFile } from './support/files.js';
import { PAGES } from './support/docs.js';
import { temporaryFolder } from './support/temporary-folder.js';

/** Makes the site of a repository. */
function makeSite(root: string, output: string) {
  const args = [projectFile('docs/site/make-site.js'), '--root', root, '--output', output];
  return spawnSync(process.execPath, args, { encoding: 'utf8' });
}

/** Files below a folder, by their paths relative to it. */
const filesIn = (folder: string) =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => statSync(join(folder, name)).isFile())
    .sort();

/** A made-up repository. */
function repository(t: ExecutionContext, files: Readonly<Record<string, string>>): string {
  const folder = temporaryFolder(t);
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  return folder;
}

const SIDEBAR = JSON.stringify([
  {
    title: 'All',
    pages: [
      ['README.md', 'Start'],
      ['docs/a.md', 'A & B'],
    ],
  },
]);

test('the site has every page, and its links lead to files of the site', (t) => {
  const output = join(temporaryFolder(t), 'site');
  const made = makeSite(projectFile('.'), output);
  t.is(made.status, 0, made.stderr);
  const files = new Set(filesIn(output));
  const pages = [...PAGES, 'CHANGELOG.md', 'CONTRIBUTING.md'];
  for (const page of pages.filter((path) => path !== 'README.md')) {
    t.true(files.has(page.replace(/md$/, 'html')), page);
  }
  let links = 0;
  for (const page of [...files].filter((path) => /^(?!explorer).*\.html$/.test(path))) {
    const html = readFileSync(join(output, page), 'utf8');
    t.notRegex(html, /(?:src|href)="(?:https?:)?\/\/[^"]*\.(?:js|css)"/, `${page} fetches`);
    for (const [, to] of html.matchAll(/ (?:href|src)="([^"#]+)(?:#[^"]*)?"/g)) {
      if (/^[a-z]+:/.test(to!)) continue;
      links++;
      t.true(files.has(join(dirname(page), decodeURI(to!))), `${page} leads to ${to!}`);
    }
  }
  t.true(links > 1000);
});

test('the site is the same each time, and can be searched', (t) => {
  const [one, other] = [join(temporaryFolder(t), 'a'), join(temporaryFolder(t), 'b')];
  t.is(makeSite(projectFile('.'), one).status, 0);
  t.is(makeSite(projectFile('.'), other).status, 0);
  t.deepEqual(filesIn(one), filesIn(other));
  for (const file of filesIn(one)) {
    t.true(readFileSync(join(one, file)).equals(readFileSync(join(other, file))), file);
  }
  const data = /globalThis\.searchedSections=(.*);\n$/.exec(
    readFileSync(join(one, 'search.js'), 'utf8'),
  )![1]!;
  const sections = JSON.parse(data) as { address: string; title: string; text: string }[];
  const found = sections.find(({ address }) => address === 'docs/glossary.html#blocking-power');
  t.regex(found!.text, /a GPU that waits/);
});

test('links become those of the site, and text is text', (t) => {
  const root = repository(t, {
    'README.md': '# Start\n\nSee [a](docs/a.md#two-words), [all](docs/more), <b>bold</b>.\n',
    'docs/a.md':
      '# A & B\n\n## Two words\n\n[back](../README.md) `<i>` ![p](p.svg) [top](#two-words)\n',
    'docs/p.svg': '<svg xmlns="http://www.w3.org/2000/svg"/>',
    'docs/more/README.md': '# More\n\n```js\n1 < 2\n```\n',
    'docs/site/sidebar.json': SIDEBAR,
  });
  const output = join(root, 'out');
  t.is(makeSite(root, output).status, 0);
  t.deepEqual(filesIn(output), [
    'docs/a.html',
    'docs/more/index.html',
    'docs/p.svg',
    'index.html',
    'search.js',
    'site.css',
    'site.js',
  ]);
  const start = readFileSync(join(output, 'index.html'), 'utf8');
  t.true(start.includes('<a href="docs/a.html#two-words">a</a>'));
  t.true(start.includes('<a href="docs/more/index.html">all</a>'));
  t.true(start.includes('<title>Start</title>'));
  const page = readFileSync(join(output, 'docs/a.html'), 'utf8');
  t.true(
    page.includes(
      '<a href="../index.html">back</a> <code>&lt;i&gt;</code> <img src="p.svg" alt="p"> <a href="#two-words">top</a>',
    ),
  );
  t.true(page.includes('<link rel="stylesheet" href="../site.css">'));
  t.true(page.includes('<title>A &#38; B · pipewatt</title>'));
  t.true(page.includes('aria-current="page">A &#38; B</a>'));
  const more = readFileSync(join(output, 'docs/more/index.html'), 'utf8');
  t.true(more.includes('<code class="language-js">1 &lt; 2\n</code>'));
});

test('all links that lead nowhere are named, and nothing is made', (t) => {
  const root = repository(t, {
    'README.md': '# Start\n\n[a](docs/a.md#gone) [b](gone.md)\n\n![c](../outside.svg)\n',
    'docs/a.md': '# A\n\n[self](#nowhere)\n',
    'docs/lost.md': '# Lost\n',
    'docs/site/sidebar.json': SIDEBAR,
  });
  const output = join(root, 'out');
  const { status, stderr } = makeSite(root, output);
  t.is(status, 1);
  t.deepEqual(stderr.trim().split('\n'), [
    'docs/site/sidebar.json: has docs/lost.md 0 times; list it once',
    'README.md:3: gone.md is not there',
    'README.md:5: ../outside.svg is not there',
    'README.md:3: docs/a.md has no heading #gone',
    'docs/a.md:3: docs/a.md has no heading #nowhere',
  ]);
  t.false(readdirSync(root).includes('out'));
});
