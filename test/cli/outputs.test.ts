import {
  copyFileSync,
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { EXIT } from '../../sim/cli/program.js';
import { projectFile } from '../support/files.js';
import { runInProcess } from '../support/in-process.js';

const SCENARIO = `name: two
profile: { csv: profile.csv, blockingPowerW: 80 }
pipeline: { stages: 2, microbatches: 4 }
`;
const SWEEP = `name: sw
base: scenario.yaml
matrix: { pipeline.microbatches: [4, 6] }
`;
const SYNTHESIZED = `name: synth
profile: { model: model.yaml, gpu: a100-sxm, microbatch: 1 }
pipeline: { stages: 2, microbatches: 4 }
`;

const run = (...args: string[]) => runInProcess(args);

/** A folder with one of every input, and other names of the profile. */
function inputs(t: ExecutionContext) {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'pipewatt-outputs-')));
  t.teardown(() => {
    rmSync(folder, { recursive: true });
  });
  const at = (name: string) => join(folder, name);
  copyFileSync(projectFile('test/fixtures/good/two-stages.csv'), at('profile.csv'));
  copyFileSync(projectFile('scenarios/catalog/models/llama-3-8b.yaml'), at('model.yaml'));
  writeFileSync(at('scenario.yaml'), SCENARIO);
  writeFileSync(at('sweep.yaml'), SWEEP);
  writeFileSync(at('synth.yaml'), SYNTHESIZED);
  writeFileSync(at('mine.js'), 'export const planner = { name: "mine", plan: () => undefined };\n');
  symlinkSync(at('profile.csv'), at('link.csv'));
  linkSync(at('profile.csv'), at('hard.csv'));
  mkdirSync(at('below'));
  symlinkSync(folder, at('below/again'));
  const contents = () =>
    Object.fromEntries(
      readdirSync(folder)
        .filter((name) => name !== 'below')
        .map((name) => [name, readFileSync(at(name), 'utf8')]),
    );
  return { folder, at, contents };
}

/** Command lines of which an output is an input, or two outputs are one file; F is the folder. */
const CLASHES: readonly (readonly [string, RegExp])[] = [
  ['run F/scenario.yaml --output F/scenario.yaml', /--output: found .*scenario.yaml, which the/],
  [
    'run F/scenario.yaml --output F/profile.csv',
    /--output: found .*profile.csv, which the command reads;/,
  ],
  ['run F/scenario.yaml --report F/below/../profile.csv', /--report: .*\(as .*\/profile\.csv\)/],
  ['run F/scenario.yaml --report F/link.csv', /--report: .*link.csv.*\(as .*profile\.csv\)/],
  ['run F/scenario.yaml --output F/hard.csv', /--output: .*hard.csv.*\(as .*profile\.csv\)/],
  [
    'run F/scenario.yaml --output F/below/again/profile.csv',
    /an output is never one of the inputs/,
  ],
  [
    'run F/synth.yaml --output F/model.yaml',
    /--output: found .*model.yaml, which the command reads/,
  ],
  [
    'run F/scenario.yaml --planner F/mine.js --output F/mine.js',
    /--output: found .*mine.js, which/,
  ],
  [
    'run F/scenario.yaml --planner "node F/mine.js" --output F/mine.js',
    /--output: found .*mine.js/,
  ],
  [
    'run F/scenario.yaml --output F/x --report F/x',
    /--report: found .*\/x, which is already the file of --output/,
  ],
  [
    'run F/scenario.yaml --output F/x --report F/below/again/x',
    /--report: .*already the file of --output/,
  ],
  ['run F/scenario.yaml --trace F/x.json --output F/x.json', /which is already the file of --/],
  [
    'run F/scenario.yaml --pictures F --output F/timeline.svg',
    /--pictures: found .*timeline.svg, which is/,
  ],
  [
    'sweep F/sweep.yaml --output F/o.duckdb --export F/profile.csv',
    /--export: found .*profile.csv, which the/,
  ],
  [
    'sweep F/sweep.yaml --output F/sweep.yaml',
    /--output: found .*sweep.yaml, which the command reads/,
  ],
  [
    'sweep F/sweep.yaml --output F/o.duckdb --report F/scenario.yaml',
    /--report: found .*scenario.yaml/,
  ],
  [
    'sweep F/sweep.yaml --output F/o.duckdb --report F/o.duckdb',
    /--report: .*the file of --output/,
  ],
  [
    'sweep F/sweep.yaml --output F/o.duckdb --report F/o.duckdb.wal',
    /--report: .*the file of --output/,
  ],
  [
    'sweep F/sweep.yaml --output F/o.csv --export F/o.csv',
    /--export: .*already the file of --output/,
  ],
  [
    'synth --model F/model.yaml --gpu a40 --stages 2 --microbatch 1 --output F/model.yaml',
    /--output: found/,
  ],
  [
    'compare F/mine.js perseus --store F/mine.js',
    /--store: found .*mine.js, which the command reads/,
  ],
  ['compare perseus envpipe --store F/x --report F/x', /which is already the file of --store/],
  [
    'compare perseus --against F/profile.csv --output F/profile.csv',
    /--output: found .*profile.csv/,
  ],
  [
    'results F/profile.csv --export F/hard.csv',
    /--export: found .*hard.csv, which the command reads/,
  ],
];

for (const [command, message] of CLASHES) {
  test.serial(`refused, and nothing is touched: ${command}`, async (t) => {
    const { folder, contents } = inputs(t);
    const before = contents();
    const words = [...command.matchAll(/"([^"]*)"|(\S+)/g)].map(([, a, b]) => a ?? b!);
    const { code, out, err } = await run(
      ...words.map((word) => word.replaceAll('F/', `${folder}/`).replace(/^F$/, folder)),
    );
    t.is(code, EXIT.wrongInput, err);
    t.is(out, '');
    t.regex(err, message);
    t.deepEqual(contents(), before);
  });
}

test.serial('the catalog that comes along is an input too', async (t) => {
  const file = projectFile('scenarios/catalog/gpt3-175b-a40.yaml');
  const before = readFileSync(file, 'utf8');
  const scenario = projectFile('scenarios/gpt3-175b-a40-mb12.yaml');
  const { code, err } = await run('run', scenario, '--output', file);
  t.is(code, EXIT.wrongInput);
  t.regex(err, /--output: found .*gpt3-175b-a40.yaml, which the command reads/);
  t.is(readFileSync(file, 'utf8'), before);
});

test.serial('what is not a plain file may be written to by several', async (t) => {
  const { at } = inputs(t);
  const { code } = await run(
    ...['run', at('scenario.yaml'), '--output', '/dev/null', '--report', '/dev/null'],
  );
  t.is(code, EXIT.ok);
});

test.serial('every file that is written is told on standard error, a line each', async (t) => {
  const { at } = inputs(t);
  const told = async (...args: string[]) => {
    const { code, out, err } = await run(...args);
    t.is(code, EXIT.ok, err);
    const files = err.split('\n').filter((line) => line.startsWith('wrote '));
    const pathOf = (line: string) => line.slice('wrote '.length).replace(/; open it .*$/, '');
    for (const line of files) t.true(existsSync(pathOf(line)), line);
    return { files: files.map((line) => pathOf(line).replace(at('/'), '')), out };
  };
  const outputs = ['--output', at('t.txt'), '--trace', at('t.json.gz'), '--report', at('r.html')];
  const { files, out } = await told(
    ...['run', at('scenario.yaml'), ...outputs, '--pictures', at('pictures')],
  );
  t.is(out, '');
  const pictures = ['timeline', 'power', 'frontier', 'ledger', 'clocks'].map(
    (name) => `pictures/${name}.svg`,
  );
  t.deepEqual(files.sort(), [...pictures.sort(), 'r.html', 't.json.gz', 't.txt']);
  t.deepEqual((await told('run', at('scenario.yaml'))).files, []);
  t.deepEqual(
    (
      await told(
        ...['sweep', at('sweep.yaml'), '--workers', '1', '--output', at('new/o.duckdb')],
        ...['--export', at('o.csv'), '--report', at('s.html')],
      )
    ).files,
    ['o.csv', 's.html', 'new/o.duckdb'],
  );
  t.deepEqual((await told('results', at('new/o.duckdb'), '--export', at('o.parquet'))).files, [
    'o.parquet',
  ]);
  t.deepEqual((await told('results', 'merge', at('m.duckdb'), at('new/o.duckdb'))).files, [
    'm.duckdb',
  ]);
  t.deepEqual(
    (
      await told(
        ...['synth', '--model', 'llama-3-8b', '--gpu', 'a40', '--stages', '2', '--microbatch', '1'],
        ...['--output', at('synth.csv')],
      )
    ).files,
    ['synth.csv'],
  );
});

test.serial('a full disk leaves nothing behind, and is one sentence', async (t) => {
  if (!existsSync('/dev/full')) {
    t.log('left out: there is no /dev/full here');
    t.pass();
    return;
  }
  const { folder, at } = inputs(t);
  const before = readdirSync(folder);
  for (const option of ['--output', '--report']) {
    const { code, err } = await run('run', at('scenario.yaml'), option, '/dev/full');
    t.is(code, EXIT.wrongInput);
    t.is(err, '/dev/full: cannot be written: no space is left\n');
  }
  symlinkSync('/dev/full', at('full.json'));
  const { code, err } = await run('run', at('scenario.yaml'), '--trace', at('full.json'));
  t.is(code, EXIT.wrongInput);
  t.is(err, `${at('full.json')}: cannot be written: no space is left\n`);
  t.deepEqual(readdirSync(folder), [...before, 'full.json'].sort());
});

/** Command lines with outputs that have no name, and what is said of them; F is the folder. */
const NAMELESS: readonly (readonly [string, readonly string[]])[] = [
  [
    'run F/scenario.yaml --trace F/t.json --report EMPTY --pictures EMPTY',
    [
      'pipewatt run, --report: found "", expected the name of a file',
      'pipewatt run, --pictures: found "", expected the name of a folder',
    ],
  ],
  [
    'plan F/profile.csv --microbatches 3 --blocking-power 60 --output EMPTY',
    ['pipewatt plan, --output: found "", expected the name of a file'],
  ],
  [
    'sweep F/sweep.yaml --output EMPTY --export EMPTY --report EMPTY',
    [
      'pipewatt sweep, --output: found "", expected the name of a file',
      'pipewatt sweep, --export: found "", expected the name of a file',
      'pipewatt sweep, --report: found "", expected the name of a file',
    ],
  ],
  [
    'figure ledger F/scenario.yaml --output EMPTY',
    ['pipewatt figure, --output: is missing, expected a name such as figure.pdf'],
  ],
];

for (const [line, expected] of NAMELESS) {
  test(`${line} writes nothing, and says what has no name`, async (t) => {
    const { folder, contents } = inputs(t);
    const before = contents();
    const args = line.split(' ').map((word) => word.replace('EMPTY', '').replace(/^F/, folder));
    const { code, out, err } = await run(...args);
    t.deepEqual([code, out], [EXIT.wrongInput, '']);
    t.deepEqual(err.trimEnd().split('\n'), expected);
    t.deepEqual(contents(), before);
  });
}
