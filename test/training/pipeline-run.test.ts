import test from 'ava';
import { runByEvents, runPipeline } from '../../sim/training/pipeline-run.js';
import { ReusedTimeArrays } from '../../sim/training/time-arrays.js';
import { instructionTiming } from '../../sim/training/timing.js';
import { checkProperty } from '../support/properties.js';
import { anyJobShape, jobOfShape, type JobShape } from '../support/random-jobs.js';

function assertSameBytes(a: Float64Array, b: Float64Array, what: string): void {
  const bytes = ({ buffer, byteOffset, byteLength }: Float64Array) =>
    Buffer.from(buffer, byteOffset, byteLength);
  if (!bytes(a).equals(bytes(b))) throw new Error(`${what} differ`);
}

test('a fixed workload in one pass has the times of its events, to the last bit', async (t) => {
  await checkProperty(t, anyJobShape, (shape) => {
    const { dag, timing, pipelines } = jobOfShape({ ...shape, changes: false });
    const overheads = instructionTiming(dag, timing);
    for (const workload of pipelines) {
      const pass = runPipeline(dag, overheads, workload);
      const events = runByEvents(dag, overheads, workload);
      assertSameBytes(pass.startS, events.startS, 'starts');
      assertSameBytes(pass.finishS, events.finishS, 'ends');
      if (pass.endS !== events.endS) throw new Error(`${pass.endS} s and ${events.endS} s`);
      if (pass.events !== events.events) throw new Error(`${pass.events} events`);
    }
  });
});

test('arrays that are used again change no time', async (t) => {
  const reused = new ReusedTimeArrays();
  await checkProperty(t, anyJobShape, (shape) => {
    const { dag, timing, pipelines } = jobOfShape(shape);
    const overheads = instructionTiming(dag, timing);
    reused.startAgain();
    for (const workload of pipelines) {
      const again = runPipeline(dag, overheads, workload, reused.take);
      const once = runPipeline(dag, overheads, workload);
      assertSameBytes(again.startS, once.startS, 'starts');
      assertSameBytes(again.finishS, once.finishS, 'ends');
    }
  });
});

test('arrays are given once until the next start, and then again in the same order', (t) => {
  const reused = new ReusedTimeArrays();
  const [first, second] = [reused.take(3), reused.take(3)];
  t.not(first, second);
  reused.startAgain();
  t.is(reused.take(3), first);
  t.is(reused.take(3), second);
  reused.startAgain();
  t.is(reused.take(4).length, 4);
});

const ONE: JobShape = {
  schedule: '1f1b',
  stages: 1,
  microbatches: 1,
  pipelines: [0],
  overheads: 'none',
  clocks: false,
  changes: false,
  ties: false,
  seed: 1,
};

test('impossible durations are refused by both ways', (t) => {
  const { dag, timing, pipelines } = jobOfShape(ONE);
  const overheads = instructionTiming(dag, timing);
  for (const wrong of [NaN, -1, Infinity]) {
    const durationS = pipelines[0]!.durationS.slice().fill(wrong, 0, 1);
    for (const run of [runPipeline, runByEvents]) {
      t.throws(() => run(dag, overheads, { ...pipelines[0]!, durationS }), {
        instanceOf: RangeError,
        message: `instruction 0 takes ${wrong} s, expected 0 or more`,
      });
    }
  }
});
