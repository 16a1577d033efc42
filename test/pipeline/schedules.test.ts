import { readFileSync } from 'node:fs';
import test from 'ava';
import fc from 'fast-check';
import { activationPeaks } from '../../src/pipeline/activation-peaks.js';
import { bubbleRatio } from '../../src/pipeline/bubble.js';
import { buildDag } from '../../src/pipeline/build-dag.js';
import { pathTimes } from '../../src/pipeline/critical-path.js';
import type { ComputationDag } from '../../src/pipeline/dag.js';
import { microbatchGroupSize } from '../../src/pipeline/interleaved.js';
import { linkCount } from '../../src/pipeline/links.js';
import type { PipelineShape } from '../../src/pipeline/schedule.js';
import {
  exampleShape,
  scheduleDag,
  scheduleLinkCount,
  SCHEDULE_NAMES,
  SCHEDULE_VOCABULARY,
  scheduleOf,
  SCHEDULES,
  shapeProblems,
  type ScheduleName,
} from '../../src/pipeline/schedules.js';
import { BACKWARD, FORWARD, INSTRUCTION_KINDS } from '../../src/profile/operation.js';
import { normalised, understood } from '../../src/vocabulary.js';
import { projectFile } from '../support/files.js';
import { checkProperty } from '../support/properties.js';

/** Times of the instructions of every stage of the model alike. */
interface BalancedTimes {
  readonly f: number;
  /** Gradient of the input, and of the weights. */
  readonly b: number;
  readonly w: number;
}

/** Any shape that a schedule runs. */
function anyShape(schedule: ScheduleName): fc.Arbitrary<PipelineShape> {
  return fc
    .record({
      stages: fc.integer({ min: 1, max: 9 }),
      microbatches: fc.integer({ min: 1, max: 24 }),
      chunks: fc.integer({ min: 1, max: 4 }),
    })
    .map((size) => exampleShape(schedule, size));
}

const anyTimes = fc.record({
  f: fc.double({ min: 0.1, max: 9, noNaN: true }),
  b: fc.double({ min: 0.1, max: 9, noNaN: true }),
  w: fc.double({ min: 0.1, max: 9, noNaN: true }),
});

function durationsOf(dag: ComputationDag, { f, b, w }: BalancedTimes): Float64Array {
  const times = { forward: f, backward: b + w, recompute: f };
  const timeOf = { ...times, 'input-gradient': b, 'weight-gradient': w };
  return Float64Array.from(dag.kind, (kind) => timeOf[INSTRUCTION_KINDS[kind]!]);
}

interface ClosedForm {
  /** Whether the published form is for such times and shapes; always, if left out. */
  readonly holds?: (times: BalancedTimes, shape: PipelineShape) => boolean;
  /** Bubble: what the iteration takes beyond the computing of one stage. */
  readonly bubble: (times: BalancedTimes, shape: PipelineShape) => number;
}

/** Bubbles on balanced stages as published, with backward = b + w. Times are of a model stage. */
const CLOSED_FORMS: Readonly<Record<ScheduleName, ClosedForm>> = {
  // Huang et al., NeurIPS '19.
  gpipe: { bubble: ({ f, b, w }, { stages }) => (stages - 1) * (f + b + w) },
  // Narayanan et al., SC '21, section 2.2.1.
  '1f1b': { bubble: ({ f, b, w }, { stages }) => (stages - 1) * (f + b + w) },
  // Narayanan et al., SC '21, section 2.2.2: (p − 1)(t_f + t_b) / v with times of all v chunks; also
  // where p does not divide the microbatches. Fewer microbatches than stages pass the p · v parts of
  // the model one behind the other.
  interleaved: {
    bubble: ({ f, b, w }, { stages, microbatches, chunks }) =>
      (chunks === 1 || microbatches >= stages
        ? stages - 1
        : chunks * stages + microbatches - 1 - chunks * microbatches) *
      (f + b + w),
  },
  // The bubble of 1F1B without the recomputations, all of which but one lie inside of it.
  'early-recomputation': { bubble: ({ f, b, w }, { stages }) => (stages - 1) * (f + b + w) },
  // Qi et al., ICLR '24, table 2: (p − 1)(T_F + T_B − T_W), for parts of about one size.
  'zb-h1': {
    holds: ({ f, b, w }, { stages, microbatches }) => w <= Math.min(f, b) && microbatches >= stages,
    bubble: ({ f, b, w }, { stages }) => (stages - 1) * (f + b - w),
  },
  // DeepSeek-AI, DualPipe: (PP/2 − 1)(F&B + B − 3W), with F&B = F + B, for F as long as B's first
  // part.
  dualpipe: {
    holds: ({ f, b, w }) => f === b && w <= f,
    bubble: ({ f, b, w }, { stages }) => (stages / 2 - 1) * (f + 2 * (b + w) - 3 * w),
  },
};

/** The computation of one stage in an iteration. */
function busy(schedule: ScheduleName, { f, b, w }: BalancedTimes, shape: PipelineShape): number {
  const recompute = scheduleOf(schedule).recomputes === true ? f : 0;
  return shape.microbatches * shape.chunks * (f + b + w + recompute);
}

/** Times for which a form holds: DualPipe's and ZB-H1's are for parts of about one size. */
function fitting(schedule: ScheduleName, times: BalancedTimes): BalancedTimes {
  if (schedule === 'zb-h1') return { ...times, w: Math.min(times.f, times.b, times.w) };
  if (schedule === 'dualpipe') return { ...times, b: times.f, w: Math.min(times.f, times.w) };
  return times;
}

for (const schedule of SCHEDULE_NAMES) {
  test(`${schedule}: on balanced stages as long as its closed form`, async (t) => {
    const { holds = () => true, bubble } = CLOSED_FORMS[schedule];
    let checked = 0;
    await checkProperty(t, fc.tuple(anyShape(schedule), anyTimes), ([shape, anyOf]) => {
      const times = fitting(schedule, anyOf);
      if (!holds(times, shape)) return;
      checked++;
      const dag = scheduleDag(schedule, shape);
      const duration = durationsOf(dag, times);
      const { length } = pathTimes(dag, duration);
      const computing = busy(schedule, times, shape);
      const expected = computing + bubble(times, shape);
      if (Math.abs(length / expected - 1) > 1e-9) {
        throw new Error(`takes ${length}, expected ${expected}`);
      }
      const ratio = bubbleRatio(dag, duration);
      if (Math.abs(ratio - bubble(times, shape) / computing) > 1e-9) {
        throw new Error(`bubble ratio ${ratio}, expected ${bubble(times, shape) / computing}`);
      }
    });
    t.true(checked >= 20, `only ${checked} cases were such that the form holds`);
  });

  test(`${schedule}: every microbatch passes every part of the model, and nothing deadlocks`, async (t) => {
    await checkProperty(t, anyShape(schedule), (shape) => {
      const dag = scheduleDag(schedule, shape);
      const runs = new Map<string, number>();
      for (let i = 0; i < dag.instructionCount; i++) {
        const { modelStage, kind } = dag.operations[dag.operation[i]!]!;
        const key = `${modelStage} ${dag.microbatch[i]!} ${kind}`;
        runs.set(key, (runs.get(key) ?? 0) + 1);
      }
      const at = (v: number, m: number, kind: string) => runs.get(`${v} ${m} ${kind}`) ?? 0;
      for (let v = 0; v < dag.modelStageCount; v++) {
        for (let m = 0; m < shape.microbatches; m++) {
          const whole = at(v, m, 'backward');
          const split = at(v, m, 'input-gradient');
          const ok =
            at(v, m, 'forward') === 1 &&
            whole + split === 1 &&
            (split === 0 || scheduleOf(schedule).splitsBackward === true) &&
            at(v, m, 'weight-gradient') === split &&
            at(v, m, 'recompute') === (scheduleOf(schedule).recomputes === true ? 1 : 0);
          if (!ok) throw new Error(`microbatch ${m} does not pass model stage ${v} once each way`);
        }
      }
      checkTopologicalOrder(dag);
      if (linkCount(dag) !== scheduleLinkCount(schedule, shape)) throw new Error('other links');
    });
  });
}

test('bubble ratios of examples worked out by hand', (t) => {
  const ratio = (schedule: ScheduleName, stages: number, microbatches: number, chunks = 1) => {
    const dag = scheduleDag(schedule, { stages, microbatches, chunks });
    return bubbleRatio(dag, durationsOf(dag, { f: 1, b: 1, w: 1 })).toFixed(9);
  };
  // (p − 1) / m: 3 / 8; of the whole time GPipe's (K − 1) / (M + K − 1): 3 / 11.
  t.is(ratio('1f1b', 4, 8), '0.375000000');
  t.is(ratio('gpipe', 4, 8), '0.375000000');
  // (p − 1) / (v m): half of it with two chunks.
  t.is(ratio('interleaved', 4, 8, 2), '0.187500000');
  // (p − 1) of 3 · 1, of 8 · (1 + 1 + 1) that are computed: a third of 1F1B's.
  t.is(ratio('zb-h1', 4, 8), '0.125000000');
  // (p/2 − 1)(F&B + B − 3 W) = 2 + 2 + … : 1 · (3 + 2 − 3) of 8 · 3.
  t.is(ratio('dualpipe', 4, 8), (2 / 24).toFixed(9));
  t.is(ratio('1f1b', 1, 5), '0.000000000');
});

test('stages of unequal length wait all the more', (t) => {
  const dag = scheduleDag('1f1b', { stages: 2, microbatches: 1, chunks: 1 });
  // One microbatch through stages of 1 + 2 and 3 + 6: each waits while the other computes.
  const duration = Float64Array.from(dag.kind, (kind, i) => {
    return (kind === FORWARD ? 1 : 2) * (dag.stage[i] === 0 ? 1 : 3);
  });
  t.is(bubbleRatio(dag, duration), 1);
});

function checkTopologicalOrder(dag: ComputationDag): void {
  const place = new Int32Array(dag.instructionCount);
  dag.topologicalOrder.forEach((i, k) => (place[i] = k));
  for (let i = 0; i < dag.instructionCount; i++) {
    for (let a = dag.predecessorStart[i]!; a < dag.predecessorStart[i + 1]!; a++) {
      if (place[dag.predecessor[a]!]! >= place[i]!)
        throw new Error(`${i} before what it waits for`);
    }
  }
}

/** Activations that the fullest stage holds, as published, for at least that many microbatches. */
const PUBLISHED_PEAKS: Readonly<
  Record<ScheduleName, (shape: PipelineShape, stage: number) => number | undefined>
> = {
  gpipe: ({ microbatches }) => microbatches,
  '1f1b': ({ stages, microbatches }, s) => Math.min(stages - s, microbatches),
  // Korthikanti et al., MLSys '23, section 4.2.3: L(1 + (p − 1) / (p m)) on the first stage; every
  // stage behind it begins two chunks later with backwards. No more than there are: with as many
  // microbatches as stages only the first half of the stages runs all forwards first. With one chunk
  // it is plain 1F1B.
  interleaved: ({ stages: p, microbatches, chunks: m }, s) =>
    microbatches % p === 0 && m > 1
      ? Math.min(microbatches, p * (1 + (p - 1 - 2 * s) / (p * m)))
      : undefined,
  'early-recomputation': () => 1,
  // Qi et al., ICLR '24: every stage holds as many as the first one of 1F1B.
  'zb-h1': ({ stages, microbatches }) => (microbatches >= stages ? stages : undefined),
  dualpipe: ({ stages }) => stages + 1,
};

for (const schedule of SCHEDULE_NAMES) {
  test(`${schedule}: the activations that stages hold are those published`, async (t) => {
    await checkProperty(t, anyShape(schedule), (shape) => {
      const { activations } = activationPeaks(scheduleDag(schedule, shape));
      activations.forEach((peak, s) => {
        const expected = PUBLISHED_PEAKS[schedule](shape, s);
        if (expected !== undefined && Math.abs(peak - expected) > 1e-9) {
          throw new Error(`stage ${s} holds ${peak}, expected ${expected}`);
        }
      });
    });
  });
}

/** The order of a stage as torch.distributed.pipelining writes it: part of the model, F or B, microbatch. */
function written(schedule: ScheduleName, shape: PipelineShape, stage: number): string {
  const dag = scheduleDag(schedule, shape);
  const instructions = [];
  for (let i = dag.stageStart[stage]!; i < dag.stageStart[stage + 1]!; i++) {
    const { modelStage, kind } = dag.operations[dag.operation[i]!]!;
    instructions.push(`${modelStage}${kind === 'forward' ? 'F' : 'B'}${dag.microbatch[i]!}`);
  }
  return instructions.join(' ');
}

test('interleaved: the orders of Megatron-Core and torch, worked out by hand', (t) => {
  const orders = (stages: number, microbatches: number, chunks = 2) =>
    Array.from({ length: stages }, (_, s) =>
      written('interleaved', { stages, microbatches, chunks }, s),
    );
  // One group: the last stage begins with backwards as soon as it can.
  t.deepEqual(orders(2, 2), ['0F0 0F1 2F0 2F1 2B0 2B1 0B0 0B1', '1F0 1F1 3F0 3B0 3F1 3B1 1B0 1B1']);
  // Two groups of two.
  t.deepEqual(orders(2, 4), [
    '0F0 0F1 2F0 2F1 0F2 2B0 0F3 2B1 2F2 0B0 2F3 0B1 2B2 2B3 0B2 0B3',
    '1F0 1F1 3F0 3B0 3F1 3B1 1F2 1B0 1F3 1B1 3F2 3B2 3F3 3B3 1B2 1B3',
  ]);
  // A group of three and one of two: Megatron-Core's own example of uneven groups.
  t.is(
    orders(2, 5)[1],
    '1F0 1F1 1F2 3F0 3B0 3F1 3B1 3F2 3B2 1F3 1B0 1F4 1B1 3F3 1B2 3F4 3B3 3B4 1B3 1B4',
  );
  // Fewer microbatches than stages.
  t.deepEqual(orders(3, 2), [
    '0F0 0F1 3F0 3F1 3B0 3B1 0B0 0B1',
    '1F0 1F1 4F0 4F1 4B0 4B1 1B0 1B1',
    '2F0 2F1 5F0 5B0 5F1 5B1 2B0 2B1',
  ]);
});

/**
 * The order by torch's rule, told by counting: microbatches come in equal rounds, step k of a stage is
 * of chunk ⌊k / round⌋ mod C, or of the chunk as far from the other end for backwards, and of the next
 * microbatch that the chunk has not had. Undefined where torch refuses the shape.
 */
function torchOrder(
  { stages, microbatches, chunks }: PipelineShape,
  stage: number,
): string | undefined {
  const rounds = Math.max(1, Math.floor(microbatches / stages));
  if (microbatches % rounds !== 0) return undefined;
  const round = microbatches / rounds;
  const total = microbatches * chunks;
  const warmup = Math.min(total, (chunks - 1) * round + 2 * (stages - 1 - stage));
  const had = { F: new Map<number, number>(), B: new Map<number, number>() };
  const next = (kind: 'F' | 'B', step: number) => {
    const k = Math.floor(step / round) % chunks;
    const chunk = kind === 'F' ? k : chunks - 1 - k;
    const microbatch = had[kind].get(chunk) ?? 0;
    had[kind].set(chunk, microbatch + 1);
    return `${chunk * stages + stage}${kind}${microbatch}`;
  };
  const order: string[] = [];
  for (let step = 0; step < total + warmup; step++) {
    if (step < total) order.push(next('F', step));
    if (step >= warmup) order.push(next('B', step - warmup));
  }
  return order.join(' ');
}

test('interleaved: wherever torch runs a shape its order is ours', async (t) => {
  let compared = 0;
  await checkProperty(t, anyShape('interleaved'), (any) => {
    const shape = { ...any, chunks: any.chunks + 1 };
    for (let stage = 0; stage < shape.stages; stage++) {
      const expected = torchOrder(shape, stage);
      if (expected === undefined) return;
      const found = written('interleaved', shape, stage);
      if (found !== expected) throw new Error(`stage ${stage}: ${found}, expected ${expected}`);
      compared++;
    }
  });
  t.true(compared > 50, `only ${compared} stages compared`);
});

test('interleaved: groups have one microbatch per stage, or a few more where that does not divide', (t) => {
  const sizes = (stages: number, counts: readonly number[]) =>
    counts.map((count) => microbatchGroupSize(stages, count));
  t.deepEqual(sizes(4, [4, 8, 12]), [4, 4, 4]);
  // torch: rounds of ⌊M / S⌋ where these divide M. It refuses 11, 13 and 14; Megatron-Core runs them
  // with groups of these sizes.
  t.deepEqual(sizes(4, [5, 6, 7, 9, 10, 11, 13, 14]), [5, 6, 7, 5, 5, 6, 7, 5]);
  t.deepEqual(sizes(4, [1, 2, 3]), [1, 2, 3]);
});

test('interleaved: groups may be larger, as Megatron-Core lets them', (t) => {
  const shape = { stages: 2, microbatches: 5, chunks: 2, microbatchGroup: 5 };
  // microbatch_group_size_per_vp_stage = 5: 2 · 0 + 1 · 5 forwards before the last stage's first backward.
  t.is(
    written('interleaved', shape, 1),
    '1F0 1F1 1F2 1F3 1F4 3F0 3B0 3F1 3B1 3F2 3B2 3F3 3B3 3F4 3B4 1B0 1B1 1B2 1B3 1B4',
  );
  const problems = (microbatchGroup: number, chunks = 2) =>
    shapeProblems('interleaved', { stages: 4, microbatches: 11, chunks, microbatchGroup });
  t.deepEqual(problems(6), []);
  t.deepEqual(problems(7), []);
  for (const size of [3, 4, 5, 12]) {
    t.deepEqual(problems(size), [
      {
        field: 'microbatchGroup',
        message: `found ${size}, expected 4 to 11 microbatches, with a last group of at least 4; left out it is 6`,
      },
    ]);
  }
  t.regex(problems(6, 1)[0]!.message, /only "interleaved" with several chunks/);
});

test('interleaved: one group no longer fills every stage with all forwards', (t) => {
  const dag = scheduleDag('interleaved', { stages: 4, microbatches: 4, chunks: 2 });
  t.deepEqual([...activationPeaks(dag).activations], [4, 4, 3.5, 2.5]);
});

test('gpipe: backwards go in the order of forwards, as in torch', (t) => {
  const shape = { stages: 2, microbatches: 3, chunks: 1 };
  t.is(written('gpipe', shape, 0), '0F0 0F1 0F2 0B0 0B1 0B2');
  t.is(written('gpipe', shape, 1), '1F0 1F1 1F2 1B0 1B1 1B2');
});

test('recomputing stages hold inputs where 1F1B holds activations', (t) => {
  const dag = scheduleDag('early-recomputation', { stages: 4, microbatches: 9, chunks: 1 });
  t.deepEqual([...activationPeaks(dag).checkpoints], [4, 3, 2, 1]);
});

test('shapes that a schedule does not run are refused with what it runs', (t) => {
  const problem = (schedule: ScheduleName, stages: number, microbatches: number, chunks: number) =>
    shapeProblems(schedule, { stages, microbatches, chunks }).map(
      (p) => `${p.field}: ${p.message}`,
    );
  t.deepEqual(problem('interleaved', 4, 6, 2), []);
  t.deepEqual(problem('dualpipe', 3, 5, 2), [
    'chunks: found 2, expected 1: only the schedule "interleaved" cuts stages into chunks',
    'stages: found 3, expected an even number for "dualpipe"',
    'microbatches: found 5, expected an even number of at least 6 for "dualpipe"',
  ]);
  t.throws(() => scheduleDag('dualpipe', { stages: 3, microbatches: 12, chunks: 1 }), {
    instanceOf: RangeError,
  });
});

test('every schedule is declared once, and documented', (t) => {
  const page = readFileSync(projectFile('docs/scenarios.md'), 'utf8');
  const spelt = SCHEDULES.flatMap(({ name, aliases, relatives }) => [
    ...[name, ...aliases, ...relatives].map(normalised),
  ]);
  t.is(new Set(SCHEDULE_NAMES).size, SCHEDULE_NAMES.length);
  for (const { name, aliases, relatives } of SCHEDULES) {
    t.true(page.includes(`\n| \`${name}\` `), `docs/scenarios.md lacks a row for "${name}"`);
    t.is(
      scheduleDag(name, exampleShape(name, { stages: 3, microbatches: 5, chunks: 2 })).schedule,
      name,
    );
    for (const other of aliases) t.is(understood(SCHEDULE_VOCABULARY, other), name);
    // A name that means one schedule is not suggested for another.
    for (const other of relatives) t.is(spelt.filter((one) => one === normalised(other)).length, 1);
  }
});

test('orders that cannot run are refused', (t) => {
  const build = (...orders: { kind: number; microbatch: number }[][]) =>
    buildDag({ name: 'test', microbatchCount: 2, orders });
  const F = (microbatch: number) => ({ kind: FORWARD, microbatch });
  const B = (microbatch: number) => ({ kind: BACKWARD, microbatch });
  t.throws(() => build([F(0), F(1), B(0), B(1)], [F(1), F(0), B(1), B(0)].reverse()), {
    message: /before what it needs of its own stage/,
  });
  t.throws(() => build([F(0), B(0), F(1), B(1)], [F(1), B(1), F(0), B(0)]), {
    message: /deadlocks/,
  });
  t.throws(() => build([F(0), F(0), B(0), B(1)]), { message: /microbatch 0 .* twice/ });
});
