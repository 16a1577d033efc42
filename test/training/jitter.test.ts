import test from 'ava';
import { oneFOneB } from '../../src/pipeline/one-f-one-b.js';
import { FORWARD } from '../../src/profile/operation.js';
import { addJitter, addSequenceLengths, type Place } from '../../sim/training/jitter.js';

const DAG = oneFOneB(4, 400);
const JITTER = { instructionSd: 0.02, iterationSd: 0.014, gpuSd: 0.004 };
const SEQUENCES = {
  forwardSd: 0.25,
  forwardP99: 2,
  backwardSd: 0.45,
  backwardP99: 2.8,
  correlation: 0.99,
};

function factorsOf(add: (factors: Float64Array) => void): Float64Array {
  const factors = new Float64Array(DAG.instructionCount).fill(1);
  add(factors);
  return factors;
}

function jitterAt(place: Place, model = JITTER): Float64Array {
  return factorsOf((factors) => {
    addJitter(factors, DAG, model, place);
  });
}

function mean(values: ArrayLike<number>): number {
  return Array.from(values).reduce((sum, x) => sum + x, 0) / values.length;
}

function sd(values: ArrayLike<number>): number {
  const centre = mean(values);
  return Math.sqrt(mean(Array.from(values, (x) => (x - centre) ** 2)));
}

test('instructions scatter by what is asked, about a mean of 1', (t) => {
  const factors = jitterAt(
    { seed: 1, pipeline: 0, iteration: 0 },
    { ...JITTER, iterationSd: 0, gpuSd: 0 },
  );
  const n = factors.length;
  t.true(Math.abs(mean(factors) - 1) < (4 * 0.02) / Math.sqrt(n));
  t.true(Math.abs(sd(factors) / 0.02 - 1) < 4 / Math.sqrt(2 * n));
});

test('what is common to an iteration is common to its pipelines, and differs between iterations', (t) => {
  const only = { instructionSd: 0, iterationSd: 0.014, gpuSd: 0 };
  const at = (pipeline: number, iteration: number) =>
    jitterAt({ seed: 1, pipeline, iteration }, only);
  t.is(new Set(at(0, 3)).size, 1);
  t.deepEqual(at(5, 3), at(0, 3));
  const iterations = Array.from({ length: 2000 }, (_, k) => at(0, k)[0]!);
  t.true(Math.abs(sd(iterations) / 0.014 - 1) < 0.1);
});

test('a GPU is as fast in every iteration', (t) => {
  const only = { instructionSd: 0, iterationSd: 0, gpuSd: 0.004 };
  const at = (pipeline: number, iteration: number) =>
    jitterAt({ seed: 1, pipeline, iteration }, only);
  t.deepEqual(at(2, 0), at(2, 9));
  t.notDeepEqual(at(2, 0), at(3, 0));
  t.is(new Set(at(2, 0)).size, DAG.stageCount);
});

test('every iteration of every pipeline has a stream of its own', (t) => {
  const place = { seed: 1, pipeline: 3, iteration: 7 };
  t.deepEqual(jitterAt(place), jitterAt({ ...place }));
  for (const other of [{ seed: 2 }, { pipeline: 4 }, { iteration: 8 }]) {
    t.notDeepEqual(jitterAt({ ...place, ...other }), jitterAt(place));
  }
});

test('a long microbatch is long on every stage, and its backward more so', (t) => {
  const forward: number[] = [];
  const backward: number[] = [];
  for (let iteration = 0; iteration < 100; iteration++) {
    const factors = factorsOf((into) => {
      addSequenceLengths(into, DAG, SEQUENCES, { seed: 1, pipeline: 0, iteration });
    });
    const ofMicrobatch = new Map<string, number>();
    for (let i = 0; i < DAG.instructionCount; i++) {
      const isForward = DAG.kind[i] === FORWARD;
      const key = `${isForward} ${DAG.microbatch[i]!}`;
      const known = ofMicrobatch.get(key);
      if (known === undefined) (isForward ? forward : backward).push(factors[i]!);
      else if (known !== factors[i]) t.fail(`${key} differs between stages`);
      ofMicrobatch.set(key, factors[i]!);
    }
  }
  const n = forward.length;
  t.is(n, 40_000);
  t.true(Math.abs(mean(forward) - 1) < (4 * 0.25) / Math.sqrt(n));
  t.true(Math.abs(mean(backward) - 1) < (4 * 0.45) / Math.sqrt(n));
  t.true(Math.abs(sd(forward) / 0.25 - 1) < 0.06, `σ forward ${sd(forward)}`);
  t.true(Math.abs(sd(backward) / 0.45 - 1) < 0.06, `σ backward ${sd(backward)}`);
  const p99 = (values: number[]) => [...values].sort((a, b) => a - b)[Math.floor(0.99 * n)]!;
  t.true(Math.abs(p99(forward) - 2) < 0.06, `p99 forward ${p99(forward)}`);
  t.true(Math.abs(p99(backward) - 2.8) < 0.12, `p99 backward ${p99(backward)}`);
});
