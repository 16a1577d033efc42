import { readFileSync } from 'node:fs';
import test from 'ava';
import fc from 'fast-check';
import { InputError } from '../../src/errors.js';
import { replayEnergy } from '../../sim/studies/replay-energy.js';
import { replayTrace } from '../../sim/studies/replay-trace.js';
import { stepGraphs } from '../../sim/trace/step-graph.js';
import { readTrace, traceOfRows } from '../../sim/trace/read-trace.js';
import { checkProperty } from '../support/properties.js';
import { sharedDataPath, testWithSharedData } from '../support/shared-data.js';
import { traceFile, traceRows, type TraceRow } from '../support/traces.js';

const anyShape = fc.record({
  pipelines: fc.integer({ min: 1, max: 3 }),
  stages: fc.integer({ min: 1, max: 4 }),
  microbatches: fc.integer({ min: 1, max: 6 }),
  steps: fc.integer({ min: 1, max: 2 }),
  seed: fc.nat(),
});

const SHAPE = { pipelines: 2, stages: 3, microbatches: 4, steps: 2, seed: 1 };

test('a step replayed with its own durations takes what it took', async (t) => {
  await checkProperty(
    t,
    anyShape,
    (shape) => {
      const replay = replayTrace(traceOfRows(traceRows(shape), 'made up'));
      const { pipelines, stages, microbatches, steps } = shape;
      if (replay.steps.length !== steps) throw new Error('not all steps');
      const size = [replay.pipelines, replay.stages, replay.microbatches].join(' ');
      if (size !== [pipelines, stages, microbatches].join(' ')) throw new Error(size);
      for (const { recordedS, replayedS } of replay.steps) {
        if (Math.abs(replayedS / recordedS - 1) > 1e-9) {
          throw new Error(`replayed ${replayedS} s, recorded ${recordedS} s`);
        }
      }
    },
    100,
  );
});

test('a Parquet file gives the trace of its rows, whatever the order of the rows', async (t) => {
  const rows = traceRows(SHAPE);
  const plain = replayTrace(traceOfRows(rows, 'a'));
  t.deepEqual(replayTrace(await readTrace(traceFile(rows), 'a')), plain);
  t.deepEqual(replayTrace(await readTrace(traceFile(rows.toReversed()), 'a')), plain);
});

test('a transfer takes what it takes once both sides have begun, whatever its batch waits for', (t) => {
  const trace = traceOfRows(traceRows({ ...SHAPE, microbatches: 8 }), 'a');
  const [graph] = stepGraphs(trace).graphs;
  const transfers = [...graph!.ownS].filter((_, i) =>
    /-(send|recv)$/.test(trace.kinds[graph!.kind[i]!]!),
  );
  t.is(transfers.length, 2 * 2 * 2 * 2 * 8);
  for (const timeS of transfers) t.true(timeS < 0.004 + 1e-9, String(timeS));
});

test('a slow worker is found, and fixing it is worth what it cost', (t) => {
  const rows = traceRows({ ...SHAPE, microbatches: 12, slowRank: 4 });
  const { whatIfs, slowdown } = replayTrace(traceOfRows(rows, 'slow'));
  t.regex(whatIfs[3]!.name, /pipeline 1, stage 1/);
  t.true(slowdown > 1.7, String(slowdown));
  t.true(whatIfs[3]!.savedPct > 40, String(whatIfs[3]!.savedPct));
  t.true(whatIfs[4]!.savedPct < 10, 'with all others fixed it is still slow');
});

test('steps that cannot be replayed are named and left out', (t) => {
  const rows = traceRows(SHAPE).filter(
    ({ step, stage, dp_rank, optype, seq_id }) =>
      !(step === 1 && stage === 1 && dp_rank === 0 && optype === 'forward-recv' && seq_id === 2),
  );
  const { steps, broken, leftOutKinds } = replayTrace(traceOfRows(rows, 'a'));
  t.deepEqual(
    steps.map(({ step }) => step),
    [0],
  );
  t.is(broken.length, 1);
  t.regex(broken[0]!.reason, /forward-send 3 of pipeline 0, stage 0 has no counterpart/);
  t.deepEqual(leftOutKinds, ['optimizer']);
});

test('what is no trace is refused with all that is wrong', async (t) => {
  const rows = traceRows({ ...SHAPE, steps: 1 });
  const refused = async (file: ArrayBuffer) => {
    const error = await t.throwsAsync(readTrace(file, 't.parquet'), { instanceOf: InputError });
    return error.message;
  };
  t.regex(await refused(new ArrayBuffer(40)), /^t\.parquet: is not readable as Parquet/);
  const narrow = rows.map(({ dp_rank, stage, rank, step }) => ({ dp_rank, stage, rank, step }));
  t.regex(
    await refused(traceFile(narrow as unknown as TraceRow[])),
    /^t\.parquet: lacks the columns optype, start_ts, duration, seq_id; there are dp_rank/,
  );
  const wrong = (change: Partial<Record<keyof TraceRow, unknown>>) =>
    t.throws(
      () =>
        traceOfRows(
          [
            { ...rows[0]!, ...change },
            { ...rows[1]!, stage: 0.5 },
          ],
          't',
        ),
      {
        instanceOf: InputError,
      },
    ).message;
  t.is(
    wrong({ duration: -1 }),
    't, row 1, stage: found 0.5, expected a whole number ≥ 0\nt, row 0, duration: found -1, expected seconds, 0 or more',
  );
  t.regex(wrong({ start_ts: 'soon' }), /row 0, start_ts: found "soon", expected a time in seconds/);
  t.throws(() => traceOfRows([], 't'), { message: 't: holds no operations' });
  const alien = rows.map((row) => ({ ...row, optype: 'mystery' }));
  t.throws(() => replayTrace(traceOfRows(alien, 't')), {
    message: /no step can be replayed: there are no operations of a kind that is known/,
  });
});

const CURVE = {
  forward: [
    { frequencyMHz: 1400, timeS: 0.1, energyJ: 40 },
    { frequencyMHz: 1200, timeS: 0.11, energyJ: 34 },
    { frequencyMHz: 1000, timeS: 0.13, energyJ: 31 },
  ],
  backward: [
    { frequencyMHz: 1400, timeS: 0.2, energyJ: 80 },
    { frequencyMHz: 1200, timeS: 0.22, energyJ: 68 },
    { frequencyMHz: 1000, timeS: 0.26, energyJ: 62 },
  ],
};

test('energy: power × time at the highest clock, and clocks that save without slowing', (t) => {
  const shape = { pipelines: 2, stages: 2, microbatches: 6, steps: 2, seed: 4 };
  const rows = traceRows(shape).map((row) =>
    row.optype.endsWith('-compute') && row.stage === 0
      ? { ...row, duration: row.duration / 2 }
      : row,
  );
  const trace = traceOfRows(rows, 'a');
  const [max, perseus] = replayEnergy(trace, { curve: CURVE, blockingPowerW: 80, gpusPerRank: 4 });
  const computedS = rows
    .filter(({ optype }) => optype.endsWith('-compute'))
    .reduce((sum, { duration }) => sum + duration, 0);
  const stepsS = 2 * max!.meanStepTimeS;
  const expectedJ = 4 * (400 * computedS + 80 * (4 * stepsS - computedS));
  t.true(Math.abs(max!.energyJ / expectedJ - 1) < 1e-9);
  t.is(max!.savingPct, 0);
  t.true(perseus!.savingPct > 3, `saves ${perseus!.savingPct} %`);
  t.true(Math.abs(perseus!.slowdownPct) < 6, `slows by ${perseus!.slowdownPct} %`);
});

test('energy of what is not 1F1B is refused', (t) => {
  const rows = traceRows({ ...SHAPE, steps: 1 });
  const other = rows.map((row) =>
    row.optype.endsWith('-compute') && row.stage === 2
      ? { ...row, optype: row.optype.startsWith('f') ? 'backward-compute' : 'forward-compute' }
      : row,
  );
  t.throws(
    () =>
      replayEnergy(traceOfRows(other, 'a'), { curve: CURVE, blockingPowerW: 80, gpusPerRank: 1 }),
    { instanceOf: InputError, message: /stage 2 does not run 1F1B/ },
  );
});

interface Published {
  readonly tori: number;
  readonly tideal: number;
  readonly trem: number;
  readonly tadd: number;
}

for (const name of ['AR', 'ST']) {
  testWithSharedData(
    `trace ${name}: step times within 1 %, totals within 1 % of those published`,
    async (t) => {
      const published = (kind: 'ms' | 'mw') =>
        JSON.parse(
          readFileSync(sharedDataPath(`bytedance/${kind}-${name}.json`), 'utf8'),
        ) as Published;
      const bytes = readFileSync(sharedDataPath(`bytedance/trace-${name}.parquet`));
      const file = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength);
      const replay = replayTrace(await readTrace(file, name));
      const [ideal, lastFixed, onlyLast, workerFixed, onlyWorker] = replay.whatIfs;
      const { tori, tideal, trem, tadd } = published('ms');
      const worker = published('mw');
      t.deepEqual(replay.broken, []);
      t.true(replay.meanErrorPct <= 1, `mean error ${replay.meanErrorPct} %`);
      const compared: [string, number, number][] = [
        ['recorded', replay.meanRecordedS, tori],
        ['replayed', replay.meanReplayedS, tori],
        ['ideal', ideal!.stepTimeS, tideal],
        ['last stage fixed', lastFixed!.stepTimeS, trem],
        ['only last stage slow', onlyLast!.stepTimeS, tadd],
        ['worker fixed', workerFixed!.stepTimeS, worker.trem],
        ['only worker slow', onlyWorker!.stepTimeS, worker.tadd],
      ];
      t.log(
        `step times: ${replay.meanErrorPct.toFixed(2)} % mean error, ${replay.worstErrorPct.toFixed(2)} % worst`,
      );
      for (const [what, found, expected] of compared) {
        const pct = 100 * (found / expected - 1);
        t.log(
          `${what}: ${found.toFixed(4)} s, published ${expected.toFixed(4)} s, ${pct.toFixed(2)} %`,
        );
        t.true(Math.abs(pct) <= 1, what);
      }
    },
  );
}
