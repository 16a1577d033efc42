import type { FrequencyPlan, Plans } from '../../src/planner/planner.js';
import { bookEnergy } from '../energy/ledger.js';
import type { Setting } from '../scenario/scenario-setting.js';
import type { JobRecord } from '../training/job.js';
import { runPipeline } from '../training/pipeline-run.js';
import { ReusedTimeArrays } from '../training/time-arrays.js';
import { afterMeetingS, instructionTiming } from '../training/timing.js';
import { planWorkload } from '../training/workload.js';

/** One pipeline with one plan, simulated over an iteration; all its GPUs. */
export interface PipelinePoint {
  /** The time that its planner promises, by which `planAt` finds the plan again. */
  readonly plannedTimeS: number;
  /** Simulated, without the reduction of gradients, whose time grows with the pipelines. */
  readonly timeS: number;
  readonly energyJ: number;
  /** Power while gradients are added up. */
  readonly reducingW: number;
  /** The power limit of each GPU, if that is where its clocks come from. */
  readonly limitW?: number;
}

/** Simulates plans of healthy pipelines, one after another, in the same memory. */
export function pointSimulator(setting: Setting): (plan: FrequencyPlan) => PipelinePoint {
  const { dag, physics, conditions, gpus } = setting;
  const timing = { ...setting.timing, gradientReductionS: 0 };
  const overheads = instructionTiming(dag, timing);
  const afterS = afterMeetingS(timing);
  const reused = new ReusedTimeArrays();
  let ofAllPlansW: number | undefined;
  const recordOf = (plan: FrequencyPlan): JobRecord => {
    reused.startAgain();
    const workload = planWorkload(dag, physics, plan, { ...conditions, timing: overheads });
    const pipeline = runPipeline(dag, overheads, workload, reused.take);
    const { endS: meetS, events } = pipeline;
    const iterationTimeS = meetS + afterS;
    return { meetS, iterationTimeS, pipelines: [pipeline], simulatedPipelines: 1, events };
  };
  /** Energy of an iteration in which gradients are added up for this long. */
  const bookedJ = (record: JobRecord, gradientReductionS: number) => {
    const iterationTimeS = record.iterationTimeS + gradientReductionS;
    const job = { dag, timing: { ...timing, gradientReductionS }, pipelines: [] };
    return bookEnergy(job, { ...record, iterationTimeS }, gpus).totalJ;
  };
  return (plan) => {
    const record = recordOf(plan);
    const energyJ = bookedJ(record, 0);
    const reducingW = ofAllPlansW ?? bookedJ(record, 1) - energyJ;
    // Only where waiting draws more at higher clocks does it depend on the plan.
    if (conditions.waitingW === undefined) ofAllPlansW = reducingW;
    return { plannedTimeS: plan.plannedTimeS, timeS: record.iterationTimeS, energyJ, reducingW };
  };
}

/** Instructions simulated for one frontier; a frontier with more is thinned evenly. */
const MOST_SIMULATED = 1e7;

/** Simulated points of plans. */
export interface SimulatedPoints {
  /** By rising time; of equal times, the one with less energy first. */
  readonly points: readonly PipelinePoint[];
  /** One of this many points was simulated; the fastest and the slowest always are. */
  readonly stride: number;
}

/** Simulates the points of a frontier. O(points · instructions), of `MOST_SIMULATED` at most. */
export function simulatedPoints(
  setting: Setting,
  plans: Plans,
  mostSimulated = MOST_SIMULATED,
): SimulatedPoints {
  const { pointCount } = plans;
  const stride = Math.max(
    1,
    Math.ceil((pointCount * setting.dag.instructionCount) / mostSimulated),
  );
  const pointOf = pointSimulator(setting);
  const points: PipelinePoint[] = [];
  for (let k = 0; k < pointCount; k += stride) {
    points.push(pointOf(plans.planAt(plans.point(k).timeS)));
  }
  if ((pointCount - 1) % stride !== 0) points.push(pointOf(plans.fastest));
  return { points: byTime(points), stride };
}

/** Points by rising time. */
export function byTime<P extends PipelinePoint>(points: readonly P[]): P[] {
  return points.toSorted((a, b) => a.timeS - b.timeS || a.energyJ - b.energyJ);
}
