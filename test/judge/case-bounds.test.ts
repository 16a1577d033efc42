import test from 'ava';
import { caseBounds, loadSolvers } from '../../sim/judge/case-bounds.js';
import { caseDistances, meanDistances } from '../../sim/judge/distances.js';
import { judgePlanner, type Performance } from '../../sim/judge/judge-planner.js';
import { suiteCases } from '../../sim/judge/suites.js';
import { paperProfiles } from '../../sim/cli/paper-profiles.js';
import { perseus } from '../../src/planner/perseus/perseus.js';
import { perseusHull } from '../../src/planner/perseus-hull/perseus-hull.js';

test('tiny jobs: no plan beats the best choice of clocks, and that not the least possible', async (t) => {
  const solvers = await loadSolvers();
  const distances = [];
  for (const one of suiteCases('tiny', paperProfiles('test'))) {
    const judge = (planner: typeof perseus) =>
      judgePlanner(planner, one, [], () => 0) as Performance;
    const [base, candidate] = [judge(perseus), judge(perseusHull)];
    const meetS = Math.max(base.fastest.timeS, candidate.fastest.timeS);
    const timesS = [meetS, 1.05 * base.leastTimeS, 1.2 * base.leastTimeS];
    const bounds = await caseBounds(one, timesS, solvers);
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
  // What continuous planning loses when durations become clocks, and what is won back of it.
  for (const { at, kind, cases, meanPct } of meanDistances(distances)) {
    t.log(`${at}, above ${kind}: ${meanPct.map((pct) => pct.toFixed(3)).join(' → ')} %`);
    t.is(cases, distances.length);
    if (kind === 'best') t.true(meanPct[1] < meanPct[0] / 4);
  }
});
