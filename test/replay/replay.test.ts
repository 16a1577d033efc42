import { readFileSync } from 'node:fs';
import test from 'ava';
import fc from 'fast-check';
import { parquetReadObjects } from 'hyparquet';
import { mean, median } from 'simple-statistics';
import { InputError } from '../../src/errors.js';
import { replayEnergy } from '../../sim/replay/replay-energy.js';
import { replayTrace, type TraceReplay, type WhatIf } from '../../sim/replay/replay-trace.js';
import { gpusPerRank } from '../../sim/replay/traced-job.js';
import { readTrace, traceOfRows } from '../../sim/replay/read-trace.js';
import { replayStep } from '../../sim/replay/replay.js';
import { silentDelays } from '../../sim/replay/silences.js';
import { stepGraphs } from '../../sim/replay/step-graph.js';
import { checkProperty } from '../support/properties.js';
import { sharedDataPath, testWithSharedData } from '../support/shared-data.js';
import { simulatedRows } from '../support/simulated-trace.js';
import { traceFile, traceRows, type TraceRow, type TraceShape } from '../support/traces.js';

const anyShape = fc.record({
  pipelines: fc.integer({ min: 1, max: 3 }),
  stages: fc.integer({ min: 1, max: 4 }),
  microbatches: fc.integer({ min: 1, max: 6 }),
  steps: fc.integer({ min: 1, max: 2 }),
  chunks: fc.integer({ min: 1, max: 3 }),
  ranksPerStage: fc.integer({ min: 1, max: 2 }),
  addsUpBeside: fc.boolean(),
  isBlocking: fc.boolean(),
  seed: fc.nat(),
});

const SHAPE = { pipelines: 2, stages: 3, microbatches: 4, steps: 2, seed: 1 };

/** Blocking transfers are made up for one part of the model per stage only. */
function possible(shape: TraceShape): TraceShape {
  return shape.isBlocking === true ? { ...shape, chunks: 1, addsUpBeside: false } : shape;
}

function near(found: number, expected: number, what: string, atMost = 0): void {
  if (Math.abs(found - expected) <= atMost + 1e-9 * Math.max(1, Math.abs(expected))) return;
  throw new Error(`${what}: found ${found}, expected ${expected}`);
}

test('a step replayed with its own durations takes what it took', async (t) => {
  await checkProperty(
    t,
    anyShape,
    (any) => {
      const shape = possible(any);
      const replay = replayTrace(traceOfRows(traceRows(shape), 'made up'));
      const { pipelines, stages, steps, chunks = 1, ranksPerStage = 1 } = shape;
      near(replay.steps.length, steps, 'steps');
      near(replay.pipelines, pipelines, 'pipelines');
      near(replay.stages, stages, 'stages');
      near(replay.modelStages, stages * chunks, 'parts of the model');
      near(replay.workers, pipelines * stages * ranksPerStage, 'workers');
      for (const { recordedS, replayedS, publishedS } of replay.steps) {
        // Which transfers a computation waited for is told from the times, to a fifth of a millisecond.
        const untoldS = shape.isBlocking === true ? 0 : 0.005;
        near(replayedS, recordedS, 'replayed', untoldS);
        if (shape.isBlocking !== true) near(publishedS, recordedS, 'as published');
      }
    },
    150,
  );
});

test('with recorded delays too, every operation begins and ends when it did', async (t) => {
  await checkProperty(
    t,
    anyShape,
    (any) => {
      const rows = traceRows(possible(any));
      // Whatever comes between: every rank begins everything later by what came before it.
      const late = rows.map((row, i) => ({
        ...row,
        start_ts: 100 * row.step + row.start_ts + 1e-6 * (i % 7),
      }));
      const trace = traceOfRows(late, 'made up');
      for (const graph of stepGraphs(trace).overlapped) {
        const { startS, endS } = replayStep(graph, graph.ownS, graph.delayS);
        const beginS = Math.min(...Array.from(graph.operation, (i) => trace.startS[i]!));
        graph.operation.forEach((i, k) => {
          near(beginS + startS[k]!, trace.startS[i]!, 'start');
          near(beginS + endS[k]!, trace.startS[i]! + trace.durationS[i]!, 'end');
        });
      }
    },
    100,
  );
});

test('a gap in which nothing runs in the whole job is kept, on every worker that was idle', (t) => {
  const rows = traceRows({ ...SHAPE, steps: 12 });
  const isOf = (row: TraceRow, step: number) => row.step === step;
  const lastS = Math.max(
    ...rows
      .filter((row) => isOf(row, 5) && row.optype.endsWith('-compute'))
      .map((row) => row.start_ts + row.duration),
  );
  // In step 5 the host of one worker is busy for 0.7 s before it adds up gradients; all wait for it.
  const paused = rows.map((row) => {
    const { start_ts, duration } = row;
    if (!isOf(row, 5) || start_ts + duration <= lastS + 1e-9) return row;
    // Operations that began earlier have not met the others yet.
    return start_ts >= lastS - 1e-9
      ? { ...row, start_ts: start_ts + 0.7 }
      : { ...row, duration: duration + 0.7 };
  });
  const plain = replayTrace(traceOfRows(rows, 'a'));
  const replay = replayTrace(traceOfRows(paused, 'a'));
  replay.steps.forEach(({ step, recordedS, replayedS }, k) => {
    const gapS = step === 5 ? 0.7 : 0;
    near(recordedS, plain.steps[k]!.recordedS + gapS, 'recorded');
    near(replayedS, plain.steps[k]!.replayedS + gapS, `replayed step ${step}`);
  });
  t.true(replay.replayedError.worstPct < 0.1);
});

test('silent is what of a delay nothing ran in; what others ran in was waiting', (t) => {
  // Operation 0 runs from 0 to 2, 1 from 1 to 3; 2 and 3 meet, begun at 3.5 and 5, done at 6; 4 at 8.
  const times = {
    startS: Float64Array.of(0, 1, 3.5, 5, 8),
    ownS: Float64Array.of(2, 2, 1, 1, 1),
    group: Int32Array.of(-1, -1, 0, 0, -1),
    groupStart: Int32Array.of(0, 2),
    member: Int32Array.of(2, 3),
  };
  // Nothing runs from 3 to 5 and from 6 to 8.
  const delayS = Float64Array.of(0, 1, 1.5, 2, 6.5);
  t.deepEqual([...silentDelays(times, delayS)], [0, 0, 0.5, 2, 4]);
});

test('what the simulator executes is replayed exactly', async (t) => {
  await checkProperty(
    t,
    fc.record({
      stages: fc.integer({ min: 1, max: 4 }),
      microbatches: fc.integer({ min: 1, max: 8 }),
      chunks: fc.integer({ min: 1, max: 3 }),
      seed: fc.nat(),
    }),
    ({ stages, microbatches, chunks, seed }) => {
      const { rows, endS } = simulatedRows(stages, microbatches, chunks, seed);
      const { steps } = replayTrace(traceOfRows(rows, 'simulated'));
      near(steps[0]!.recordedS, endS, 'recorded');
      near(steps[0]!.publishedS, endS, 'as published');
      near(steps[0]!.replayedS, endS, 'replayed', 0.005);
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

test('whole numbers may be bigints, and what is not needed may be missing', (t) => {
  const rows = traceRows(SHAPE);
  const plain = replayTrace(traceOfRows(rows, 'a'));
  const big = rows.map((row) => ({
    ...row,
    ...{ step: BigInt(row.step), rank: BigInt(row.rank), stage: BigInt(row.stage) },
    ...{ seq_id: BigInt(row.seq_id), gmc: BigInt(row.gmc), mc: BigInt(row.mc) },
  }));
  t.deepEqual(replayTrace(traceOfRows(big, 'a')), plain);
  const holes = rows.map((row) => ({ ...row, mc: NaN, gmc: null }));
  t.deepEqual(replayTrace(traceOfRows(holes, 'a')), plain);
});

test('where transfers block, one takes what it takes once both sides have begun', (t) => {
  const rows = traceRows({ ...SHAPE, microbatches: 8, isBlocking: true });
  const trace = traceOfRows(rows, 'a');
  const [graph] = stepGraphs(trace).blocking;
  const transfers = [...graph!.ownS].filter((_, i) =>
    /-(send|recv)$/.test(trace.kinds[graph!.kind[i]!]!),
  );
  t.is(transfers.length, 2 * 2 * 2 * 2 * 8);
  for (const timeS of transfers) t.true(timeS < 0.004 + 1e-9, String(timeS));
});

function whatIfOf({ whatIfs }: TraceReplay, name: RegExp): WhatIf {
  return whatIfs.find((whatIf) => name.test(whatIf.name))!;
}

test('a slow worker is found, and fixing it is worth what it cost', (t) => {
  const rows = traceRows({ ...SHAPE, microbatches: 12, slowRank: 4 });
  const replay = replayTrace(traceOfRows(rows, 'slow'));
  const fixed = whatIfOf(replay, /^slowest worker fixed/);
  t.regex(fixed.name, /pipeline 1, stage 1, rank 4/);
  t.true(replay.slowdown > 1.7, String(replay.slowdown));
  t.true(fixed.savedPct > 40, String(fixed.savedPct));
  t.true(fixed.recoveredPct! > 90, String(fixed.recoveredPct));
  const others = whatIfOf(replay, /^all but the slowest worker fixed/);
  t.true(others.savedPct < 10, 'with all others fixed it is still slow');
});

test('without stragglers every computation takes the mean, every exchange the median', (t) => {
  const rows = traceRows({ ...SHAPE, pipelines: 1, stages: 1, steps: 3 });
  const ofKind = (kind: string) =>
    rows.filter(({ optype }) => optype === kind).map(({ duration }) => duration);
  const { meanIdealS } = replayTrace(traceOfRows(rows, 'a'));
  const own = ['forward-compute', 'backward-compute'].map((kind) => 4 * mean(ofKind(kind)));
  const others = ['params-all-gather', 'grads-reduce-scatter', 'layernorm-grads-all-reduce'];
  const rest = [...others, 'embedding-grads-all-reduce', 'optimizer-clip-main-grad'].map((kind) =>
    median(ofKind(kind)),
  );
  const ends = ['gc', 'optimizer'].map((kind) => mean(ofKind(kind)));
  const expected = [...own, ...rest, ...ends].reduce((sum, timeS) => sum + timeS, 0);
  t.true(Math.abs(meanIdealS / expected - 1) < 1e-9, `${meanIdealS} s, expected ${expected} s`);
});

test('of more than 33 workers the slowest 3 % are fixed too, as the published measure has it', (t) => {
  const shape = { ...SHAPE, pipelines: 12, microbatches: 1, steps: 1, slowRank: 30 };
  const replay = replayTrace(traceOfRows(traceRows(shape), 'a'));
  t.is(replay.slowestWorkers.length, 2);
  t.is(replay.slowestWorkers[0]!.rank, 30);
  t.true(
    whatIfOf(replay, /^slowest 2 workers/).stepTimeS <=
      whatIfOf(replay, /^slowest worker fixed/).stepTimeS + 1e-9,
  );
});

/** The problem with the second of two steps, after some of its rows are changed or left out. */
function broken(change: (row: TraceRow) => TraceRow | undefined): string {
  const rows = traceRows({ ...SHAPE, steps: 3 }).flatMap((row) => {
    if (row.step !== 1) return [row];
    const changed = change(row);
    return changed === undefined ? [] : [changed];
  });
  const replay = replayTrace(traceOfRows(rows, 'a'));
  if (replay.steps.length !== 2) throw new Error('the other steps are replayed');
  return replay.broken.map(({ step, reason }) => `${step}: ${reason}`).join();
}

test('steps that cannot be replayed are named and left out', (t) => {
  const without = (isMissing: (row: TraceRow) => boolean) =>
    broken((row) => (isMissing(row) ? undefined : row));
  t.is(
    without(({ rank, optype, seq_id }) => rank === 1 && optype === 'forward-recv' && seq_id === 2),
    '1: rank 1 has 3 forward-recv for 4 forward-compute',
  );
  t.is(
    without(({ rank, optype }) => rank === 1 && optype === 'forward-recv'),
    '1: rank 1 lacks forward-recv',
  );
  t.is(
    without(
      ({ rank, optype, seq_id }) =>
        rank === 1 && /-(compute|send|recv)$/.test(optype) && seq_id === 3,
    ),
    '1: the forward transfer 3 from model stage 0 of pipeline 0, place 0 has one side only',
  );
  t.is(
    without(({ rank, optype }) => rank === 4 && optype === 'grads-reduce-scatter'),
    '1: rank 4 lacks grads-reduce-scatter',
  );
  t.is(
    without(({ rank, optype }) => rank === 2 && optype === 'optimizer'),
    '1: rank 2 lacks optimizer',
  );
  t.is(
    without(({ stage }) => stage === 1),
    '1: rank 1 is missing, rank 4 is missing',
  );
  t.is(
    without(({ start_ts }) => start_ts > 1),
    '1: rank 0 lacks backward-compute and 6 more kinds of operation, ' +
      'rank 1 lacks backward-compute and 6 more kinds of operation, ' +
      'rank 2 lacks backward-send and 6 more kinds of operation, and 8 more',
  );
  t.is(
    without(({ rank, optype, seq_id }) => rank === 0 && optype === 'forward-compute' && seq_id > 2),
    '1: rank 0 has 3 forward-compute but 4 backward-compute',
  );
  t.is(
    broken((row) => (row.rank === 5 && row.seq_id === 1 ? { ...row, seq_id: 0 } : row)),
    '1: rank 5 has forward-recv 0 twice, rank 5 has forward-compute 0 twice, rank 5 has backward-compute 0 twice, and 1 more',
  );
});

test('kinds that are not known, and transfers with one side, are named and left out', (t) => {
  const rows = traceRows(SHAPE);
  const plain = replayTrace(traceOfRows(rows, 'a'));
  t.deepEqual(plain.leftOut, []);
  const extra = rows.flatMap((row) =>
    row.optype === 'gc' ? [row, { ...row, optype: 'checkpoint', duration: 9 }] : [row],
  );
  const { leftOut, ...rest } = replayTrace(traceOfRows(extra, 'a'));
  t.deepEqual(leftOut, ['checkpoint is left out: it is not known what it waits for']);
  t.deepEqual({ ...rest, leftOut: [] }, plain);
  const oneSided = replayTrace(
    traceOfRows(
      rows.filter(({ optype }) => optype !== 'forward-send' && !optype.startsWith('backward-r')),
      'a',
    ),
  );
  t.deepEqual(oneSided.leftOut, [
    'backward-send is left out: its other side is not in the trace',
    'forward-recv is left out: its other side is not in the trace',
  ]);
  t.true(oneSided.replayedError.worstPct < 3, 'stages wait for each other all the same');
  t.true(oneSided.meanReplayedS > 0.97 * plain.meanReplayedS);
  const none = rows.filter(({ optype }) => !/-(send|recv)$/.test(optype));
  t.deepEqual(replayTrace(traceOfRows(none, 'a')).leftOut, [
    'There are no forward transfers: assumed to take no time',
    'There are no backward transfers: assumed to take no time',
  ]);
});

test('a time beyond measure spoils its own step only', (t) => {
  const rows = traceRows({ ...SHAPE, steps: 4 });
  const plain = replayTrace(traceOfRows(rows, 'a'));
  const at = rows.findIndex(({ step, optype }) => step === 2 && optype === 'optimizer');
  const spoilt = rows.map((row, i) => (i === at ? { ...row, start_ts: 1e21 } : row));
  const replay = replayTrace(traceOfRows(spoilt, 'a'));
  t.deepEqual(
    replay.broken.map(({ step }) => step),
    [2],
  );
  t.regex(replay.broken[0]!.reason, /^it took 1\.00e\+21 s, but steps usually take \d/);
  t.deepEqual(
    replay.steps.map(({ step, recordedS }) => [step, recordedS]),
    plain.steps.filter(({ step }) => step !== 2).map(({ step, recordedS }) => [step, recordedS]),
  );
});

test('times that are hardly in seconds are doubted, impossible ones refused, others not', (t) => {
  const rows = traceRows(SHAPE);
  const doubtsOf = (unit: number) =>
    replayTrace(
      traceOfRows(
        rows.map((row) => ({
          ...row,
          start_ts: unit * row.start_ts,
          duration: unit * row.duration,
        })),
        'a',
      ),
    ).doubts;
  t.deepEqual(doubtsOf(1), []);
  t.regex(doubtsOf(1e4)[0]!, /^Steps take \d\.\d\de\+4 s on average: times have to be in seconds$/);
  t.throws(() => doubtsOf(1e7), { message: /takes an impossible time/ });
});

test('what is no trace is refused with all that is wrong', async (t) => {
  const rows = traceRows({ ...SHAPE, steps: 1 });
  const refused = async (file: ArrayBuffer) => {
    const error = await t.throwsAsync(readTrace(file, 't.parquet'), { instanceOf: InputError });
    return error.message;
  };
  t.regex(await refused(new ArrayBuffer(40)), /^t\.parquet: is not readable as Parquet/);
  const whole = traceFile(rows);
  t.regex(await refused(whole.slice(0, -20)), /^t\.parquet: is not readable as Parquet/);
  t.is(
    await refused(traceFile(rows, 'ZSTD')),
    't.parquet: is compressed with ZSTD, expected UNCOMPRESSED or SNAPPY; write it anew with one of them',
  );
  const damaged = whole.slice(0);
  new Uint8Array(damaged).fill(255, 4, 2000);
  t.regex(await refused(damaged), /^t\.parquet: is not readable as Parquet/);
  // The footer's lists are no lists any more.
  const footer = new Uint8Array(whole.slice(0));
  footer[footer.length - 74] = 0;
  t.is(
    await refused(footer.buffer),
    't.parquet: is not readable as Parquet: it is damaged; copy or write it anew',
  );
  const narrow = rows.map(({ dp_rank, stage, rank, step }) => ({ dp_rank, stage, rank, step }));
  t.regex(
    await refused(traceFile(narrow)),
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
    't, row 1, stage: found 0.5, expected a whole number from 0 to 2147483647\nt, row 0, duration: found -1, expected seconds, 0 or more',
  );
  t.regex(wrong({ start_ts: 'soon' }), /row 0, start_ts: found "soon", expected a time in seconds/);
  // 32 bits do not hold it: it would be another pipeline's number.
  for (const column of ['dp_rank', 'stage', 'rank', 'seq_id', 'mc', 'gmc'] as const) {
    t.regex(
      wrong({ [column]: 2 ** 32 }),
      new RegExp(
        `row 0, ${column}: found 4294967296, expected a whole number from -?\\d+ to 2147483647`,
      ),
    );
  }
  t.throws(() => traceOfRows([], 't'), { message: 't: holds no operations' });
  t.regex(wrong({ duration: NaN }), /row 0, duration: found NaN, expected seconds, 0 or more/);
  t.regex(wrong({ optype: 7 }), /row 0, optype: found 7, expected the name of a kind/);
  const alien = rows.map((row) => ({ ...row, optype: 'mystery' }));
  t.throws(() => replayTrace(traceOfRows(alien, 't')), {
    message: /no step can be replayed: mystery is left out: it is not known what it waits for/,
  });
  const half = rows.filter(({ rank }) => rank !== 0);
  t.throws(() => replayTrace(traceOfRows(half, 't')), {
    message: /^t: no step can be replayed\nt, step 0: the forward transfer 0 .* has one side only$/,
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

test('energy: a pipeline that waits for a straggler runs at the clock that needs least', (t) => {
  const shape = { pipelines: 2, stages: 1, microbatches: 5, steps: 2, seed: 4, slowRank: 1 };
  const rows = traceRows(shape);
  const trace = traceOfRows(rows, 'a');
  const [max, perseus] = replayEnergy(trace, { curve: CURVE, blockingPowerW: 80, gpusPerRank: 1 });
  const computedS = [0, 1].map((pipeline) =>
    rows
      .filter(({ optype, dp_rank }) => optype.endsWith('-compute') && dp_rank === pipeline)
      .reduce((sum, { duration }) => sum + duration, 0),
  );
  // At 1000 MHz all takes 1.3 times as long and 31/40 of the energy.
  const atS = [1.3 * computedS[0]!, computedS[1]!];
  const stepsS = 2 * max!.meanStepTimeS;
  const expectedJ =
    400 * (31 / 40) * computedS[0]! + 400 * computedS[1]! + 80 * (2 * stepsS - atS[0]! - atS[1]!);
  t.true(Math.abs(perseus!.energyJ / expectedJ - 1) < 1e-9);
  t.is(perseus!.slowdownPct, 0);
  t.true(perseus!.extrinsicPct > 5);
  t.true(Math.abs(perseus!.intrinsicPct) < 1e-9);
});

test('energy of stages that hold several parts of the model', (t) => {
  const shape = { pipelines: 2, stages: 2, microbatches: 4, steps: 1, seed: 4, chunks: 2 };
  const trace = traceOfRows(traceRows({ ...shape, slowRank: 1 }), 'a');
  const [max, perseus] = replayEnergy(trace, { curve: CURVE, blockingPowerW: 80, gpusPerRank: 1 });
  t.true(perseus!.savingPct > 3, `saves ${perseus!.savingPct} %`);
  t.true(perseus!.extrinsicPct > 1, `${perseus!.extrinsicPct} % extrinsic`);
  t.true(max!.energyJ > perseus!.energyJ);
  t.true(Math.abs(perseus!.slowdownPct) < 6, `slows by ${perseus!.slowdownPct} %`);
});

test('energy of what cannot be planned is refused', (t) => {
  const rows = traceRows({ ...SHAPE, steps: 1 });
  const gpu = { curve: CURVE, blockingPowerW: 80, gpusPerRank: 1 };
  const refused = (change: (row: TraceRow) => TraceRow) =>
    t.throws(() => replayEnergy(traceOfRows(rows.map(change), 'a'), gpu), {
      instanceOf: InputError,
    }).message;
  const alone = traceRows({ ...SHAPE, stages: 1, steps: 1 }).map((row) => ({
    ...row,
    optype: row.optype.replace(/^(forward|backward)(?=-compute)/, (kind) =>
      kind === 'forward' ? 'backward' : 'forward',
    ),
  }));
  t.throws(() => replayEnergy(traceOfRows(alone, 'a'), gpu), {
    message:
      'a, step 0: its energy cannot be worked out: part 0 of the model runs backwards before forwards',
  });
  t.regex(
    refused((row) =>
      row.stage === 1 && row.optype === 'backward-compute' ? { ...row, duration: 0 } : row,
    ),
    /the backwards of part 1 of the model in pipeline 0 took no time/,
  );
});

test('GPUs per traced rank are told from the numbers of ranks', (t) => {
  const rows = traceRows({ ...SHAPE, steps: 1 });
  const numbered = (number: (rank: number) => number) =>
    gpusPerRank(
      traceOfRows(
        rows.map((row) => ({ ...row, rank: number(row.rank) })),
        'a',
      ),
    );
  t.is(
    numbered((rank) => rank),
    1,
  );
  t.is(
    numbered((rank) => 8 * rank),
    8,
  );
  t.is(
    numbered((rank) => 3 + 4 * rank),
    4,
  );
  const [first] = rows;
  t.is(gpusPerRank(traceOfRows([first!], 'a')), 1);
});

interface Published {
  readonly tori: number;
  readonly tideal: number;
  readonly trem: number;
  readonly tadd: number;
  readonly rem: number;
}

function productionTrace(name: string): ArrayBuffer {
  const bytes = readFileSync(sharedDataPath(`bytedance/trace-${name}.parquet`));
  return bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength);
}

/** Published times are sums of single-precision numbers. */
const PUBLISHED_PCT = 1e-4;

for (const name of ['AR', 'ST']) {
  testWithSharedData(
    `trace ${name}: steps within 1 % on average, totals and what-ifs as published`,
    async (t) => {
      const published = (kind: 'ms' | 'mw') =>
        JSON.parse(
          readFileSync(sharedDataPath(`bytedance/${kind}-${name}.json`), 'utf8'),
        ) as Published;
      const replay = replayTrace(await readTrace(productionTrace(name), name));
      const [last, worker] = [published('ms'), published('mw')];
      t.deepEqual([replay.broken, replay.leftOut], [[], []]);
      const { meanPct, worstPct } = replay.replayedError;
      t.log(`steps: ${meanPct.toFixed(2)} % mean error, ${worstPct.toFixed(2)} % worst`);
      t.true(meanPct <= 0.26 && worstPct <= 0.3, `errors ${meanPct} %, ${worstPct} %`);
      t.true(Math.abs(replay.meanReplayedS / replay.meanRecordedS - 1) < 0.004);
      const time = (what: RegExp) => whatIfOf(replay, what).stepTimeS;
      const compared: [string, number, number][] = [
        ['replayed as published', replay.meanPublishedS, last.tori],
        ['no stragglers', replay.meanIdealS, last.tideal],
        ['last stage fixed', time(/^last stage fixed/), last.trem],
        ['all but the last stage', time(/^all but the last stage/), last.tadd],
        ['worker fixed', time(/^slowest worker fixed/), worker.trem],
        ['all but the worker', time(/^all but the slowest worker/), worker.tadd],
      ];
      for (const [what, found, expected] of compared) {
        const pct = 100 * (found / expected - 1);
        t.log(`${what}: ${found.toFixed(4)} s, published ${expected.toFixed(4)} s`);
        t.true(Math.abs(pct) <= PUBLISHED_PCT, `${what}: ${pct} %`);
      }
      const recovered = (what: RegExp) => whatIfOf(replay, what).recoveredPct! / 100;
      t.true(Math.abs(recovered(/^last stage fixed/) - last.rem) < 1e-5);
      t.true(Math.abs(recovered(/^slowest worker fixed/) - worker.rem) < 1e-5);
    },
  );
}

/** Whole numbers come as bigints. */
async function productionRows(name: string): Promise<TraceRow[]> {
  const rows = await parquetReadObjects({ file: productionTrace(name) });
  return rows.map((row) => {
    const plain = (value: unknown) => (typeof value === 'bigint' ? Number(value) : value);
    const entries = Object.entries(row).map(([column, value]) => [column, plain(value)]);
    return Object.fromEntries(entries) as TraceRow;
  });
}

/** Unpublished traces: parts of the published ones, and others in other formats. */
const VARIANTS: Readonly<Record<string, (rows: TraceRow[]) => Partial<TraceRow>[]>> = {
  'one pipeline': (rows) => rows.filter(({ dp_rank }) => dp_rank === 1),
  'the last ten steps': (rows) => {
    const steps = [...new Set(rows.map(({ step }) => step))].sort((a, b) => a - b);
    return rows.filter(({ step }) => step >= steps.at(-10)!);
  },
  'no columns of parts': (rows) =>
    rows.map(({ dp_rank, stage, rank, step, optype, start_ts, duration, seq_id }) => {
      return { dp_rank, stage, rank, step, optype, start_ts, duration, seq_id };
    }),
  'other numbers of ranks, stages and steps, Unix time, another order of rows': (rows) =>
    rows
      .map((row) => ({
        ...row,
        dp_rank: 7 - row.dp_rank,
        stage: row.stage + 2,
        rank: 3 * row.rank + 11,
        step: 2 * row.step - 40,
        start_ts: row.start_ts + 1.7e9,
      }))
      .reverse(),
  'no exchanges of parameters and gradients': (rows) =>
    rows.filter(({ optype }) => /-(compute|send|recv)$|^optimizer$/.test(optype)),
  'computations alone': (rows) => rows.filter(({ optype }) => /-compute$/.test(optype)),
};

for (const name of ['AR', 'ST']) {
  for (const [variant, change] of Object.entries(VARIANTS)) {
    testWithSharedData(`trace ${name}, ${variant}: steps within 1 % on average`, async (t) => {
      const file = traceFile(change(await productionRows(name)));
      const replay = replayTrace(await readTrace(file, variant));
      const { meanPct, worstPct } = replay.replayedError;
      t.log(`${meanPct.toFixed(2)} % mean error, ${worstPct.toFixed(2)} % worst`);
      t.deepEqual([replay.broken, replay.doubts], [[], []]);
      t.true(meanPct <= 1, `${meanPct} %`);
      t.true(replay.slowdown > 1 && replay.slowdown < 3);
    });
  }
}
