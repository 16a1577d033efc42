import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import test from 'ava';
import { begin } from './support/command.js';
import { projectFile } from './support/files.js';

const PAGES = [
  'README.md',
  ...readdirSync(projectFile('docs'))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
];
/** Made by `npm run pictures`. */
const PICTURES = ['timeline', 'frontier', 'ledger', 'clocks'];

const textOf = (page: string) => readFileSync(projectFile(page), 'utf8');

/** Their tables are compared with committed ones elsewhere. */
const hasGolden = (args: readonly string[]) =>
  args.length === 2 && args[0] === 'run' && args[1]!.startsWith('scenarios/what-if/');

/** Commands in blocks of `sh`; blocks of `console` take long or need what is not there. */
function commandsOf(page: string): string[][] {
  const blocks = [...textOf(page).matchAll(/```sh\n(.*?)```/gs)].map(([, block]) => block!);
  return blocks
    .flatMap((block) => block.split('\n').map((line) => line.trim()))
    .filter((line) => line.startsWith('npx pipewatt '))
    .map((line) => line.split(/\s+/).slice(2))
    .filter((args) => !hasGolden(args));
}

test('links and pictures of the pages are there', (t) => {
  for (const page of PAGES) {
    const links = [...textOf(page).matchAll(/\]\(([^)#\s]+)(?:#[^)]*)?\)/g)].map(([, to]) => to!);
    for (const to of links.filter((link) => !/^[a-z]+:/.test(link))) {
      t.true(existsSync(projectFile(join(dirname(page), to))), `${page} links to ${to}`);
    }
  }
  t.true(PAGES.length > 8);
});

for (const page of PAGES.filter((name) => name !== 'README.md')) {
  const commands = commandsOf(page);
  if (commands.length === 0) continue;
  test(`every command of ${page} works as it stands there`, async (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'pipewatt-docs-'));
    for (const name of ['scenarios', 'test']) symlinkSync(projectFile(name), join(folder, name));
    try {
      for (const args of commands) {
        const { code, out, err } = await begin(args, folder).ended;
        t.is(code, 0, `${args.join(' ')}: ${err}`);
        t.true(out.length > 0 || args.includes('--output'), args.join(' '));
      }
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
}

test('pictures of the docs are what the tool makes', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'pipewatt-pictures-'));
  try {
    const scenario = projectFile('scenarios/quick-start.yaml');
    const { code } = await begin(['run', scenario, '--pictures', folder]).ended;
    t.is(code, 0);
    for (const name of PICTURES) {
      const made = readFileSync(join(folder, `${name}.svg`), 'utf8');
      const committed = textOf(`docs/pictures/${name}.svg`);
      t.true(made === committed, `docs/pictures/${name}.svg: make it anew by npm run pictures`);
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
});
