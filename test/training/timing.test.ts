import test from 'ava';
import { oneFOneB } from '../../src/pipeline/one-f-one-b.js';
import { dagOfArcs } from '../support/random-problems.js';
import { simulateJob } from '../../sim/training/job.js';
import { noOverheads, type TimingOverheads } from '../../sim/training/timing.js';

/** Two stages; forward takes 1 s, backward 2 s. */
function iterationS(microbatches: number, overheads: Partial<TimingOverheads>, stages = 2): number {
  const dag = oneFOneB(stages, microbatches);
  const n = dag.instructionCount;
  const workload = {
    durationS: Float64Array.from(dag.kind, (kind) => 1 + kind),
    stallS: new Float64Array(n),
    clockMHz: new Float64Array(n),
    powerW: new Float64Array(n).fill(300),
  };
  const timing = { ...noOverheads(stages), ...overheads };
  return simulateJob({ dag, timing, pipelines: [workload] }).iterationTimeS;
}

test('by hand: one microbatch through two stages', (t) => {
  t.is(iterationS(1, {}), 6);
  t.is(iterationS(1, { loadingS: [0.5, 0] }), 6.5);
  t.is(iterationS(1, { loadingS: [0.5, 0.25] }), 6.75);
  t.is(iterationS(1, { iterationConstantS: 4 }), 10);
  // One transfer each way; whichever side waits for it, nothing else can be done meanwhile.
  t.is(iterationS(1, { transferS: [0.125] }), 6.25);
  t.is(iterationS(1, { transferS: [0.125], transferRule: 'message' }), 6.25);
});

test('by hand: in a steady pipeline an exchange costs each side once, a message each side twice', (t) => {
  const perMicrobatchS = (overheads: Partial<TimingOverheads>) =>
    iterationS(21, overheads) - iterationS(20, overheads);
  t.is(perMicrobatchS({}), 3);
  t.is(perMicrobatchS({ transferS: [0.125], transferRule: 'message' }), 3.25);
  // Stage 1: forward, backward, send its gradient; stage 0 keeps up.
  t.is(perMicrobatchS({ transferS: [0.125], transferRule: 'exchange' }), 3.125);
  t.is(perMicrobatchS({ transferS: [0.125] }), 3.125, 'exchange is the default');
});

test('a pipeline ends with its last send, even of a stage that was done computing earlier', (t) => {
  const endS = (first: number, second: number) =>
    simulateJob({
      dag: { ...dagOfArcs(2, []), outputStage: Int32Array.of(1, -1) },
      timing: { ...noOverheads(2), transferS: [1.5] },
      pipelines: [
        {
          durationS: Float64Array.of(first, second),
          stallS: new Float64Array(2),
          clockMHz: new Float64Array(2),
          powerW: new Float64Array(2),
        },
      ],
    }).meetS;
  t.is(endS(1, 2), 2.5);
  t.is(endS(2, 1), 3.5);
  t.is(endS(1, 4), 4);
});

test('no overheads are zeros for every stage and link', (t) => {
  t.deepEqual(noOverheads(3), { loadingS: [0, 0, 0], transferS: [0, 0, 0], iterationConstantS: 0 });
  t.is(iterationS(4, {}, 1), 12);
});

test('overheads of another pipeline are refused', (t) => {
  const refused = (overheads: Partial<TimingOverheads>, message: string) =>
    t.throws(() => iterationS(1, overheads), { instanceOf: RangeError, message });
  refused({ loadingS: [0] }, 'loadingS has 1 entries, expected 2');
  refused({ transferS: [0, 0, 0] }, 'transferS has 3 entries, expected 1');
  refused({ transferS: [-1] }, 'transferS holds -1, expected 0 s or more');
  refused({ loadingS: [0, NaN] }, 'loadingS holds NaN, expected 0 s or more');
  refused(
    { iterationConstantS: Infinity },
    'iterationConstantS holds Infinity, expected 0 s or more',
  );
});

test('a duration that is no time is refused, and a job without pipelines', (t) => {
  const dag = oneFOneB(1, 1);
  const workload = (timeS: number) => ({
    durationS: Float64Array.of(1, timeS),
    stallS: new Float64Array(2),
    clockMHz: new Float64Array(2),
    powerW: new Float64Array(2),
  });
  for (const timeS of [NaN, -1]) {
    t.throws(() => simulateJob({ dag, timing: noOverheads(1), pipelines: [workload(timeS)] }), {
      instanceOf: RangeError,
      message: `instruction 1 takes ${timeS} s, expected 0 or more`,
    });
  }
  t.throws(() => simulateJob({ dag, timing: noOverheads(1), pipelines: [] }), {
    message: 'a job has at least one pipeline',
  });
});
