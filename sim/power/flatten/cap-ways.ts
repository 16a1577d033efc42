import { most } from '../../../src/extremes.js';
import { entryOf } from '../../../src/groups.js';
import { lastPassing } from '../../../src/last-passing.js';
import type { Plans } from '../../../src/planner/planner.js';
import { bookEnergy } from '../../energy/ledger.js';
import type { CapWay } from '../../scenario/smoothing-schema.js';
import { simulateJob } from '../../training/job.js';
import type { ExecutedWorkload, PipelineRecord } from '../../training/pipeline-run.js';
import { jobSteps } from '../trace/job-steps.js';
import { underCap, type CappableJob, type CappedIteration, type CapTooLow } from './capped-job.js';
import { clockCeilings } from './clock-ceilings.js';

/** An iteration under a cap, or the power that it would need. */
export type CapAnswer = CappedIteration | CapTooLow;

/** Whether an iteration fits under its cap. */
export function fits(answer: CapAnswer): answer is CappedIteration {
  return 'steps' in answer;
}

/** Runs an iteration under a cap. @param plans of the policy, for a slower one. */
export type CapRunner = (capped: CappableJob, capW: number, plans: Plans) => CapAnswer;

/** How an iteration runs in each of the ways to keep a cap. */
export const CAP_RUNNERS: Readonly<Record<CapWay, CapRunner>> = {
  instant: underCap,
  'one-clock': highestClock,
  plan: fastestPlan,
};

/** Today's practice, a cap on all clocks: the highest that keeps the peak of the iteration below. */
function highestClock(capped: CappableJob, capW: number): CapAnswer {
  const { job, physics } = capped;
  const highestOf = (ceilingMHz: number): ClockOf => {
    const ofOperation = physics.map((operation) => operation.clockAtMost(ceilingMHz));
    return (i) => ofOperation[job.dag.operation[i]!]!;
  };
  const ceilingsMHz = clockCeilings(physics);
  for (const ceilingMHz of ceilingsMHz.toReversed()) {
    const answer = atClocks(capped, highestOf(ceilingMHz), capW);
    if (fits(answer)) return answer;
  }
  return atClocks(capped, highestOf(ceilingsMHz[0]!), capW);
}

/** The fastest plan of the policy whose peak fits, on all pipelines; slower plans are assumed to fit. */
function fastestPlan(capped: CappableJob, capW: number, plans: Plans): CapAnswer {
  const run = (k: number): CapAnswer => {
    const { frequencyMHz } = plans.planAt(plans.point(k).timeS);
    return atClocks(capped, (i) => frequencyMHz[i]!, capW);
  };
  const slowest = run(0);
  if (!fits(slowest)) return slowest;
  return run(lastPassing(0, plans.pointCount - 1, (k) => fits(run(k))));
}

/** The highest clock of an instruction. */
type ClockOf = (instruction: number) => number;

/** Runs an iteration whose instructions run at other clocks, unless they ran at lower ones. */
function atClocks(capped: CappableJob, clockOf: ClockOf, capW: number): CapAnswer {
  const { record, gpus } = capped;
  const workloadOf = new Map<PipelineRecord, ExecutedWorkload>();
  const pipelines = record.pipelines.map((pipeline) =>
    entryOf(workloadOf, pipeline, () => clocked(capped, pipeline.executed, clockOf)),
  );
  const job = { ...capped.job, pipelines };
  const run = { job, record: simulateJob(job) };
  const steps = jobSteps(run, gpus);
  const neededW = most(steps.powerW);
  if (neededW > capW) return { neededW };
  const { totalComputeJ, totalJ } = bookEnergy(job, run.record, gpus);
  return {
    ...{ steps, timeS: run.record.iterationTimeS },
    ...{ computingJ: totalComputeJ, idleJ: totalJ - totalComputeJ },
  };
}

/** Waiting draws what it did, and clocks take as long to change. */
function clocked(
  { job: { dag }, physics }: CappableJob,
  executed: ExecutedWorkload,
  clockOf: ClockOf,
): ExecutedWorkload {
  const clockMHz = executed.clockMHz.map((clock, i) => Math.min(clock, clockOf(i)));
  const durationS = executed.durationS.map((timeS, i) => {
    if (clockMHz[i] === executed.clockMHz[i]) return timeS;
    const operation = physics[dag.operation[i]!]!;
    const ratio = operation.timeS(clockMHz[i]!) / operation.timeS(executed.clockMHz[i]!);
    return (timeS - executed.stallS[i]!) * ratio + executed.stallS[i]!;
  });
  const powerW = executed.powerW.map((drawnW, i) =>
    clockMHz[i] === executed.clockMHz[i]
      ? drawnW
      : physics[dag.operation[i]!]!.powerW(clockMHz[i]!),
  );
  return { ...executed, clockMHz, durationS, powerW };
}
