import test from 'ava';
import fc from 'fast-check';
import { groupBy } from '../../src/groups.js';
import { readCatalogEntry } from '../../sim/disk/catalog-files.js';
import { catalogProfile } from '../../sim/hardware/catalog.js';
import { energyEstimate } from '../../sim/replay/replay-energy.js';
import { watchedReplay } from '../../sim/replay/replay-trace.js';
import { readTrace, traceOfRows } from '../../sim/replay/read-trace.js';
import { replayTraceFile } from '../../sim/report/perfetto/replay-trace.js';
import { traceText } from '../../sim/report/perfetto/trace-events.js';
import { readFileSync } from 'node:fs';
import { checkProperty } from '../support/properties.js';
import { sharedDataPath, testWithSharedData } from '../support/shared-data.js';
import { LoadedTrace, type FlowEnd, type Slice } from '../support/trace-format.js';
import { traceRows, type TraceRow, type TraceShape } from '../support/traces.js';

const ENTRY = readCatalogEntry('gpt3-175b-a100-sxm', { source: 'test', field: 'catalog' });
const GPUS = { profile: catalogProfile(ENTRY), title: 'A100', blockingPowerW: 80 };

function loaded(rows: readonly TraceRow[], isPlanned: boolean, mostSlices?: number) {
  const trace = traceOfRows([...rows], 'made up');
  const watched = watchedReplay(trace);
  const energy = isPlanned ? energyEstimate(trace, GPUS, 2) : undefined;
  const options = { version: '1.2.3', title: 'made up', ...(mostSlices && { mostSlices }) };
  const written = replayTraceFile({ trace, watched, energy }, options);
  const text = [...traceText(written.events, written.otherData)].join('');
  const again = [...traceText(written.events, written.otherData)].join('');
  return { watched, energy, written, text, again, file: new LoadedTrace(text) };
}

/** Throws unless slices of one thread follow each other. */
function checkThreads(slices: readonly Slice[]): void {
  const ends = new Map<number, number>();
  for (const { tid, ts, dur, name } of slices) {
    if (ts < (ends.get(tid) ?? 0)) throw new Error(`${name} at ${ts} overlaps the one before it`);
    ends.set(tid, ts + dur);
  }
}

/** The slice of its thread in which an end of an arrow lies. */
function sliceFinder(file: LoadedTrace): (end: FlowEnd) => Slice {
  const threads = groupBy(file.slices, ({ tid }) => tid);
  return ({ tid, ts, ph, id }) => {
    // A nanosecond is what viewers keep.
    const found = threads
      .get(tid)!
      .filter((slice) => ts >= slice.ts && ts <= slice.ts + slice.dur - 1e-3);
    if (found.length !== 1) throw new Error(`${ph} of ${id} lies in ${found.length} slices`);
    return found[0]!;
  };
}

interface Arrow {
  readonly from: Slice;
  readonly to: Slice;
  readonly name: string;
  readonly course: string;
}

/** The arrows of a file. Throws unless each has two ends that fit. */
function arrowsOf(file: LoadedTrace): Arrow[] {
  const sliceOf = sliceFinder(file);
  const begun = new Map<number, FlowEnd>();
  const arrows: Arrow[] = [];
  for (const end of file.flowEnds) {
    const { id, ph, name, cat, ts, pid } = end;
    const begin = begun.get(id);
    if (ph === 's') {
      if (begin !== undefined) throw new Error(`${id} begins twice`);
      begun.set(id, end);
      continue;
    }
    if (begin === undefined) throw new Error(`${id} ends before it begins`);
    begun.delete(id);
    if (begin.name !== name || begin.cat !== cat || begin.pid !== pid || begin.ts > ts) {
      throw new Error(`the ends of ${id} do not fit`);
    }
    arrows.push({ from: sliceOf(begin), to: sliceOf(end), name, course: file.process(end) });
  }
  if (begun.size > 0) throw new Error(`${begun.size} arrows have no end`);
  if (new Set(file.flowEnds.map(({ id }) => id)).size !== arrows.length) {
    throw new Error('two arrows share an id');
  }
  return arrows;
}

const SHAPE: TraceShape = {
  pipelines: 2,
  stages: 3,
  microbatches: 5,
  steps: 2,
  seed: 3,
  slowRank: 1,
};

test('processes are courses; arrows lead from computation to send, receive and computation', (t) => {
  const { file, watched } = loaded(traceRows(SHAPE), true);
  t.deepEqual(file.processes, ['recorded', 'replayed', 'planned']);
  const arrows = arrowsOf(file);
  const handovers = 2 * 2 * 2 * (3 - 1) * 5;
  for (const course of file.processes) {
    const own = arrows.filter((arrow) => arrow.course === course);
    const named = (name: string) => own.filter((arrow) => arrow.name === name);
    for (const name of ['output', 'transfer', 'input']) t.is(named(name).length, handovers, name);
    for (const { from, to } of named('transfer')) {
      t.is(to.name, from.name.replace('send', 'recv'));
      t.not(file.thread(to), file.thread(from));
    }
    const parted = (name: string) => /^(\w+)[ -]/.exec(name)![1]!;
    for (const { from, to } of [...named('output'), ...named('input')]) {
      t.is(parted(from.name), parted(to.name), `${from.name} to ${to.name}`);
    }
    // All wait for the last: gathering, reducing and the norm of gradients, and the embedding's gradients.
    const meetings = 2 * (2 * 3 * (2 - 1) + 2 * (2 - 1) + (6 - 1));
    t.is(named('meeting').length, meetings);
    const steps = file.slices.filter(
      (slice) => file.process(slice) === course && file.thread(slice) === 'steps',
    );
    t.deepEqual(
      steps.map(({ name }) => name),
      ['step 0', 'step 1'],
    );
    const timesS = watched.replay.steps.map(({ recordedS, replayedS }) =>
      course === 'recorded' ? recordedS : replayedS,
    );
    steps.forEach(({ dur }, k) => {
      if (course !== 'planned') t.true(Math.abs(dur * 1e-6 - timesS[k]!) < 2e-9, course);
    });
  }
});

test('computations are recorded as they were, and planned at a clock and its power', (t) => {
  const rows = traceRows(SHAPE);
  const { file, energy } = loaded(rows, true);
  const beginS = [0, 1].map((step) =>
    Math.min(...rows.filter((row) => row.step === step).map((row) => row.start_ts)),
  );
  const begins = file.slices.filter(
    (slice) => file.process(slice) === 'recorded' && file.thread(slice) === 'steps',
  );
  const computing = (course: string) =>
    file.slices.filter(({ cat, pid }) => cat === 'compute' && file.process({ pid }) === course);
  const key = (thread: string, step: unknown, name: string) =>
    `${thread}, ${String(step)}: ${name}`;
  const recorded = new Map(
    computing('recorded').map((slice) => [
      key(file.thread(slice), slice.args['step'], slice.name),
      slice,
    ]),
  );
  const expected = rows.filter(({ optype }) => optype.endsWith('compute'));
  t.is(recorded.size, expected.length);
  for (const { dp_rank, stage, rank, step, optype, mb_id, start_ts, duration } of expected) {
    const thread = `pipeline ${dp_rank}, stage ${stage}, rank ${rank}`;
    const { ts, dur } = recorded.get(
      key(thread, step, `${optype.replace('-compute', '')} ${mb_id}`),
    )!;
    t.true(Math.abs((ts - begins[step]!.ts) * 1e-6 - (start_ts - beginS[step]!)) < 1e-6);
    t.true(Math.abs(dur * 1e-6 - duration) < 2e-6);
  }
  const energyJ = (course: string) =>
    computing(course).reduce(
      (sum, { args, dur }) => sum + Number(args['powerPerGpuW']) * dur * 1e-6,
      0,
    );
  const [max, perseus] = energy!.policies;
  const waitedJ = (course: string, stepS: number) => {
    const busyS = computing(course).reduce((sum, { dur }) => sum + dur * 1e-6, 0);
    return 80 * (6 * 2 * stepS - busyS);
  };
  const total = (course: string, stepS: number) => 2 * (energyJ(course) + waitedJ(course, stepS));
  t.true(Math.abs(total('replayed', max!.meanStepTimeS) / max!.energyJ - 1) < 1e-5);
  t.true(Math.abs(total('planned', perseus!.meanStepTimeS) / perseus!.energyJ - 1) < 1e-5);
  t.true(perseus!.energyJ < 0.95 * max!.energyJ);
});

test('any trace: threads run one thing at a time, arrows have two ends, the bytes repeat', async (t) => {
  const anyShape = fc.record({
    pipelines: fc.integer({ min: 1, max: 3 }),
    stages: fc.integer({ min: 1, max: 4 }),
    microbatches: fc.integer({ min: 1, max: 5 }),
    steps: fc.integer({ min: 1, max: 2 }),
    chunks: fc.integer({ min: 1, max: 2 }),
    ranksPerStage: fc.integer({ min: 1, max: 2 }),
    addsUpBeside: fc.boolean(),
    isBlocking: fc.boolean(),
    seed: fc.nat(),
  });
  await checkProperty(
    t,
    anyShape,
    (any) => {
      const shape = any.isBlocking ? { ...any, chunks: 1, addsUpBeside: false } : any;
      const { file, text, again } = loaded(traceRows(shape), false);
      if (text !== again) throw new Error('the bytes differ');
      checkThreads(file.slices);
      const inputs = arrowsOf(file).filter(({ name }) => name === 'input').length;
      const microbatches =
        shape.chunks > 1
          ? Math.ceil(shape.microbatches / shape.stages) * shape.stages
          : shape.microbatches;
      const handovers = 2 * (shape.stages * shape.chunks - 1) * microbatches;
      const ranks = shape.pipelines * shape.ranksPerStage * shape.steps;
      // Receives that move nothing also come before computations.
      if (inputs < 2 * handovers * ranks) throw new Error(`${inputs} inputs`);
    },
    40,
  );
});

test('a trace that is too long keeps its first steps, and says so', (t) => {
  const { file, written } = loaded(traceRows({ ...SHAPE, steps: 3 }), false, 3000);
  const steps = file.slices.filter((slice) => file.thread(slice) === 'steps');
  t.deepEqual([...new Set(steps.map(({ name }) => name))], ['step 0']);
  t.deepEqual(written.leftOut, ['only the first 1 of 3 steps are written']);
  t.is(file.otherData['leftOut'], written.leftOut.join());
});

testWithSharedData('a production trace: every transfer has its arrow', async (t) => {
  const path = sharedDataPath('bytedance/trace-ST.parquet');
  const bytes = readFileSync(path);
  const trace = await readTrace(new Uint8Array(bytes).buffer, path);
  const watched = watchedReplay(trace);
  const { events, otherData } = replayTraceFile(
    { trace, watched, energy: undefined },
    { version: '1', title: 'ST' },
  );
  const file = new LoadedTrace([...traceText(events, otherData)].join(''));
  checkThreads(file.slices);
  const transfers = arrowsOf(file).filter(({ name }) => name === 'transfer');
  for (const course of ['recorded', 'replayed']) {
    const own = transfers.filter((arrow) => arrow.course === course);
    t.is(own.length, 32 * 2 * 2 * 3 * 4, course);
  }
});
