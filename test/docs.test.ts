import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import test from 'ava';
import { CommanderError, type Command } from 'commander';
import ts from 'typescript';
import { buildProgram, commandsFor } from '../sim/cli/program.js';
import { judgeCases } from '../sim/plugins/judge-cases.js';
import { suiteCases } from '../sim/judge/suites.js';
import { begin } from './support/command.js';
import { projectFile } from './support/files.js';

const PAGES = [
  'README.md',
  ...readdirSync(projectFile('docs'))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
];
const COMMANDS = await commandsFor();
/** Made by `npm run pictures`. */
const PICTURES = ['timeline', 'frontier', 'ledger', 'clocks'];

const textOf = (page: string) => readFileSync(projectFile(page), 'utf8');

/** Their tables are compared with committed ones elsewhere. */
const hasGolden = (args: readonly string[]) =>
  args.length === 2 && args[0] === 'run' && args[1]!.startsWith('scenarios/what-if/');

/** The commands in code blocks and between backticks, as they stand there. */
function mentionedCommands(page: string): string[] {
  const text = textOf(page);
  const lines = [...text.matchAll(/```(?:sh|console)\n(.*?)```/gs)].flatMap(([, block]) =>
    block!.split('\n'),
  );
  const inline = [...text.replaceAll(/```.*?```/gs, '').matchAll(/`([^`]+)`/g)].map(
    ([, code]) => code!,
  );
  return [...lines, ...inline]
    .map((line) => line.trim().replace(/^npx /, ''))
    .filter((line) => line.startsWith('pipewatt '));
}

/** Words of a command as a shell splits them. */
function wordsOf(command: string): string[] {
  return [...command.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain!);
}

/** The program with commands that do nothing: it complains of what it does not know. */
function idleProgram(): Command {
  const ignore = () => undefined;
  const program = buildProgram(COMMANDS, { out: ignore, err: ignore, isWatched: false }, ignore);
  const silence = (command: Command) => {
    command.action(ignore);
    command.commands.forEach(silence);
  };
  program.commands.forEach(silence);
  return program;
}

/** The program's verdict on a command line, without running it; undefined if it is right. */
async function complaintOf(command: string): Promise<string | undefined> {
  try {
    await idleProgram().parseAsync(wordsOf(command).slice(1), { from: 'user' });
    return undefined;
  } catch (error) {
    if (error instanceof CommanderError) return error.message;
    throw error;
  }
}

/** The nonexistent part of a mentioned command: itself, a subcommand, or an option. */
function unknownIn(mention: string): string[] {
  const words = mention.split(/\s+/).slice(1);
  let command: Command = idleProgram();
  for (const word of words) {
    const next = command.commands.find((each) => each.name() === word);
    if (next === undefined) break;
    command = next;
  }
  if (command.parent === null) return [words[0]!];
  const known = ['--help', ...command.options.map(({ long }) => long)];
  const flags = [...mention.matchAll(/--[a-z-]+/g)].map(([flag]) => flag);
  return flags.filter((flag) => !known.includes(flag));
}

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

test('every command of the pages is one, with options that it has', async (t) => {
  let count = 0;
  for (const page of PAGES) {
    for (const mention of mentionedCommands(page)) {
      t.deepEqual(unknownIn(mention), [], `${page}: ${mention}`);
      count++;
    }
    const blocks = [...textOf(page).matchAll(/```(?:sh|console)\n(.*?)```/gs)];
    const lines = blocks.flatMap(([, block]) => block!.split('\n').map((line) => line.trim()));
    for (const line of lines.filter((text) => /^(npx )?pipewatt /.test(text))) {
      t.is(await complaintOf(line.replace(/^npx /, '')), undefined, `${page}: ${line}`);
    }
  }
  t.true(count > 60);
});

test('every option of every command is in its section of docs/commands.md', (t) => {
  const sections = textOf('docs/commands.md').split(/^## /m).slice(1);
  const check = (command: Command, name: string) => {
    const section = sections.find((text) => text.startsWith(`\`pipewatt ${name}`));
    t.truthy(section, name);
    for (const { long } of command.options) t.true(section?.includes(long!), `${name} ${long!}`);
  };
  for (const command of idleProgram().commands) {
    if (command.name() !== 'worker') check(command, command.name());
  }
});

for (const page of PAGES.filter((name) => name !== 'README.md')) {
  const commands = commandsOf(page);
  if (commands.length === 0) continue;
  test(`every command of ${page} works as it stands there`, async (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'pipewatt-docs-'));
    for (const name of ['scenarios', 'examples'])
      symlinkSync(projectFile(name), join(folder, name));
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
