import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import test, { type ExecutionContext } from 'ava';
import { EXIT, runProgram } from '../../sim/cli/program.js';
import { headingsOf } from '../support/reports.js';
import { projectFile } from '../support/shared-data.js';
import { LoadedTrace } from '../support/trace-format.js';
import { traceFile, traceRows, type TraceRow } from '../support/traces.js';

const SHAPE = { pipelines: 2, stages: 3, microbatches: 6, steps: 4, seed: 1, slowRank: 1 };

/** The trace's rows but for the third step's optimizer, with a kind of operation that nobody knows. */
const ROWS = traceRows(SHAPE).flatMap((row): TraceRow[] => {
  if (row.step === 2 && row.optype === 'optimizer') return [];
  return row.optype === 'gc' ? [row, { ...row, optype: 'checkpoint' }] : [row];
});

/** Runs `pipewatt replay` on a trace; its path reads trace.parquet. */
async function replay(t: ExecutionContext, ...options: string[]) {
  const folder = mkdtempSync(join(tmpdir(), 'pipewatt-test-'));
  t.teardown(() => {
    rmSync(folder, { recursive: true });
  });
  const path = join(folder, 'trace.parquet');
  writeFileSync(path, new Uint8Array(traceFile(ROWS)));
  let [out, err] = ['', ''];
  const code = await runProgram(['replay', path, ...options], {
    out: (text) => (out += text),
    err: (text) => (err += text),
    isWatched: false,
  });
  return { code, out: out.replaceAll(path, 'trace.parquet'), err };
}

test('the table is the committed one', async (t) => {
  const { code, out, err } = await replay(t, '--catalog', 'gpt3-175b-a100-sxm');
  t.deepEqual([code, err], [EXIT.ok, '']);
  const golden = projectFile('test/golden/replay.txt');
  if (process.env['UPDATE_GOLDEN'] === '1') writeFileSync(golden, out);
  t.is(out, readFileSync(golden, 'utf8'));
  const longest = Math.max(...out.split('\n').map((line) => line.length));
  t.true(longest <= 80, `${longest} columns`);
});

test('CSV has a row per step, and standard error what is not in it', async (t) => {
  const { code, out, err } = await replay(t, '--format', 'csv');
  t.is(code, EXIT.ok);
  const [head, ...rows] = out.trimEnd().split('\n');
  t.is(head, 'trace,step,recorded_s,replayed_s,error_pct,published_replay_s,ideal_s,slowdown');
  t.deepEqual(
    rows.map((row) => row.split(',').slice(0, 2)),
    [0, 1, 3].map((step) => ['trace.parquet', String(step)]),
  );
  t.is(
    err,
    'checkpoint is left out: it is not known what it waits for.\n' +
      'Step 2 is not replayed: rank 0 lacks optimizer, rank 1 lacks optimizer, rank 2 lacks optimizer, and 3 more.\n',
  );
});

test('JSON has everything; power and GPUs per rank may be given', async (t) => {
  const run = async (...options: string[]) => {
    const { code, out } = await replay(t, '--format', 'json', ...options);
    t.is(code, EXIT.ok);
    return JSON.parse(out) as {
      broken: { step: number }[];
      energy: { gpusPerRank: number; policies: { energyJ: number }[] } | null;
    };
  };
  const plain = await run();
  t.is(plain.energy, null);
  t.deepEqual(
    plain.broken.map(({ step }) => step),
    [2],
  );
  const catalog = ['--catalog', 'gpt3-175b-a100-sxm'];
  const { energy } = await run(...catalog);
  t.is(energy!.gpusPerRank, 1);
  const usedJ = energy!.policies[0]!.energyJ;
  const twice = await run(...catalog, '--tensor-parallel', '2');
  t.true(Math.abs(twice.energy!.policies[0]!.energyJ / usedJ - 2) < 1e-12);
  const frugal = await run(...catalog, '--blocking-power', '1');
  t.true(frugal.energy!.policies[0]!.energyJ < 0.9 * usedJ);
});

test('a stage profile may be attached instead, also one that was not measured', async (t) => {
  const profileOf = (column: string, value: string) =>
    [
      `stage,instruction,frequency,time,energy${column}`,
      ...['forward', 'backward'].flatMap((kind) => [
        `0,${kind},1000,1,300${value}`,
        `0,${kind},800,1.1,260${value}`,
      ]),
    ].join('\n');
  const folder = mkdtempSync(join(tmpdir(), 'pipewatt-test-'));
  t.teardown(() => {
    rmSync(folder, { recursive: true });
  });
  const own = join(folder, 'own.csv');
  writeFileSync(own, profileOf('', ''));
  const measured = await replay(t, '--profile', own, '--blocking-power', '80');
  t.deepEqual([measured.code, measured.err], [EXIT.ok, '']);
  t.regex(measured.out, /^perseus +[\d.]+ /m);
  t.regex(measured.out, /depend\s+on\s+the\s+clock\s+like\s+those\s+of\s+.*own\.csv/s);
  writeFileSync(own, profileOf(',synthesized_efficiency', ',0.5'));
  const made = await replay(t, '--profile', own, '--blocking-power', '80');
  t.is(made.out, measured.out);
  t.regex(made.err, /^not measured: .* left out one by one were off by/);
});

test('--report shows who is slow, --trace every step; both are the same each time', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'pipewatt-test-'));
  t.teardown(() => {
    rmSync(folder, { recursive: true });
  });
  const write = async (name: string, ...options: string[]) => {
    const [html, json] = [join(folder, `${name}.html`), join(folder, `${name}.json.gz`)];
    const { code, err } = await replay(t, ...options, '--report', html, '--trace', json);
    t.deepEqual(
      [code, err],
      [EXIT.ok, `wrote ${json}; open it at ui.perfetto.dev\nwrote ${html}; open it in a browser\n`],
    );
    const trace = gunzipSync(readFileSync(json)).toString();
    return {
      html: readFileSync(html, 'utf8').replaceAll(name, 'NAME'),
      trace,
      headings: headingsOf(t, html),
    };
  };
  const plain = await write('plain');
  t.deepEqual(plain.headings, [
    'One step: step 3',
    ...['Who is slow', 'What if', 'Who is slow when'],
    ...['Step times, and errors of the replay', 'Every rank', 'Every step'],
    ...['How to read it', 'Run it again'],
  ]);
  t.deepEqual(new LoadedTrace(plain.trace).processes, ['recorded', 'replayed']);
  t.true(plain.html.includes('Rank 1 (pipeline 0, stage 1) computes'));
  t.true(plain.html.includes('npx pipewatt replay trace.parquet --report NAME.html'));
  t.false(plain.html.includes(tmpdir()), 'no folder of this machine');
  const catalog = ['--catalog', 'gpt3-175b-a100-sxm', '--step', '1'];
  const planned = await write('once-planned', ...catalog);
  t.true(planned.headings[0]!.endsWith('step 1'));
  t.true(planned.headings.includes('Energy on GPT-3 175B on NVIDIA A100 SXM'));
  t.deepEqual(new LoadedTrace(planned.trace).processes, ['recorded', 'replayed', 'planned']);
  const again = await write('once-more', ...catalog);
  t.true(again.html === planned.html && again.trace === planned.trace);
});

test('wrong names and steps are refused together, and nothing is written', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'pipewatt-test-'));
  t.teardown(() => {
    rmSync(folder, { recursive: true });
  });
  const html = join(folder, 'r.html');
  const wrong = await replay(
    t,
    '--trace',
    join(folder, 'r.txt'),
    '--step',
    '1.5',
    '--report',
    folder,
  );
  t.deepEqual([wrong.code, wrong.out], [EXIT.wrongInput, '']);
  t.deepEqual(wrong.err.trimEnd().split('\n').length, 3);
  t.regex(
    wrong.err,
    /--trace: found ".*r\.txt", expected a name that ends in \.json\.gz or \.json/,
  );
  t.regex(wrong.err, /--step: found "1\.5", expected a whole number$/m);
  for (const [step, expected] of [
    ['1e99', 'found "1e99", expected a whole number, at most 9007199254740991'],
    ['', 'found "", expected a whole number'],
    ['x', 'found "x", expected a whole number'],
    ['-1', 'found -1, expected a step that is replayed: 0, 1, 3'],
  ] as const) {
    const { code, err } = await replay(t, '--step', step, '--report', html);
    t.deepEqual([code, err], [EXIT.wrongInput, `pipewatt replay, --step: ${expected}\n`]);
  }
  const absent = await replay(t, '--step', '2', '--report', html);
  t.deepEqual(
    [absent.code, absent.err],
    [
      EXIT.wrongInput,
      'pipewatt replay, --step: found 2, expected a step that is replayed: 0, 1, 3\n',
    ],
  );
  const alone = await replay(t, '--step', '1');
  t.is(alone.err, 'pipewatt replay, --step: is for the --report, which is missing\n');
  t.deepEqual(readdirSync(folder), []);
});

test('two sources of curves, or one without blocking power, are refused', async (t) => {
  const both = await replay(t, '--profile', 'a.csv', '--catalog', 'gpt3-175b-a100-sxm');
  t.deepEqual([both.code, both.out], [EXIT.wrongInput, '']);
  t.is(
    both.err,
    'pipewatt replay, --catalog, --profile: found both, expected one of them\n' +
      'pipewatt replay, --blocking-power: is missing, expected a number from 1 to 2000 W\n',
  );
  const absent = await replay(t, '--profile', 'nowhere.csv', '--blocking-power', '80');
  t.is(absent.code, EXIT.wrongInput);
  t.regex(absent.err, /--profile: nowhere\.csv cannot be read/);
});

test('an unknown catalog entry is refused', async (t) => {
  const { code, out, err } = await replay(t, '--catalog', 'gpt3-175b-a100');
  t.deepEqual([code, out], [EXIT.wrongInput, '']);
  t.regex(
    err,
    /^pipewatt replay, --catalog: found "gpt3-175b-a100", expected one of .*did you mean/,
  );
});
