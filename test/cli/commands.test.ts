import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import test from 'ava';
import { COMMANDS } from '../../sim/cli/commands.js';
import {
  declare,
  format,
  number,
  optionalNumber,
  text,
  type Declaration,
} from '../../sim/cli/declare.js';
import { FORMATS, printed } from '../../sim/cli/formats.js';
import { OptionReader } from '../../sim/cli/options.js';
import { commandsFor, EXIT } from '../../sim/cli/program.js';
import { projectFile } from '../support/files.js';
import { runInProcess } from '../support/in-process.js';

const DECLARED: readonly Declaration[] = (await commandsFor()).map(({ declared }) => declared);

test('commands are declared by the names under which they are listed', (t) => {
  t.deepEqual(
    DECLARED.map(({ name }) => name),
    Object.keys(COMMANDS),
  );
});

/** To take over changed help: UPDATE_GOLDEN=1 npx ava test/cli/commands.test.ts, and read the difference. */
test('the help of the program and of every command is the committed one', async (t) => {
  const helps = [];
  for (const name of ['', ...Object.keys(COMMANDS)]) {
    const words = [...name.split(' ').filter((word) => word !== ''), '--help'];
    const { code, out, err } = await runInProcess(words);
    t.is(code, EXIT.ok);
    t.is(err, '');
    helps.push(`$ pipewatt ${words.join(' ')}\n${out}`);
  }
  const golden = projectFile('test/golden/help.txt');
  const all = helps.join('\n');
  if (process.env['UPDATE_GOLDEN'] === '1') writeFileSync(golden, all);
  t.is(all, readFileSync(golden, 'utf8'));
});

/** A command line that is right but for one option: an argument for each that is declared. */
function lineOf({ name, arguments: declared = [] }: Declaration): string[] {
  return [...name.split(' '), ...declared.map(() => 'nowhere')];
}

for (const declared of DECLARED) {
  const option = declared.options?.['--format'];
  if (option === undefined) continue;
  test(`${declared.name} has formats that are known, and suggests the nearest`, async (t) => {
    if (option.kind !== 'choice') {
      t.fail('a format is chosen');
      return;
    }
    for (const name of option.choices) {
      t.true(name in FORMATS, name);
      const { code, err } = await runInProcess([...lineOf(declared), '--format', `${name}x`]);
      t.is(code, EXIT.wrongInput);
      const expected = `--format: found "${name}x", expected ${option.choices.join(', ')}; did you mean "${name}"?`;
      t.true(err.includes(`pipewatt ${declared.name}, ${expected}\n`), err);
    }
  });
}

test('every number that is not one is refused by the command that declares it', async (t) => {
  let count = 0;
  for (const declared of DECLARED) {
    for (const [flag, option] of Object.entries(declared.options ?? {})) {
      if (!('rule' in option)) continue;
      const { code, err } = await runInProcess([...lineOf(declared), flag, 'many']);
      t.is(code, EXIT.wrongInput, `${declared.name} ${flag}`);
      t.true(err.includes(`pipewatt ${declared.name}, ${flag}: found "many", expected a`), err);
      count++;
    }
  }
  t.true(count > 30, String(count));
});

const CLI = 'sim/cli';

/** Modules that a file loads with itself, directly or by way of others; types are no modules then. */
function loadedBy(file: string, found = new Set<string>()): Set<string> {
  if (found.has(file)) return found;
  found.add(file);
  const source = readFileSync(projectFile(file), 'utf8');
  for (const [, target] of source.matchAll(/^(?:import|export)(?! type)[^;]*?from '([^']+)';/gm)) {
    if (target!.startsWith('.')) loadedBy(join(dirname(file), target!.replace(/js$/, 'ts')), found);
    else found.add(target!);
  }
  return found;
}

test('help and every start of the program load nothing heavy', (t) => {
  const files = readdirSync(projectFile(CLI)).filter((name) => name.endsWith('-options.ts'));
  const loaded = new Set(['main.ts', ...files].flatMap((name) => [...loadedBy(`${CLI}/${name}`)]));
  const packages = [...loaded].filter((name) => !/^(?:node:|s(?:im|rc)\/)/.test(name));
  t.deepEqual(packages, ['commander']);
  const elsewhere = [...loaded].filter((name) => /^sim\/(?!cli\/)/.test(name)).sort();
  t.deepEqual(elsewhere, [
    'sim/control/client/uploads.ts',
    'sim/disk/reason.ts',
    'sim/figures/figure-names.ts',
    'sim/judge/suite-names.ts',
    'sim/measurements/import-settings.ts',
    'sim/operators/job-choices.ts',
    'sim/power/trace/power-units.ts',
    'sim/processes/memory-share.ts',
  ]);
  t.deepEqual(
    [...loaded].filter((name) => name.endsWith('-command.ts')),
    [],
  );
});

test('each command is a declaration and an action, side by side', (t) => {
  const names = readdirSync(projectFile(CLI));
  const of = (ending: string) =>
    names.filter((name) => name.endsWith(ending) && name !== `common${ending}`);
  const actions = of('-command.ts').map((name) => name.replace('-command', '-options'));
  t.deepEqual(of('-options.ts').sort(), actions.sort());
  t.is(actions.length, Object.keys(COMMANDS).length);
});

const sample = declare({
  name: 'sample',
  about: 'of every kind of option',
  options: {
    '--file': text('<file>', 'that may be left out', { expected: 'a file' }),
    '--where': text('<place>', 'with a default', { default: 'here' }),
    '--count': number('<n>', 'needed', { min: 1, whole: true }),
    '--power': optionalNumber('<W>', 'left out', { quantity: 'waitingPowerW' }),
    '--format': format('table', ['csv', 'a row each'], 'json'),
  },
});

const terminal = { out: () => undefined, err: () => undefined, isWatched: false };
const reader = (given: Readonly<Record<string, unknown>>) =>
  new OptionReader({ declared: sample, args: [], given, terminal });

test('values have the types that the declaration says', (t) => {
  const options = reader({ count: '3', format: 'CSV', where: 'here' });
  const file: string | undefined = options.get('--file');
  const where: string = options.get('--where');
  const count: number = options.get('--count');
  const power: number | undefined = options.get('--power');
  const chosen: 'table' | 'csv' | 'json' = options.get('--format');
  t.deepEqual([file, where, count, power, chosen], [undefined, 'here', 3, undefined, 'csv']);
  options.finish();
  t.is(sample.options['--format'].about, 'table, csv (a row each) or json');
});

test('problems come in the order of asking, each once, then those that were not asked for', (t) => {
  const options = reader({ power: '-1', format: 'xml' });
  t.deepEqual([options.get('--format'), options.get('--format')], ['table', 'table']);
  t.is(options.needed('--file'), '');
  t.true(options.isRight('--count'));
  const error = t.throws(() => {
    options.finish();
  });
  t.deepEqual(error.message.split('\n'), [
    'pipewatt sample, --format: found "xml", expected table, csv, json',
    'pipewatt sample, --file: is missing, expected a file',
    'pipewatt sample, --count: is missing, expected a whole number of at least 1',
    'pipewatt sample, --power: found "-1", expected a number from 1 to 2000 W',
  ]);
  t.throws(
    () => {
      reader({ power: '-1', format: 'xml' }).gathered().throwIfAny();
    },
    { message: /--count: is missing.*\n.*--power: found.*\n.*--format: found "xml"/ },
  );
});

test('a format prints what it is handed, and nothing else is made', async (t) => {
  const never = () => {
    throw new Error('was not asked for');
  };
  const rows = [{ name: '=a', value: 1.5 }];
  const asked = reader({ count: '1', format: 'csv' }).get('--format');
  t.is(
    await printed(asked, { table: never, csv: () => rows, json: never }),
    "name,value\n'=a,1.5\n",
  );
  t.is(await printed('csv', { csv: () => [] }), '');
  t.is(await printed('csv', { csv: () => 'a\n1\n' }), 'a\n1\n');
  t.is(await printed('json', { json: () => [1] }), '[\n  1\n]\n');
  t.is(await printed('json', { json: () => [1] }, { indent: 1 }), '[\n 1\n]\n');
  t.is(await printed('yaml', { yaml: () => ['a: 1\n', 'b: 2\n'] }), 'a: 1\n---\nb: 2\n');
  t.is(await printed('markdown', { markdown: () => '# a\n' }), '# a\n');
  await t.throwsAsync(printed('json', { json: () => ({ x: NaN }) }), {
    message: 'the figure "x" came out as NaN',
  });
});

test('every option that counts something says what it expects instead of what is no count', (t) => {
  const said = new Set<string>();
  for (const declared of DECLARED) {
    for (const [flag, option] of Object.entries(declared.options ?? {})) {
      if (!('rule' in option) || option.rule.whole !== true) continue;
      for (const typed of ['1.5', '-1', '1e99', '', 'x', '9007199254740993', 'Infinity']) {
        const isRight = typed === '-1' && option.rule.min === undefined;
        const key = flag.slice(2).replace(/-(.)/g, (_, letter: string) => letter.toUpperCase());
        const given = { [key]: typed };
        const options = new OptionReader<Declaration>({ declared, args: [], given, terminal });
        options.get(flag as never);
        t.is(options.isRight(flag as never), isRight, `${declared.name} ${flag} ${typed}`);
        if (isRight) continue;
        const { message } = t.throws(() => {
          options.finish();
        });
        const [, expected = message] = new RegExp(
          `^pipewatt ${declared.name}, ${flag}: found "${typed}", expected (.*)$`,
          'm',
        ).exec(message)!;
        // Limits that nobody chose are named only to those who are beyond them.
        const isBeyond = Math.abs(Number(typed)) > Number.MAX_SAFE_INTEGER;
        if (!isBeyond) t.notRegex(expected, /9007199/);
        said.add(expected.replaceAll(/\d+/g, 'N'));
      }
    }
  }
  t.deepEqual([...said].sort(), [
    'a whole number',
    'a whole number from N to N',
    'a whole number from N to N (MB)',
    'a whole number of at least N',
    'a whole number of at least N, at most N',
    'a whole number, at most N',
  ]);
});
