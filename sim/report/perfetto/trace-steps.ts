import { stageSegments, type PowerSegment } from '../../energy/power-segments.js';
import type { KeptSetting } from '../../run/kept-run.js';
import type { ExecutedIteration } from '../../run/training-run.js';
import type { PipelineRecord } from '../../training/pipeline-run.js';
import { traceTick } from './trace-events.js';

/** An iteration and its place in a trace, which is where the one before it ends. */
export interface TracedIteration {
  readonly executed: ExecutedIteration;
  readonly fromTick: number;
  readonly untilTick: number;
}

/** Iterations of one run, which follow each other, in ticks. */
export function tracedIterations(iterations: readonly ExecutedIteration[]): TracedIteration[] {
  return iterations.map((executed, k) => {
    const { startS, record } = executed;
    const untilS = iterations[k + 1]?.startS ?? startS + record.iterationTimeS;
    return { executed, fromTick: traceTick(startS), untilTick: traceTick(untilS) };
  });
}

/** One activity of a stage. */
export interface TraceStep {
  readonly fromTick: number;
  readonly untilTick: number;
  readonly segment: PowerSegment;
  /** Clock in force: the instruction's, or the previous one's while nothing computes. */
  readonly clockMHz: number;
}

/**
 * The steps of one stage of a pipeline in an iteration; each begins where the previous one ends.
 * Steps shorter than a tick are left out. O(instructions of the stage).
 */
export function stageSteps(
  { gpus }: Pick<KeptSetting, 'gpus'>,
  { executed: iteration, fromTick, untilTick }: TracedIteration,
  pipeline: PipelineRecord,
  stage: number,
): TraceStep[] {
  const { job, record, startS } = iteration;
  const segments = stageSegments({ ...job, record, gpus }, pipeline, stage);
  const { clockMHz: clocksMHz } = pipeline.executed;
  // As in the simulator, iterations follow others like them.
  let clockMHz = clocksMHz[job.dag.stageStart[stage + 1]! - 1]!;
  let nowTick = fromTick;
  const steps: TraceStep[] = [];
  segments.forEach((segment, k) => {
    const { activity, instruction } = segment;
    if (activity === 'computing') clockMHz = clocksMHz[instruction]!;
    const endTick = Math.min(traceTick(startS + segment.untilS), untilTick);
    const nextTick = k + 1 < segments.length ? endTick : untilTick;
    if (nextTick <= nowTick) return;
    steps.push({ fromTick: nowTick, untilTick: nextTick, segment, clockMHz });
    nowTick = nextTick;
  });
  return steps;
}
