import test from 'ava';
import { mean } from 'simple-statistics';
import { caseRobustness, robustnessRows, type Outcome } from '../../sim/judge/robustness.js';
import { suiteCases } from '../../sim/judge/suites.js';
import { maxFrequency } from '../../src/planner/max-frequency.js';
import { perseus } from '../../src/planner/perseus/perseus.js';
import { perseusHull } from '../../src/planner/perseus-hull/perseus-hull.js';
import type { UncheckedPlanner } from '../../src/planner/planner.js';

const judged = suiteCases('adversarial', []).find(
  ({ name }) => name === 'the last stage is heaviest',
)!;
const ofPerseus = caseRobustness(perseus, judged, 3);

const at = (outcomes: readonly Outcome[], disturbance: string, levelPct: number, slowdown = 1) =>
  outcomes.filter(
    (one) =>
      one.disturbance === disturbance && one.levelPct === levelPct && one.slowdown === slowdown,
  );
const meanSaving = (outcomes: readonly Outcome[]) => mean(outcomes.map((one) => one.savingPct));
const meanSlower = (outcomes: readonly Outcome[]) => mean(outcomes.map((one) => one.slowerPct));

test('where nothing is off, all of the saving survives', (t) => {
  const undisturbed = ofPerseus.filter(({ levelPct }) => levelPct === 0);
  t.is(undisturbed.length, 2 * (3 * 3 + 1));
  for (const { savingPct, informedSavingPct } of undisturbed) {
    t.true(savingPct > 5);
    t.true(Math.abs(savingPct - informedSavingPct) < 1e-9);
  }
});

test('the more is off, the more is lost, in time or in energy', (t) => {
  for (const [disturbance, levels] of [
    ['jitter', [0, 2, 8]],
    ['stale-profile', [0, 5, 20]],
  ] as const) {
    const slower = levels.map((level) => meanSlower(at(ofPerseus, disturbance, level)));
    t.deepEqual(
      slower,
      [...slower].sort((a, b) => a - b),
      disturbance,
    );
    t.true(slower[2]! > 0.2, disturbance);
  }
  // No energy is saved by being late: who knew, and took as long, saves more.
  for (const [disturbance, level] of [
    ['wrong-profile', 10],
    ['stale-profile', 20],
  ] as const) {
    const outcomes = at(ofPerseus, disturbance, level);
    const informed = mean(outcomes.map((one) => one.informedSavingPct));
    t.true(meanSaving(outcomes) < informed - 1, disturbance);
  }
});

test('the highest clocks save nothing and are never late', (t) => {
  for (const { savingPct, slowerPct } of caseRobustness(maxFrequency, judged, 1)) {
    t.true(Math.abs(savingPct) < 1e-9);
    t.true(slowerPct < 1e-9);
  }
});

test('every planner meets the same disturbances, whenever it is asked', (t) => {
  t.deepEqual(caseRobustness(perseus, judged, 3), ofPerseus);
  const other = caseRobustness(perseusHull, judged, 1);
  t.deepEqual(
    other.map(({ disturbance, levelPct, slowdown }) => [disturbance, levelPct, slowdown]),
    caseRobustness(perseus, judged, 1).map(({ disturbance, levelPct, slowdown }) => [
      disturbance,
      levelPct,
      slowdown,
    ]),
  );
});

test('a planner that is always late is late by that much, and its saving counts at its own time', (t) => {
  const late: UncheckedPlanner = {
    name: 'late',
    plan: (problem) => {
      const plans = perseus.plan(problem);
      const fastestS = plans.fastest.plannedTimeS;
      const later = { ...plans.forStraggler(1.1 * fastestS), plannedTimeS: 1.1 * fastestS };
      return {
        pointCount: 1,
        point: () => ({ timeS: later.plannedTimeS, energyJ: later.plannedEnergyJ }),
        planAt: () => later,
        forStraggler: () => later,
      };
    },
  };
  const [one] = at(caseRobustness(late, judged, 1), 'jitter', 0);
  // Clocks are rounded up: it is less late than it means to be.
  t.true(one!.slowerPct > 5 && one!.slowerPct <= 10, String(one!.slowerPct));
  const [ofFrontier] = at(ofPerseus, 'jitter', 0);
  t.true(one!.savingPct > ofFrontier!.savingPct);
});

test('rows are means over cases and seeds, in order', (t) => {
  const rows = robustnessRows('perseus', ofPerseus);
  t.is(rows.length, 2 * (5 + 5 + 5 + 7));
  const row = rows.find(
    (one) => one.disturbance === 'jitter' && one.levelPct === 4 && one.slowdown === 1.2,
  )!;
  const members = at(ofPerseus, 'jitter', 4, 1.2);
  t.is(members.length, 3);
  t.true(Math.abs(row.savingPct - meanSaving(members)) < 1e-12);
  t.true(row.interval.low <= row.savingPct && row.savingPct <= row.interval.high);
  t.true(row.survivesPct! > 90 && row.survivesPct! < 100.5);
});
