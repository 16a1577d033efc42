import { baselineEnergy } from '../../sim/run/planned-job.js';
import { oneFOneB } from '../../src/pipeline/one-f-one-b.js';
import { perseus } from '../../src/planner/perseus/perseus.js';
import { planningProblem } from '../../src/planner/planning-problem.js';
import type { StageProfile } from '../../src/profile/stage-profile.js';
import { STAGES } from './paper.js';

/** Planned intrinsic saving at T_min, in percent of max-frequency at that time. */
export function intrinsicSavingPct(
  profile: StageProfile,
  microbatches: number,
  settings: { unitTimeS: number; blockingPowerW: number },
): number {
  const problem = planningProblem(oneFOneB(STAGES, microbatches), profile, {
    ...settings,
    gpusPerStage: 1,
  });
  const plans = perseus.plan(problem);
  const { timeS, energyJ } = plans.point(plans.pointCount - 1);
  return 100 * (1 - energyJ / baselineEnergy(problem, timeS));
}
