import test from 'ava';
import fc from 'fast-check';
import { LIBRARY } from '../../sim/disk/catalog-files.js';
import { loadScenarioObject } from '../../sim/scenario/scenario.js';
import { scenarioSetting } from '../../sim/scenario/scenario-setting.js';
import { PlansOnDemand } from '../../src/planner/deadline/plans-on-demand.js';
import { inChords } from '../../src/planner/perseus/chords.js';
import { frontierOutline } from '../../src/planner/perseus/outline.js';
import { perseus } from '../../src/planner/perseus/perseus.js';
import type { PlanningProblem, Plans } from '../../src/planner/planner.js';
import { checkProperty } from '../support/properties.js';
import { anyProblem } from '../support/random-problems.js';

/** Convex, falling costs over up to 300 ticks, of any size. */
const anyCosts = fc
  .tuple(
    fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 300 }),
    fc.integer({ min: -100, max: 1e5 }),
    fc.integer({ min: -30, max: 10 }),
  )
  .map(([savings, lastJ, exponent]) => {
    const falling = savings.sort((a, b) => a - b);
    const costs = [lastJ];
    for (const saving of falling) costs.push(costs.at(-1)! + saving * 2 ** exponent);
    return Float64Array.from(costs.reverse());
  });

test('chords: the same ends, convex, nowhere below the curve or further above it than allowed', async (t) => {
  const anyPart = fc.constantFrom(0, 1e-6, 1e-3, 0.1, 1);
  await checkProperty(t, fc.tuple(anyCosts, anyPart), ([costJ, part]) => {
    const range = costJ[0]! - costJ.at(-1)!;
    const chords = inChords(costJ, part * range);
    const tinyJ = 1e-12 * (1 + Math.max(Math.abs(costJ[0]!), Math.abs(costJ.at(-1)!)));
    chords.forEach((chordJ, k) => {
      const aboveJ = chordJ - costJ[k]!;
      if (aboveJ < -costJ.length * tinyJ) throw new Error(`below the curve at ${k}`);
      if (aboveJ > part * range + costJ.length * tinyJ)
        throw new Error(`${aboveJ} J above at ${k}`);
      if (k < 2) return;
      const [before, after] = [chords[k - 2]! - chords[k - 1]!, chords[k - 1]! - chordJ];
      if (after > before + tinyJ) throw new Error(`not convex at ${k}`);
    });
    if (Math.abs(chords.at(-1)! - costJ.at(-1)!) > costJ.length * tinyJ) throw new Error('end');
  });
});

test('an exponential over 400 ticks becomes 21 chords, each of equal savings', (t) => {
  const costJ = Float64Array.from({ length: 401 }, (_, k) => 30 * Math.exp(-k / 100) - 7);
  const chords = inChords(costJ, 1e-3 * (costJ[0]! - costJ[400]!));
  const savings = new Set(chords.slice(1).map((after, k) => chords[k]! - after));
  // By the curvature: ∫ √(c″ ÷ 8 ÷ tolerance) = 19.5, and the last one is cut off.
  t.is(savings.size, 21);
});

/** The most by which an outline may be above its frontier: the tolerances of all instructions. */
function mostAboveJ({ dag, operations, gpusPerStage }: PlanningProblem): number {
  const ranges = operations.map(({ costJ }) => costJ[0]! - costJ.at(-1)!);
  return 1e-3 * gpusPerStage * dag.operation.reduce((sum, op) => sum + ranges[op]!, 0);
}

/** The frontier's energy at a time. */
function energyAt(frontier: Plans, timeS: number, unitTimeS: number): number {
  const slowestS = frontier.point(0).timeS;
  return frontier.point(Math.round((slowestS - timeS) / unitTimeS)).energyJ;
}

test('an outline goes from T* to T_min, on the frontier or a little above it', async (t) => {
  await checkProperty(t, anyProblem, (problem) => {
    const frontier = perseus.plan(problem);
    const points = frontierOutline(problem, 50);
    if (points[0]!.timeS !== frontier.point(0).timeS) throw new Error('another T*');
    if (points.at(-1)!.timeS !== frontier.fastest.plannedTimeS) throw new Error('another T_min');
    const mostJ = mostAboveJ(problem);
    for (const { timeS, energyJ } of points) {
      const exactJ = energyAt(frontier, timeS, problem.unitTimeS);
      const tinyJ = 1e-9 * Math.abs(exactJ);
      if (energyJ < exactJ - tinyJ) throw new Error(`${exactJ - energyJ} J below at ${timeS} s`);
      if (energyJ > exactJ + mostJ + tinyJ) throw new Error(`${energyJ - exactJ} J above`);
    }
  });
});

test('GPT-3: everywhere between its points an outline is within 0.02 % of the frontier', (t) => {
  const { scenario, profile } = loadScenarioObject(
    {
      name: 'outlined',
      profile: { catalog: 'gpt3-175b-a100-sxm' },
      pipeline: { stages: 8, microbatches: 12 },
      imbalance: { factors: [1, 1.07, 1, 1, 1, 0.95, 1, 1] },
    },
    'outlined',
    LIBRARY,
  );
  const { problem } = scenarioSetting(scenario, profile);
  const frontier = perseus.plan(problem);
  const onDemand = new PlansOnDemand(problem);
  const chosen = onDemand.forStraggler(1.1 * onDemand.fastest.plannedTimeS);
  const points = onDemand.drawn(400);
  t.true(points.length > 50 && points.length < 800);
  const has = (timeS: number, energyJ: number) =>
    points.some((point) => point.timeS === timeS && point.energyJ === energyJ);
  t.true(has(chosen.plannedTimeS, chosen.plannedEnergyJ), 'the curve goes through chosen plans');
  t.deepEqual(points[0], frontier.point(0));
  t.deepEqual(points.at(-1), frontier.point(frontier.pointCount - 1));
  points.slice(1).forEach((right, k) => {
    const left = points[k]!;
    for (const part of [0, 0.3, 0.5, 0.8]) {
      const timeS = left.timeS + part * (right.timeS - left.timeS);
      const wholeS = Math.round(timeS / problem.unitTimeS) * problem.unitTimeS;
      const along = (wholeS - left.timeS) / (right.timeS - left.timeS);
      const drawnJ = left.energyJ + along * (right.energyJ - left.energyJ);
      const exactJ = energyAt(frontier, wholeS, problem.unitTimeS);
      t.true(Math.abs(drawnJ / exactJ - 1) < 2e-4, `${drawnJ} J, not ${exactJ} J at ${wholeS} s`);
    }
  });
});

test('a frontier that is planned at once, or was planned, is drawn from its own points', async (t) => {
  await checkProperty(
    t,
    anyProblem,
    (problem) => {
      const frontier = perseus.plan(problem);
      const drawn = new PlansOnDemand(problem).drawn(7);
      if (drawn.length > 7) throw new Error(`${drawn.length} points`);
      for (const { timeS, energyJ } of drawn) {
        if (energyJ !== energyAt(frontier, timeS, problem.unitTimeS)) throw new Error('off');
      }
    },
    40,
  );
});
