import type { ComputationDag } from '../../src/pipeline/dag.js';
import type { JobRecord } from '../training/job.js';
import {
  closingPhases,
  INSTRUCTION_PHASES,
  type Activity,
  type InstructionPhase,
} from '../training/phases.js';
import type { ExecutedWorkload, PipelineRecord } from '../training/pipeline-run.js';
import type { TimingOverheads } from '../training/timing.js';
import { BOOKINGS } from './accounts.js';
import { idlePowerW, type GpuCounting } from './gpu-powers.js';

/** A time span during which a stage's GPUs do one thing at one power. */
export interface PowerSegment {
  readonly fromS: number;
  readonly untilS: number;
  readonly activity: Activity;
  /** Of one GPU. */
  readonly powerW: number;
  /** The instruction it belongs to, or −1. */
  readonly instruction: number;
}

/** The job to which a pipeline belongs. */
export interface SegmentedJob {
  readonly dag: ComputationDag;
  readonly timing: TimingOverheads;
  readonly record: Pick<JobRecord, 'meetS' | 'iterationTimeS'>;
  readonly gpus: GpuCounting;
}

/** Power of one GPU of a stage during an activity of its instruction, at the clock in force. */
export type StagePowers = (
  activity: Activity,
  instruction: number,
  clock: InstructionPhase['clock'],
) => number;

/** The powers of a stage that executes a workload. */
export function stagePowers(
  { stageStart }: Pick<ComputationDag, 'stageStart'>,
  gpus: GpuCounting,
  executed: ExecutedWorkload,
  stage: number,
): StagePowers {
  const first = stageStart[stage]!;
  const end = stageStart[stage + 1]!;
  const waitingW = (i: number) => executed.waitingW?.[i] ?? gpus.blockingPowerW;
  return (activity, i, clock) => {
    const { power } = BOOKINGS[activity];
    if (power === 'computing') return executed.powerW[i]!;
    const next = clock === 'before' ? i : i + 1;
    return idlePowerW(power, gpus) ?? waitingW(next < end ? next : first);
  };
}

/**
 * Activities of one stage of one pipeline from the iteration's beginning to its end, in order and
 * without gaps; empty segments are left out. Power × time of all stages and pipelines is the
 * ledger's total (`bookEnergy`), account by account. O(instructions of the stage).
 */
export function stageSegments(
  job: SegmentedJob,
  pipeline: PipelineRecord,
  stage: number,
): PowerSegment[] {
  const { dag, timing, record } = job;
  const first = dag.stageStart[stage]!;
  const end = dag.stageStart[stage + 1]!;
  const powerW = stagePowers(dag, job.gpus, pipeline.executed, stage);
  const segments: PowerSegment[] = [];
  let nowS = 0;
  const until = (untilS: number, activity: Activity, powerW: number, instruction = -1): void => {
    if (untilS > nowS) segments.push({ fromS: nowS, untilS, activity, powerW, instruction });
    nowS = Math.max(nowS, untilS);
  };
  for (let i = first; i < end; i++) {
    for (const { activity, clock, timesS, untilS } of INSTRUCTION_PHASES) {
      const instruction = timesS === 'the rest' ? -1 : i;
      until(untilS(pipeline, i, nowS), activity, powerW(activity, i, clock), instruction);
    }
  }
  const closing = (activity: Activity) => powerW(activity, first, 'before');
  until(pipeline.endS, 'waiting for a stage', closing('waiting for a stage'));
  for (const { activity, untilS } of closingPhases(timing, record, pipeline)) {
    until(untilS, activity, closing(activity));
  }
  return segments;
}
