import test from 'ava';
import { judgePlanner } from '../../sim/judge/judge-planner.js';
import { suiteCases } from '../../sim/judge/suites.js';
import { maxFrequency } from '../../src/planner/max-frequency.js';
import { perseus } from '../../src/planner/perseus/perseus.js';
import { SinglePlan } from '../../src/planner/single-plan.js';
import type { FrequencyPlan, ModulePlans, UncheckedPlanner } from '../../src/planner/planner.js';

const judgedCase = suiteCases('adversarial', []).find(({ name }) => name === 'two clocks')!;

/** A planner whose one plan is spoilt. */
function spoilt(change: (plan: FrequencyPlan) => Partial<FrequencyPlan>): UncheckedPlanner {
  return {
    name: 'spoilt',
    plan: (problem) => {
      const plan = maxFrequency.plan(problem).fastest;
      return new SinglePlan({ ...plan, ...change(plan) });
    },
  };
}

function plansOf(change: (plans: ModulePlans) => Partial<ModulePlans>): UncheckedPlanner {
  return {
    name: 'spoilt',
    plan: (problem) => {
      const plans = perseus.plan(problem);
      const sound: ModulePlans = {
        pointCount: plans.pointCount,
        point: (k) => plans.point(k),
        planAt: (deadlineS) => plans.planAt(deadlineS),
        forStraggler: (timeS) => plans.forStraggler(timeS),
      };
      return { ...sound, ...change(plans) };
    },
  };
}

const FAULTS: readonly (readonly [string, UncheckedPlanner, RegExp])[] = [
  [
    'a missing instruction',
    spoilt(({ frequencyMHz }) => ({ frequencyMHz: frequencyMHz.slice(1) })),
    /^found clocks for 63 instructions, expected 64$/,
  ],
  [
    'an unknown clock',
    spoilt(({ frequencyMHz }) => ({
      frequencyMHz: frequencyMHz.map((f, i) => (i === 5 ? f + 1 : f)),
    })),
    /^found a clock of 1501 MHz for instruction 5 \(forward on stage 0\), expected one of its 2 from 1413 to 1500 MHz$/,
  ],
  [
    'a clock that is no number',
    spoilt(({ frequencyMHz }) => ({ frequencyMHz: frequencyMHz.map(() => NaN) })),
    /^found a clock of NaN MHz for instruction 0/,
  ],
  ['an energy of NaN', spoilt(() => ({ plannedEnergyJ: NaN })), /^found a promised energy of NaN$/],
  [
    'an infeasible promise',
    spoilt(({ plannedTimeS }) => ({ plannedTimeS: plannedTimeS / 2 })),
    /^its clocks take [\d.]+ s, but it promises [\d.]+ s$/,
  ],
  [
    'a deadline that is not kept',
    plansOf((plans) => ({ planAt: () => plans.forStraggler(Infinity) })),
    /^its clocks take [\d.]+ s, but the deadline is [\d.]+ s$/,
  ],
  ['no plan', plansOf(() => ({ pointCount: 0 })), /^found no plan at all$/],
  [
    'a frontier that goes back',
    plansOf((plans) => ({ point: (k) => plans.point(plans.pointCount - 1 - k) })),
    /^point 1 of the frontier takes .* points go from slow to fast$/,
  ],
  [
    'a crash',
    {
      name: 'crash',
      plan: () => {
        throw new TypeError('x is undefined');
      },
    },
    /^it failed: x is undefined$/,
  ],
];

for (const [fault, planner, message] of FAULTS) {
  test(`a verdict, not a crash: ${fault}`, (t) => {
    const judged = judgePlanner(planner, judgedCase, [], () => 0);
    t.true('broken' in judged);
    if ('broken' in judged) t.regex(judged.broken, message);
  });
}

test('planners of the project are sound in every adversarial case', (t) => {
  for (const planner of [maxFrequency, perseus]) {
    for (const one of suiteCases('adversarial', [])) {
      const judged = judgePlanner(planner, one, [], () => 0);
      t.false('broken' in judged, `${planner.name}, ${one.name}: ${JSON.stringify(judged)}`);
    }
  }
});
