import test from 'ava';
import fc from 'fast-check';
import { criticalPath, pathTimes, slack } from '../../src/pipeline/critical-path.js';
import { oneFOneB, oneFOneBOrder } from '../../src/pipeline/one-f-one-b.js';
import { FORWARD } from '../../src/profile/operation.js';
import { checkProperty } from '../support/properties.js';

const shape = fc.record({
  stages: fc.integer({ min: 1, max: 9 }),
  microbatches: fc.integer({ min: 1, max: 20 }),
});

function spelled(stage: number, stages: number, microbatches: number): string {
  return oneFOneBOrder(stage, stages, microbatches)
    .map(({ kind, microbatch }) => `${kind === FORWARD ? 'F' : 'B'}${microbatch}`)
    .join(' ');
}

test('the order is that of the 1F1B figure', (t) => {
  t.is(spelled(0, 4, 5), 'F0 F1 F2 F3 B0 F4 B1 B2 B3 B4');
  t.is(spelled(2, 4, 5), 'F0 F1 B0 F2 B1 F3 B2 F4 B3 B4');
  t.is(spelled(3, 4, 5), 'F0 B0 F1 B1 F2 B2 F3 B3 F4 B4');
});

test('fewer microbatches than stages: all forwards come first where the pipeline never fills', (t) => {
  t.is(spelled(0, 4, 2), 'F0 F1 B0 B1');
  t.is(spelled(3, 4, 2), 'F0 B0 F1 B1');
  t.is(spelled(0, 1, 1), 'F0 B0');
});

test('every stage runs each microbatch once each way, and holds no more than it must', async (t) => {
  await checkProperty(t, shape, ({ stages, microbatches }) => {
    for (let stage = 0; stage < stages; stage++) {
      let forwards = 0;
      let backwards = 0;
      for (const { kind, microbatch } of oneFOneBOrder(stage, stages, microbatches)) {
        const next = kind === FORWARD ? forwards++ : backwards++;
        if (microbatch !== next) throw new Error('microbatches out of order');
        const held = forwards - backwards;
        if (held < 0 || held > Math.min(stages - stage, microbatches)) {
          throw new Error(`stage ${stage} holds the activations of ${held} microbatches`);
        }
      }
      if (forwards !== microbatches || backwards !== microbatches) throw new Error('some missing');
    }
  });
});

test('on balanced stages the iteration takes (M + S − 1)(f + b)', async (t) => {
  await checkProperty(t, shape, ({ stages, microbatches }) => {
    const dag = oneFOneB(stages, microbatches);
    const duration = Float64Array.from(dag.kind, (kind) => (kind === FORWARD ? 3 : 5));
    const { length } = pathTimes(dag, duration);
    const expected = (microbatches + stages - 1) * 8;
    if (length !== expected) throw new Error(`takes ${length}, expected ${expected}`);
  });
});

test('critical path: no slack, connected, as long as the iteration', async (t) => {
  const withDurations = shape.chain(({ stages, microbatches }) =>
    fc.record({
      dag: fc.constant(oneFOneB(stages, microbatches)),
      duration: fc.array(fc.integer({ min: 1, max: 9 }), {
        minLength: 2 * stages * microbatches,
        maxLength: 2 * stages * microbatches,
      }),
    }),
  );
  await checkProperty(t, withDurations, ({ dag, duration }) => {
    const times = pathTimes(dag, duration);
    const spare = slack(times);
    if (spare.some((value) => value < 0)) throw new Error('negative slack');
    const path = criticalPath(dag, duration);
    const total = path.reduce((sum, i) => sum + duration[i]!, 0);
    if (total !== times.length) throw new Error(`the path takes ${total}, not ${times.length}`);
    path.forEach((i, k) => {
      if (spare[i] !== 0) throw new Error(`instruction ${i} on the path has slack`);
      const next = path[k + 1];
      const follows = dag.successor.subarray(dag.successorStart[i], dag.successorStart[i + 1]);
      if (next !== undefined && !follows.includes(next)) throw new Error('the path has a gap');
    });
  });
});

test('slack is exactly how far an instruction can be stretched', async (t) => {
  await checkProperty(
    t,
    shape,
    ({ stages, microbatches }) => {
      const dag = oneFOneB(stages, microbatches);
      const duration = Array.from(dag.stage, (stage, i) => 1 + ((stage * 7 + i * 3) % 5));
      const times = pathTimes(dag, duration);
      const spare = slack(times);
      for (let i = 0; i < dag.instructionCount; i += 5) {
        const stretched = (by: number) =>
          pathTimes(dag, duration.with(i, duration[i]! + by)).length;
        if (stretched(spare[i]!) !== times.length) throw new Error('slack is too large');
        if (stretched(spare[i]! + 1) !== times.length + 1) throw new Error('slack is too small');
      }
    },
    40,
  );
});
