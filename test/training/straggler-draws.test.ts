import test from 'ava';
import {
  drawStragglers,
  expectedStragglers,
  STRAGGLER_KINDS,
  type StragglerKind,
  type StragglerModel,
} from '../../sim/training/straggler-draws.js';
import { meanTimeBetweenFaults } from '../../sim/training/straggler-frequency.js';
import type { Straggler } from '../../sim/training/data-parallel.js';

const JOB = { pipelines: 50, stages: 4, links: 3, microbatches: 20, iterationS: 7 };
const MODEL = { meanTimeBetweenS: 1000, shortestS: 60, longestS: 600, stallShare: 0.25 };
const WITHIN_S = 1e5;

function drawn(kinds: StragglerModel['kinds'], seed = 3): Straggler[] {
  return drawStragglers({ ...MODEL, kinds }, seed, JOB, WITHIN_S);
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, x) => sum + x, 0) / values.length;
}

function quantile(values: readonly number[], probability: number): number {
  return values.toSorted((a, b) => a - b)[Math.floor(probability * values.length)]!;
}

test('slowdowns come as often and last as long as asked, each pipeline by itself', (t) => {
  const all = drawn({ 'slow-job': 1 });
  for (const { fromS, untilS } of all) {
    t.true(untilS! - fromS! >= 60 && untilS! - fromS! <= 600);
  }
  // A cycle is a wait and a slowdown: 1000 s and (600 − 60) / ln 10 on average.
  const expected = (50 * WITHIN_S) / (1000 + 540 / Math.log(10));
  t.true(Math.abs(all.length / expected - 1) < 0.06, `${all.length}, expected ${expected}`);
  const model = { ...MODEL, kinds: { 'slow-job': 1 } };
  t.true(Math.abs(expectedStragglers(model, 50, WITHIN_S) / expected - 1) < 1e-12);
  const stalls = all.filter(({ cause }) => cause === 'stall').length / all.length;
  t.true(Math.abs(stalls - 0.25) < 0.03, String(stalls));
  const fewer = drawStragglers(model, 3, { ...JOB, pipelines: 10 }, WITHIN_S);
  t.deepEqual(
    fewer,
    all.filter(({ pipeline }) => pipeline < 10),
  );
});

test('more time adds slowdowns and changes none', (t) => {
  const kinds = { 'slow-job': 1, 'bad-worker': 2, 'data-stall': 1 };
  const short = drawStragglers({ ...MODEL, kinds }, 5, JOB, 3e4);
  t.deepEqual(
    short,
    drawn(kinds, 5).filter(({ fromS }) => fromS! < 3e4),
  );
});

test('jobs are as slow as published: 42.5 % by a tenth, a tenth wastes 21.3 %, a hundredth 45 %', (t) => {
  const factors = drawn({ 'slow-job': 1 }).map((straggler) =>
    'slowdown' in straggler ? straggler.slowdown : NaN,
  );
  const waste = (probability: number) => 1 - 1 / quantile(factors, probability);
  const slow = factors.filter((factor) => factor >= 1.1).length / factors.length;
  t.true(Math.abs(slow - 0.425) < 0.03, String(slow));
  t.true(Math.abs(waste(0.9) - 0.213) < 0.015, String(waste(0.9)));
  t.true(Math.abs(waste(0.99) - 0.45) < 0.04, String(waste(0.99)));
  t.true(Math.max(...factors) <= 3.04);
});

test('steps are as slow as published, median 1.0 and p90 1.06, for one iteration', (t) => {
  const steps = drawn({ 'slow-step': 1 });
  const factors = steps.map((straggler) => ('slowdown' in straggler ? straggler.slowdown : NaN));
  t.is(quantile(factors, 0.45), 1);
  t.true(Math.abs(quantile(factors, 0.9) - 1.06) < 0.003);
  for (const { fromS, untilS } of steps) t.true(Math.abs(untilS! - fromS! - 7) < 1e-9);
});

test('a bad worker is one stage, a long last stage the last, both slower forward', (t) => {
  const workers = drawn({ 'bad-worker': 1 });
  const stageOf = (straggler: Straggler) => ('stage' in straggler ? straggler.stage : undefined);
  t.deepEqual([...new Set(workers.map(stageOf))].sort(), [0, 1, 2, 3]);
  const { pipeline, fromS, untilS, stage, ...worker } = workers[0] as Straggler & { stage: number };
  t.deepEqual(worker as object, { cause: 'busy', slowdown: 2.5, backwardSlowdown: 2.27 });
  for (const last of drawn({ 'long-last-stage': 1 })) {
    t.like(last, { cause: 'busy', stage: 3, slowdown: 2.07, backwardSlowdown: 1.42 });
  }
});

test('GPUs differ by up to 8 %, links and data make a pipeline as slow as jobs are', (t) => {
  const factorOf = (straggler: Straggler) => ('slowdown' in straggler ? straggler.slowdown : NaN);
  const gpus = drawn({ 'slow-gpu': 1 }).map(factorOf);
  t.true(gpus.every((factor) => factor >= 1 && factor <= 1.08));
  t.true(Math.abs(mean(gpus) - 1.04) < 0.002);
  const links = drawn({ 'slow-link': 1 });
  t.true(links.every(({ cause }) => cause === 'slow-link'));
  t.deepEqual([...new Set(links.map((s) => ('link' in s ? s.link : NaN)))].sort(), [0, 1, 2]);
  const late = drawn({ 'data-stall': 1 }).map((s) => ('delayS' in s ? s.delayS : NaN));
  // All twenty microbatches together: (factor − 1) · 7 s.
  const lateJob = late.map((delayS) => 1 + (20 * delayS) / 7);
  t.true(Math.abs(quantile(lateJob, 0.575) - 1.1) < 0.01);
});

test('every kind comes as often as its weight says, and kinds of weight 0 never', (t) => {
  const kinds: Record<StragglerKind, number> = {
    ...{ 'slow-job': 2, 'slow-step': 0, 'bad-worker': 1, 'long-last-stage': 0 },
    ...{ 'slow-gpu': 0, 'slow-link': 3, 'data-stall': 4 },
  };
  t.deepEqual(Object.keys(kinds), [...STRAGGLER_KINDS]);
  const all = drawn(kinds);
  const share = (is: (straggler: Straggler) => boolean) => all.filter(is).length / all.length;
  t.true(Math.abs(share(({ cause }) => cause === 'slow-link') - 0.3) < 0.03);
  t.true(Math.abs(share(({ cause }) => cause === 'data-stall') - 0.4) < 0.03);
  t.true(Math.abs(share((s) => 'backwardSlowdown' in s) - 0.1) < 0.02);
});

test('without a number, slowdowns are as frequent as faults: 16,384 GPUs have one every 3 h', (t) => {
  t.is(meanTimeBetweenFaults(16_384), 3 * 3600);
  t.is(meanTimeBetweenFaults(64), 256 * 3 * 3600);
});
