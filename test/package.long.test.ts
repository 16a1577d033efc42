import { spawn, spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import ts from 'typescript';
import {
  allExamples,
  compiled,
  expectedLines,
  exportedNames,
  printedLines,
  STRICT,
  writeExampleFiles,
} from './support/examples.js';
import { projectFile } from './support/files.js';

const VERSION = (
  JSON.parse(readFileSync(projectFile('package.json'), 'utf8')) as { version: string }
).version;

/** The parts of a checkout besides the products of npm and the build. */
const LEFT_OUT = new Set(['node_modules', 'dist', 'coverage', '.git']);

/** A copy of the checkout with its installed packages, to build in; gone when the test ends. */
function checkoutCopy(t: ExecutionContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'pipewatt-checkout-'));
  t.teardown(() => {
    rmSync(folder, { recursive: true, force: true });
  });
  for (const name of readdirSync(projectFile('.')).filter((each) => !LEFT_OUT.has(each))) {
    cpSync(projectFile(name), join(folder, name), { recursive: true });
  }
  symlinkSync(projectFile('node_modules'), join(folder, 'node_modules'));
  return folder;
}

/** Runs a program; its standard output. */
function run(t: ExecutionContext, cwd: string, program: string, ...args: string[]): string {
  const { status, stdout, stderr, error } = spawnSync(program, args, { cwd, encoding: 'utf8' });
  t.is(status, 0, `${program} ${args.join(' ')}: ${error?.message ?? ''}${stderr}${stdout}`);
  return stdout;
}

test.serial('the command can be run after every build, also the second one', (t) => {
  const folder = checkoutCopy(t);
  const bin = join(folder, 'pipewatt');
  // As npm makes it: a link that is executed, not a file that is handed to node.
  symlinkSync(join(folder, 'dist/sim/cli/main.js'), bin);
  for (const script of ['build', 'build', 'compile']) {
    run(t, folder, 'npm', 'run', script);
    t.is(run(t, folder, bin, '--version'), `${VERSION}\n`, script);
  }
});

/** Commands of a page that a folder without anything else can run, as they stand there. */
function commandsOf(page: string): string[] {
  return [...page.matchAll(/`npx (pipewatt [^`]+)`/g)].map(([, command]) => command!);
}

/** Stand-ins for the reader's files, and settings that make long commands short. */
const STAND_INS: readonly (readonly [RegExp, string])[] = [
  [/\bSCENARIO\b/, 'scenarios/quick-start.yaml'],
  [/\bPROFILE\.csv --stages 8\b/, 'examples/two-stages.csv --stages 2'],
  [/\bPROFILE\.csv\b/, 'examples/two-stages.csv'],
  [/\bmeasured\/ /, 'examples/two-stages.csv '],
  [/^pipewatt sweep .*/, '$& --dry-run'],
  [/^pipewatt robustness .*/, '$& --seeds 1'],
];

/** Need a file that does not come along, or wait for somebody. */
const NOT_ALONE = /^pipewatt (replay TRACE|results FILE$|explore$|serve |init$)/;

test.serial(
  'a packed and installed pipewatt does what its README and docs/index.md say',
  async (t) => {
    const checkout = checkoutCopy(t);
    run(t, checkout, 'npm', 'pack');
    const folder = mkdtempSync(join(tmpdir(), 'pipewatt-installed-'));
    t.teardown(() => {
      rmSync(folder, { recursive: true, force: true });
    });
    const tarball = join(checkout, `pipewatt-${VERSION}.tgz`);
    run(t, folder, 'npm', 'install', '--no-audit', '--no-fund', '--prefer-offline', tarball);
    const installed = join(folder, 'node_modules/pipewatt');
    const bin = join(folder, 'node_modules/.bin/pipewatt');
    t.is(run(t, folder, bin, '--version'), `${VERSION}\n`);
    checkLinks(t, installed);
    // The README's own planner.
    mkdirSync(join(installed, 'dist'), { recursive: true });
    const perseus = join(installed, 'dist/src/planner/perseus/perseus.js');
    writeFileSync(
      join(installed, 'dist/mine.js'),
      `import { perseus } from ${JSON.stringify(perseus)};\nexport const planner = { ...perseus, name: 'mine' };\n`,
    );
    const pages = ['README.md', 'docs/index.md'];
    const commands = new Set(
      pages.flatMap((page) => commandsOf(readFileSync(join(installed, page), 'utf8'))),
    );
    t.true(commands.size >= 25, String(commands.size));
    for (const command of [...commands].filter((each) => !NOT_ALONE.test(each))) {
      const words = STAND_INS.reduce((text, [what, by]) => text.replace(what, by), command);
      const out = run(t, installed, bin, ...words.split(/\s+/).slice(1));
      t.true(out.length > 0 || /--output|--report/.test(words), words);
    }
    await checkExplorer(t, installed, bin);
    const { size } = statSync(tarball);
    t.true(size < LARGEST_TARBALL, String(size));
    checkLibrary(t, folder, bin);
  },
);

/** Bytes; source maps and tests are not in it. */
const LARGEST_TARBALL = 2_350_000;

/** The ways in which users compile: for Node.js, or for a bundler. */
const RESOLUTIONS: readonly ts.CompilerOptions[] = [
  { module: ts.ModuleKind.Node16, moduleResolution: ts.ModuleResolutionKind.Node16 },
  { module: ts.ModuleKind.ESNext, moduleResolution: ts.ModuleResolutionKind.Bundler },
];

/** The package can be imported by JavaScript and strict TypeScript, and by nothing but its exports. */
function checkLibrary(t: ExecutionContext, folder: string, bin: string): void {
  writeExampleFiles(folder);
  const examples = allExamples(exportedNames());
  const files = examples.map(({ text }, k) => {
    writeFileSync(join(folder, `example-${k}.ts`), text);
    return join(folder, `example-${k}.ts`);
  });
  const { types: _, ...strict } = STRICT;
  for (const resolution of RESOLUTIONS) {
    t.deepEqual(compiled(files, { ...strict, ...resolution }), []);
  }
  t.deepEqual(
    printedLines(
      folder,
      examples.map((_, k) => `example-${k}.js`),
    ),
    examples.map(expectedLines),
  );
  // A planner of the pages, by the command line.
  const slack = examples.findIndex(({ name }) => name === 'docs/planners.md 2');
  const planner = ['--planner', `./example-${slack}.js`, '--format', 'csv'];
  const rows = run(t, folder, bin, 'run', 'scenario.yaml', ...planner)
    .trim()
    .split('\n');
  t.deepEqual(
    rows.map((row) => row.split(',')[1]),
    ['policy', 'max-frequency', 'zeus-global', 'perseus', `./example-${slack}.js`],
  );
  const node = (code: string) =>
    run(t, folder, process.execPath, '--input-type=module', '-e', code);
  const quickStart = JSON.stringify(
    join(folder, 'node_modules/pipewatt/scenarios/quick-start.yaml'),
  );
  const saved = node(`
    import { readScenario, runScenario } from 'pipewatt';
    const run = await runScenario(await readScenario(${quickStart}));
    console.log(run.rows.find(({ policy }) => policy === 'perseus').simulated_saving_pct.toFixed(2));
  `);
  t.is(saved, '27.62\n');
  const sweep = `
    import { readSweep, runSweep } from 'pipewatt';
    for await (const { rows } of runSweep(await readSweep('sweep.yaml'))) console.log(rows.length);
  `;
  t.is(node(sweep), '3\n3\n');
  const required = run(t, folder, process.execPath, '-p', "typeof require('pipewatt').runScenario");
  t.regex(required, /function/);
  for (const path of ['dist/sim/library/index.js', 'dist/src/planner/planner.js', 'sim/library']) {
    const refused = `import('pipewatt/${path}').catch(({ code }) => console.log(code))`;
    t.is(node(refused), 'ERR_PACKAGE_PATH_NOT_EXPORTED\n');
  }
}

/** Files that the pages of the package link to are in the package. */
function checkLinks(t: ExecutionContext, installed: string): void {
  const pages = [
    'README.md',
    ...readdirSync(join(installed, 'docs')).map((name) => `docs/${name}`),
  ];
  const markdown = pages.filter((name) => name.endsWith('.md'));
  t.true(markdown.length > 8);
  for (const page of markdown) {
    const text = readFileSync(join(installed, page), 'utf8');
    const links = [...text.matchAll(/\]\(([^)#\s]+)(?:#[^)]*)?\)/g)].map(([, to]) => to!);
    for (const to of links.filter((link) => !/^[a-z]+:/.test(link))) {
      t.true(existsSync(join(installed, dirname(page), to)), `${page} links to ${to}`);
    }
  }
}

/** The what-if page is in the package: `explore` serves it. */
async function checkExplorer(t: ExecutionContext, cwd: string, bin: string): Promise<void> {
  const server = spawn(bin, ['explore', '--port', '0'], {
    cwd,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  try {
    const address = await new Promise<string>((resolve) => {
      server.stdout.once('data', (data: Buffer) => {
        resolve(data.toString().trim());
      });
    });
    const page = await fetch(address);
    t.is(page.status, 200);
    t.regex(await page.text(), /<title>/);
  } finally {
    server.kill();
  }
}
