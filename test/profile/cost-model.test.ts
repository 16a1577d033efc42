import test from 'ava';
import fc from 'fast-check';
import {
  costTable,
  evaluateCost,
  fitExponentialCost,
  type CostPoint,
} from '../../src/profile/cost-model.js';
import { operationCosts } from '../../src/profile/operation-costs.js';
import { readStageProfile } from '../../src/profile/read-csv.js';
import { checkProperty } from '../support/properties.js';
import { readSharedData, testWithSharedData } from '../support/shared-data.js';

/** Kept points of an operation as the planner sees them. */
function pointsOf(
  file: string,
  stage: number,
  kind: 'forward' | 'backward',
  unitTimeS: number,
  blockingPowerW: number,
): CostPoint[] {
  const profile = readStageProfile(readSharedData(file), file);
  const { options } = operationCosts(
    { stage, chunk: 0, modelStage: stage, kind },
    profile.stages[stage]![kind],
    {
      unitTimeS,
      blockingPowerW,
    },
  );
  return options.map(({ durationTicks, energyJ }) => ({
    ticks: durationTicks,
    costJ: energyJ - blockingPowerW * unitTimeS * durationTicks,
  }));
}

testWithSharedData('the fit finds the coefficients that the reference solver found', (t) => {
  const file = 'sosp24/stage_profiles/gpt3-175b+a100_sxm_bf16.csv';
  const golden = [
    { stage: 0, kind: 'forward', a: 15184.2, b: -0.149501, c: 10.93991 },
    { stage: 7, kind: 'forward', a: 13748.8, b: -0.135443, c: 11.11945 },
    { stage: 0, kind: 'backward', a: 53373.14, b: -0.0875784, c: 20.45283 },
    { stage: 7, kind: 'backward', a: 32397.66, b: -0.0764184, c: 20.42337 },
  ] as const;
  for (const { stage, kind, a, b, c } of golden) {
    const fit = fitExponentialCost(pointsOf(file, stage, kind, 1e-3, 83.64));
    if (fit.form !== 'exponential') return t.fail('the fit is a straight line');
    const aFromZero = fit.a * Math.exp(-fit.b * fit.originTicks);
    t.true(Math.abs(fit.b / b - 1) < 1e-5, `b = ${fit.b}, golden ${b}`);
    t.true(Math.abs(aFromZero / a - 1) < 1e-5, `a = ${aFromZero}, golden ${a}`);
    t.true(Math.abs(fit.c / c - 1) < 1e-6, `c = ${fit.c}, golden ${c}`);
  }
});

testWithSharedData('Bloom forward on A40 bends too little for an exponential: a line', (t) => {
  const file = 'sosp24/stage_profiles/bloom+a40_bf16.csv';
  for (const [stage, referenceB] of [
    [0, -2.06e-6],
    [7, -1.63e-6],
  ] as const) {
    const points = pointsOf(file, stage, 'forward', 1e-4, 70.38);
    const fit = fitExponentialCost(points);
    t.is(fit.form, 'line');
    // The reference's nearly straight exponential, by least squares for its b.
    const shape = points.map(({ ticks }) => Math.exp(referenceB * (ticks - points[0]!.ticks)));
    const meanX = shape.reduce((s, x) => s + x, 0) / shape.length;
    const meanY = points.reduce((s, p) => s + p.costJ, 0) / points.length;
    const xy = points.reduce((s, p, k) => s + (shape[k]! - meanX) * (p.costJ - meanY), 0);
    const xx = shape.reduce((s, x) => s + (x - meanX) ** 2, 0);
    const worst = Math.max(
      ...points.map(({ ticks }, k) =>
        Math.abs(evaluateCost(fit, ticks) / (meanY + (xy / xx) * (shape[k]! - meanX)) - 1),
      ),
    );
    t.log(`stage ${stage}: line and reference differ by at most ${worst.toExponential(1)}`);
    t.true(worst < 1e-4);
  }
});

const exponential = fc.record({
  a: fc.double({ min: 0.1, max: 100, noNaN: true }),
  bend: fc.double({ min: 0.1, max: 8, noNaN: true }),
  c: fc.double({ min: -50, max: 50, noNaN: true }),
  ticks: fc.uniqueArray(fc.integer({ min: 1, max: 500 }), { minLength: 5, maxLength: 40 }),
});

test('recovers an exponential from exact points', async (t) => {
  await checkProperty(t, exponential, ({ a, bend, c, ticks }) => {
    const rising = ticks.toSorted((x, y) => x - y);
    const origin = rising[0]!;
    const b = -bend / (rising.at(-1)! - origin);
    const points = rising.map((d) => ({ ticks: d, costJ: a * Math.exp(b * (d - origin)) + c }));
    const fit = fitExponentialCost(points);
    for (const point of points) {
      const error = Math.abs(evaluateCost(fit, point.ticks) - point.costJ);
      if (error > 1e-5 * a) throw new Error(`off by ${error} J at ${point.ticks}`);
    }
  });
});

test('points on a line, and points that bend the wrong way, give the line', (t) => {
  const line = [0, 10, 20, 30].map((ticks) => ({ ticks, costJ: 50 - ticks }));
  t.like(fitExponentialCost(line), { form: 'line', slope: -1, intercept: 50 });
  const concave = [0, 10, 20, 30].map((ticks) => ({ ticks, costJ: 50 - (ticks * ticks) / 30 }));
  t.is(fitExponentialCost(concave).form, 'line');
  const rising = [0, 10, 20].map((ticks) => ({ ticks, costJ: 50 + ticks }));
  t.like(fitExponentialCost(rising), { form: 'line', slope: 0, intercept: 60 });
});

test('one or two points are enough', (t) => {
  t.deepEqual([...costTable('exponential', [{ ticks: 7, costJ: 3 }], 7, 7)], [3]);
  const two = [
    { ticks: 4, costJ: 10 },
    { ticks: 6, costJ: 6 },
  ];
  t.deepEqual([...costTable('exponential', two, 4, 6)], [10, 8, 6]);
});

const points = fc
  .uniqueArray(fc.record({ ticks: fc.nat(40), costJ: fc.nat(100) }), {
    minLength: 1,
    maxLength: 15,
    selector: (point) => point.ticks,
  })
  .map((list) => list.toSorted((a, b) => a.ticks - b.ticks));

test('tables of both models never rise and are convex', async (t) => {
  await checkProperty(t, points, (list) => {
    for (const model of ['exponential', 'hull'] as const) {
      const table = costTable(model, list, list[0]!.ticks, list.at(-1)!.ticks);
      for (let k = 1; k < table.length; k++) {
        if (table[k]! > table[k - 1]! + 1e-9) throw new Error(`${model} rises at ${k}`);
        const bend = k < 2 ? 0 : table[k]! - 2 * table[k - 1]! + table[k - 2]!;
        if (bend < -1e-9 * (1 + Math.abs(table[0]!))) throw new Error(`${model} bends at ${k}`);
      }
    }
  });
});
