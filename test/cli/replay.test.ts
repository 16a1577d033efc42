import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { EXIT, runProgram } from '../../sim/cli/program.js';
import { projectFile } from '../support/shared-data.js';
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
  t.true(longest <= 120, `${longest} columns`);
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
