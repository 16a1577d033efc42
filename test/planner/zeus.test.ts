import test from 'ava';
import { InfeasibleDeadlineError } from '../../src/errors.js';
import { oneFOneB } from '../../src/pipeline/one-f-one-b.js';
import { maxFrequency } from '../../src/planner/max-frequency.js';
import { planningProblem } from '../../src/planner/planning-problem.js';
import { optionUnderLimit, powerLimits } from '../../src/planner/power-limit.js';
import { zeusGlobal } from '../../src/planner/zeus-global.js';
import { zeusPerStage } from '../../src/planner/zeus-per-stage.js';
import { byKind, type StageProfile } from '../../src/profile/stage-profile.js';

/** Powers 300, 250, 200, 150 W at falling clocks; the second stage is a fifth heavier. */
const profile: StageProfile = {
  source: 'made up',
  stages: [1, 1.2].map((weight) =>
    byKind((kind) =>
      [300, 250, 200, 150].map((powerW, k) => {
        const timeS = weight * (kind === 'forward' ? 1 : 2) * (1 + 0.2 * k);
        return { frequencyMHz: 1400 - 100 * k, timeS, energyJ: powerW * timeS };
      }),
    ),
  ),
};

const problem = planningProblem(oneFOneB(2, 4), profile, {
  unitTimeS: 0.01,
  blockingPowerW: 50,
  gpusPerStage: 1,
});

test('a power limit is the highest clock that keeps it', (t) => {
  const clock = (limitW: number) => optionUnderLimit(problem.operations[0]!, limitW).frequencyMHz;
  t.deepEqual([400, 300, 299, 250, 175, 100].map(clock), [1400, 1400, 1300, 1300, 1100, 1100]);
  t.deepEqual(powerLimits(problem), [300, 275, 250, 225, 200, 175, 150]);
});

for (const planner of [zeusGlobal, zeusPerStage]) {
  test(`${planner.name}: a frontier, slowest first`, (t) => {
    const plans = planner.plan(problem);
    t.true(plans.pointCount > 1);
    for (let k = 1; k < plans.pointCount; k++) {
      t.true(plans.point(k).timeS < plans.point(k - 1).timeS);
      t.true(plans.point(k).energyJ > plans.point(k - 1).energyJ);
    }
    const fastest = plans.point(plans.pointCount - 1);
    const highest = maxFrequency.plan(problem).point(0);
    // Balancing forwards slows backwards too, which may be on the critical path.
    if (planner === zeusGlobal) t.is(fastest.timeS, highest.timeS);
    else t.true(fastest.timeS >= highest.timeS && fastest.energyJ < highest.energyJ);
    t.is(plans.planAt(fastest.timeS).plannedEnergyJ, fastest.energyJ);
    t.is(plans.fastest.plannedTimeS, fastest.timeS);
    t.throws(() => plans.planAt(fastest.timeS * 0.99), { instanceOf: InfeasibleDeadlineError });
    t.throws(() => plans.point(plans.pointCount), { instanceOf: RangeError });
  });
}

test('one limit slows every stage alike, a limit per stage slows the light ones', (t) => {
  const clocksOf = (clocks: Float64Array) => [...new Set(clocks.subarray(0, 8))];
  const global = zeusGlobal.plan(problem);
  t.is(new Set(global.planAt(Infinity).frequencyMHz).size, 1);
  const perStage = zeusPerStage.plan(problem);
  const fastest = perStage.fastest;
  t.deepEqual(clocksOf(fastest.frequencyMHz), [1300], 'the light stage, whole');
  t.is(fastest.frequencyMHz[8], 1400, 'the heavy stage');
});

test('under a straggler the least energy until it is done counts, waiting included', (t) => {
  const plans = zeusGlobal.plan(problem);
  const fastest = plans.fastest;
  const chosen = plans.forStraggler(fastest.plannedTimeS * 1.45);
  t.true(chosen.plannedTimeS <= fastest.plannedTimeS * 1.45);
  t.true(chosen.plannedEnergyJ < fastest.plannedEnergyJ);
});
