import { readFileSync } from 'node:fs';
import test from 'ava';
import { catalogProfile, parseCatalogEntry } from '../../sim/hardware/catalog.js';
import { oneFOneB } from '../../src/pipeline/one-f-one-b.js';
import { clockChoices, hullCosts } from '../../src/planner/perseus-hull/clock-choices.js';
import { MinCutWalk } from '../../src/planner/perseus/min-cut-walk.js';
import { planningProblem } from '../../src/planner/planning-problem.js';
import { projectFile } from '../support/files.js';

const BLOCKING_W = 83.64;

/** Steps and ticks of the frontier on the hull of a job's clocks. */
function hullWalk(unitTimeS: number): { readonly steps: number; readonly ticks: number } {
  const entry = readFileSync(projectFile('scenarios/catalog/gpt3-175b-a100-sxm.yaml'), 'utf8');
  const problem = planningProblem(oneFOneB(8, 12), catalogProfile(parseCatalogEntry(entry)), {
    unitTimeS,
    blockingPowerW: BLOCKING_W,
    gpusPerStage: 1,
  });
  const walk = new MinCutWalk({
    ...problem,
    operations: problem.operations.map((op) =>
      hullCosts(op, clockChoices(op, BLOCKING_W), unitTimeS),
    ),
  });
  const slowestTicks = walk.lengthTicks;
  let steps = 0;
  while (walk.advance()) steps++;
  return { steps, ticks: slowestTicks - walk.lengthTicks };
}

test('on the hull of measured clocks, 16 times as many ticks take less than twice the steps', (t) => {
  const coarse = hullWalk(1e-4);
  const fine = hullWalk(1e-4 / 16);
  t.log(coarse, fine);
  t.true(fine.ticks > 15.5 * coarse.ticks, `${fine.ticks} ticks after ${coarse.ticks}`);
  t.true(fine.steps < 2 * coarse.steps, `${fine.steps} steps after ${coarse.steps}`);
});
