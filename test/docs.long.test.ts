import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import test from 'ava';
import ts from 'typescript';
import { judgeCases } from '../sim/plugins/judge-cases.js';
import { suiteCases } from '../sim/judge/suites.js';
import { begin } from './support/command.js';
import { PAGES, textOf } from './support/docs.js';
import { projectFile } from './support/files.js';

/** Made by `npm run pictures`. */
const PICTURES = ['timeline', 'frontier', 'ledger', 'clocks'];

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

for (const page of PAGES.filter((name) => name !== 'README.md')) {
  const commands = commandsOf(page);
  if (commands.length === 0) continue;
  test(`every command of ${page} works as it stands there`, async (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'pipewatt-docs-'));
    for (const name of ['scenarios', 'examples'])
      symlinkSync(projectFile(name), join(folder, name));
    // Sweeps write into it.
    cpSync(projectFile('results'), join(folder, 'results'), { recursive: true });
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

/** Compiles a planner of the docs as its reader would; gives the module, or what is wrong with it. */
function compiled(folder: string, name: string, text: string): string[] {
  const file = join(folder, `${name}.ts`);
  writeFileSync(file, text);
  const program = ts.createProgram([file], {
    ...{ module: ts.ModuleKind.NodeNext, moduleResolution: ts.ModuleResolutionKind.NodeNext },
    ...{ target: ts.ScriptTarget.ES2022, strict: true, noUncheckedIndexedAccess: true },
    ...{ skipLibCheck: true, types: [] },
  });
  const { diagnostics } = program.emit();
  return [...ts.getPreEmitDiagnostics(program), ...diagnostics].map(({ messageText }) =>
    ts.flattenDiagnosticMessageText(messageText, '\n'),
  );
}

test('planners of docs/planners.md compile, and are sound', async (t) => {
  const blocks = [...textOf('docs/planners.md').matchAll(/```ts\n(.*?)```/gs)];
  t.is(blocks.length, 3);
  const folder = mkdtempSync(join(tmpdir(), 'pipewatt-planners-'));
  try {
    mkdirSync(join(folder, 'node_modules'));
    symlinkSync(projectFile('.'), join(folder, 'node_modules/pipewatt'));
    writeFileSync(join(folder, 'package.json'), '{"type": "module"}');
    const cases = suiteCases('adversarial', []).filter(({ name }) => name === 'two clocks');
    for (const [k, [, text]] of blocks.entries()) {
      t.deepEqual(compiled(folder, `planner-${k}`, text!), []);
      const url = pathToFileURL(join(folder, `planner-${k}.js`)).href;
      const options = { workers: 1, timeLimitS: 30, onProgress: () => undefined };
      const [judged] = await judgeCases({ kind: 'module', url }, cases, [[]], options);
      t.false('broken' in judged!, JSON.stringify(judged));
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
});
