import test from 'ava';
import { oneFOneB } from '../../src/pipeline/one-f-one-b.js';
import { perseus } from '../../src/planner/perseus/perseus.js';
import { planningProblem } from '../../src/planner/planning-problem.js';
import { readStageProfile } from '../../src/profile/read-csv.js';
import { MICROBATCHES, STAGES, TABLE_6 } from '../support/paper.js';
import { readSharedData, testWithSharedData } from '../support/shared-data.js';

/** Points that the reference solver found, without the starting point. */
function goldenFrontier(name: string): [number, number][] {
  const lines = readSharedData(`sosp24/frontiers/${name}.csv`).trim().split('\n').slice(1);
  return lines.map((line) => line.split(',').map(Number) as [number, number]);
}

for (const { profile, unitTimeS, blockingPowerW } of TABLE_6.slice(0, 2)) {
  for (const microbatches of MICROBATCHES) {
    testWithSharedData(`${profile}, ${microbatches} microbatches: every frontier point`, (t) => {
      const file = `sosp24/stage_profiles/${profile}_bf16.csv`;
      const plans = perseus.plan(
        planningProblem(
          oneFOneB(STAGES, microbatches),
          readStageProfile(readSharedData(file), file),
          { unitTimeS, blockingPowerW, gpusPerStage: 1 },
        ),
      );
      const golden = goldenFrontier(`${profile}_mb${microbatches}`);
      t.is(plans.pointCount, golden.length + 1, 'one point more: the starting point');
      let worst = 0;
      let highest = -Infinity;
      golden.forEach(([goldenS, goldenJ], k) => {
        const { timeS, energyJ } = plans.point(k + 1);
        if (Math.abs(timeS - goldenS) > 1e-9) t.fail(`point ${k}: ${timeS} s, not ${goldenS} s`);
        worst = Math.max(worst, Math.abs(energyJ / goldenJ - 1));
        highest = Math.max(highest, energyJ / goldenJ - 1);
      });
      t.log(`${golden.length} points, largest relative difference ${worst.toExponential(1)}`);
      t.true(worst < 1e-6, `largest relative difference ${worst}`);
      t.true(highest < 1e-6, `above the reference by ${highest}`);
    });
  }
}

test('the golden frontiers are of the paper’s four emulated jobs', (t) => {
  t.deepEqual(
    TABLE_6.map((job) => job.profile),
    ['gpt3-175b+a100_sxm', 'gpt3-175b+a40', 'bloom+a100_sxm', 'bloom+a40'],
  );
});
