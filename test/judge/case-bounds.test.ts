import test from 'ava';
import { caseBounds } from '../../sim/judge/case-bounds.js';
import { loadDiscreteOracle } from '../../src/planner/discrete-oracle.js';
import { caseDistances, meanDistances } from '../../sim/judge/distances.js';
import { judgePlanner, realise, type Performance } from '../../sim/judge/judge-planner.js';
import { robustnessCases, suiteCases, type JudgedCase } from '../../sim/judge/suites.js';
import { energyBound } from '../../sim/run/energy-bound.js';
import { scenarioSetting } from '../../sim/scenario/scenario-setting.js';
import { paperProfiles } from '../../sim/cli/paper-profiles.js';
import { perseus } from '../../src/planner/perseus/perseus.js';
import { perseusHull } from '../../src/planner/perseus-hull/perseus-hull.js';

test('tiny jobs: no plan beats the best choice of clocks, and that not the least possible', async (t) => {
  const discrete = await loadDiscreteOracle();
  const distances = [];
  for (const one of suiteCases('tiny', paperProfiles('test'))) {
    const judge = (planner: typeof perseus) =>
      judgePlanner(planner, one, [], () => 0) as Performance;
    const [base, candidate] = [judge(perseus), judge(perseusHull)];
    const meetS = Math.max(base.fastest.timeS, candidate.fastest.timeS);
    const timesS = [meetS, 1.05 * base.leastTimeS, 1.2 * base.leastTimeS];
    const bounds = caseBounds(one, timesS, discrete);
    t.not(bounds.bestJ, undefined, one.name);
    bounds.bestJ!.forEach((bestJ, k) => {
      t.true(bestJ >= bounds.leastJ[k]! * (1 - 1e-9), one.name);
    });
    const found = caseDistances(base, candidate, bounds);
    for (const { aboveLeastPct, aboveBestPct } of found) {
      t.true(Math.min(...aboveBestPct!) > -1e-6, one.name);
      t.true(aboveLeastPct[0] >= aboveBestPct![0] - 1e-6);
    }
    distances.push(found);
  }
  // The loss when durations of continuous planning become clocks, and the part that is regained.
  for (const { at, kind, cases, meanPct } of meanDistances(distances)) {
    t.log(`${at}, above ${kind}: ${meanPct.map((pct) => pct.toFixed(3)).join(' → ')} %`);
    t.is(cases, distances.length);
    if (kind === 'best') t.true(meanPct[1] < meanPct[0] / 4);
  }
});

test('the bound counts clocks that waiting alone makes worth while', (t) => {
  const [{ scenario, source }] = robustnessCases(paperProfiles('test')) as [JudgedCase];
  const pipeline = { ...scenario.pipeline, microbatches: 96 };
  const unitTimeS = scenario.unitTimeS! / 2;
  const setting = scenarioSetting({ ...scenario, pipeline, unitTimeS }, source);
  const bound = energyBound(setting);
  t.is(bound.method, 'lp');
  const plans = perseusHull.plan(setting.problem);
  const fastestS = plans.fastest.plannedTimeS;
  const { dag, gpusPerStage, blockingPowerW } = setting.problem;
  const waitingW = dag.stageCount * gpusPerStage * blockingPowerW;
  for (const slowdown of [1, 1.2, 1.4]) {
    const untilS = slowdown * fastestS;
    const { timeS, energyJ } = realise(setting, plans.planAt(untilS));
    const leastJ = bound.ofJob({ pipelines: 1, stragglers: [] }, untilS);
    const abovePct = 100 * ((energyJ + waitingW * (untilS - timeS)) / leastJ - 1);
    t.log(`at ${slowdown}: ${abovePct.toFixed(3)} % above the bound`);
    t.true(abovePct >= 0 && abovePct < 1);
  }
});
