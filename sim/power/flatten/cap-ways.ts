import { most } from '../../../src/extremes.js';
import { lastPassing } from '../../../src/last-passing.js';
import type { Plans } from '../../../src/planner/planner.js';
import type { CapWay } from '../../scenario/smoothing-schema.js';
import type { JobRecord } from '../../training/job.js';
import type { ExecutedWorkload, PipelineRecord } from '../../training/pipeline-run.js';
import {
  underCap,
  underCeiling,
  type CappableJob,
  type CappedIteration,
  type CapTooLow,
} from './capped-job.js';
import { clockCeilings } from './clock-ceilings.js';

/** An iteration under a cap, or the power that it would need. */
export type CapAnswer = CappedIteration | CapTooLow;

/** Whether an iteration fits under its cap. */
export function fits(answer: CapAnswer): answer is CappedIteration {
  return 'steps' in answer;
}

/** Runs an iteration under a cap. @param plans of the policy, for a slower one. */
export type CapRunner = (capped: CappableJob, capW: number, plans: Plans) => CapAnswer;

/** The ways to keep a cap: the one table that runs, results and tables loop over. */
export const CAP_RUNNERS: Readonly<Record<CapWay, { readonly title: string; run: CapRunner }>> = {
  instant: { title: 'clocks fall while they must', run: underCap },
  'one-clock': { title: 'one clock for the iteration', run: highestClock },
  plan: { title: 'a slower plan', run: fastestPlan },
};

/** Today's practice, a cap on all clocks: the highest that keeps the peak of the iteration below. */
function highestClock(capped: CappableJob, capW: number): CapAnswer {
  const ceilingsMHz = clockCeilings(capped.physics);
  for (const ceilingMHz of ceilingsMHz.toReversed()) {
    const answer = underCeiling(capped, ceilingMHz, capW);
    if (fits(answer)) return answer;
  }
  return { neededW: peakW(underCeiling(capped, ceilingsMHz[0]!)) };
}

/** The fastest plan of the policy whose peak fits, on all pipelines; slower plans are assumed to fit. */
function fastestPlan(capped: CappableJob, capW: number, plans: Plans): CapAnswer {
  const run = (k: number, mostW = capW): CapAnswer => {
    const { frequencyMHz } = plans.planAt(plans.point(k).timeS);
    return underCeiling(withClocks(capped, frequencyMHz), Infinity, mostW);
  };
  if (!fits(run(0))) return { neededW: peakW(run(0, Infinity)) };
  return run(lastPassing(0, plans.pointCount - 1, (k) => fits(run(k))));
}

/** The peak of an iteration; the power that it needs. */
function peakW(answer: CapAnswer): number {
  return fits(answer) ? most(answer.steps.powerW) : answer.neededW;
}

/** A job whose instructions run at other clocks, unless they ran at lower ones. */
function withClocks(capped: CappableJob, frequencyMHz: Float64Array): CappableJob {
  const known = new Map<PipelineRecord, PipelineRecord>();
  const { record, job } = capped;
  for (const pipeline of record.pipelines) {
    if (known.has(pipeline)) continue;
    const executed = clocked(capped, pipeline.executed, frequencyMHz);
    known.set(pipeline, { ...pipeline, executed });
  }
  const pipelines = record.pipelines.map((pipeline) => known.get(pipeline)!);
  return { ...capped, job, record: { ...record, pipelines } satisfies JobRecord };
}

/** Waiting draws what it did, and clocks take as long to change. */
function clocked(
  { job: { dag }, physics }: CappableJob,
  executed: ExecutedWorkload,
  frequencyMHz: Float64Array,
): ExecutedWorkload {
  const clockMHz = executed.clockMHz.map((clock, i) => Math.min(clock, frequencyMHz[i]!));
  const durationS = executed.durationS.map((timeS, i) => {
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
