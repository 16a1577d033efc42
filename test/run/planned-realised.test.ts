import { bookEnergy } from '../../sim/energy/ledger.js';
import { profilePhysics } from '../../sim/hardware/operation-physics.js';
import { energyBound } from '../../sim/run/energy-bound.js';
import { dataParallelJob } from '../../sim/training/data-parallel.js';
import { simulateJob } from '../../sim/training/job.js';
import { noOverheads } from '../../sim/training/timing.js';
import { oneFOneB } from '../../src/pipeline/one-f-one-b.js';
import { maxFrequency } from '../../src/planner/max-frequency.js';
import { perseus } from '../../src/planner/perseus/perseus.js';
import type { FrequencyPlan } from '../../src/planner/planner.js';
import { planningProblem } from '../../src/planner/planning-problem.js';
import { readStageProfile } from '../../src/profile/read-csv.js';
import { readSharedData, testWithSharedData } from '../support/shared-data.js';

// Figures measured on the reference planner's plans for GPT-3 175B, A100, 12 microbatches.
testWithSharedData('planned is not realised: GPT-3 A100, 12 microbatches', (t) => {
  const file = 'sosp24/stage_profiles/gpt3-175b+a100_sxm_bf16.csv';
  const profile = readStageProfile(readSharedData(file), file);
  const dag = oneFOneB(8, 12);
  const gpus = { blockingPowerW: 83.64, gpusPerStage: 1 };
  const planning = { unitTimeS: 1e-3, ...gpus };
  const problem = planningProblem(dag, profile, planning);
  const realise = (plan: FrequencyPlan) => {
    const job = dataParallelJob({
      dag,
      physics: profilePhysics(profile, dag.operations),
      timing: noOverheads(8),
      pipelineCount: 1,
      plan,
    });
    const record = simulateJob(job);
    return {
      timeS: record.iterationTimeS,
      energyJ: bookEnergy(job, record, gpus).totalJ,
    };
  };

  const allMax = realise(maxFrequency.plan(problem).fastest);
  t.is(allMax.timeS.toFixed(4), '2.8365');

  const plans = perseus.plan(problem);
  const fastest = plans.fastest;
  t.is(fastest.plannedTimeS.toFixed(4), '2.8180');
  t.is(fastest.plannedEnergyJ.toFixed(1), '6212.8');
  const realised = realise(fastest);
  t.is(realised.timeS.toFixed(4), '2.8397');
  t.is(realised.energyJ.toFixed(1), '6212.1');

  const withStraggler = plans.forStraggler(1.05 * fastest.plannedTimeS);
  t.is(withStraggler.plannedTimeS.toFixed(4), '2.9580');
  t.is(realise(withStraggler).timeS.toFixed(4), '2.9800');

  const bound = energyBound({ dag, problem, planning });
  const leastJ = bound.ofJob({ pipelines: 1, stragglers: [] }, realised.timeS);
  t.is(bound.method, 'lp');
  t.is(leastJ.toFixed(1), '6142.6');
});
