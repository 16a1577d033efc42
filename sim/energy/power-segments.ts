import type { ComputationDag } from '../../src/pipeline/dag.js';
import type { JobRecord } from '../training/job.js';
import type { PipelineRecord } from '../training/pipeline-run.js';
import type { TimingOverheads } from '../training/timing.js';
import type { GpuCounting } from './ledger.js';

/** What a stage's GPUs do at a time; the ledger has an account for each. */
export type Activity =
  | 'computing'
  | 'stalled'
  | 'loading'
  | 'communicating'
  | 'changing clock'
  | 'waiting for a stage'
  | 'waiting for a pipeline'
  | 'reducing gradients'
  | 'synchronising'
  | 'between iterations';

/** A time during which a stage's GPUs do one thing at one power. */
export interface PowerSegment {
  readonly fromS: number;
  readonly untilS: number;
  readonly activity: Activity;
  /** Of one GPU. */
  readonly powerW: number;
  /** The instruction that it belongs to, or −1. */
  readonly instruction: number;
}

/** The job that a pipeline is one of. */
export interface SegmentedJob {
  readonly dag: ComputationDag;
  readonly timing: TimingOverheads;
  readonly record: Pick<JobRecord, 'meetS' | 'iterationTimeS'>;
  readonly gpus: GpuCounting;
}

/**
 * What one stage of one pipeline does from the iteration's beginning to its end, without gaps and
 * in order; segments of no length are left out. Power × time of all stages and pipelines is the
 * ledger's total (`bookEnergy`), account by account. O(instructions of the stage).
 */
export function stageSegments(
  job: SegmentedJob,
  pipeline: PipelineRecord,
  stage: number,
): PowerSegment[] {
  const { dag, timing, record } = job;
  const powers = waitingPowers(job, pipeline, stage);
  const segments: PowerSegment[] = [];
  let nowS = 0;
  const until = (untilS: number, activity: Activity, powerW: number, instruction = -1): void => {
    if (untilS > nowS) segments.push({ fromS: nowS, untilS, activity, powerW, instruction });
    nowS = Math.max(nowS, untilS);
  };
  const { startS, finishS, endS, executed } = pipeline;
  const { loadingS, receiveS, sendS } = executed.timing;
  for (let i = dag.stageStart[stage]!; i < dag.stageStart[stage + 1]!; i++) {
    const { beforeW, ownW, receivingW, sendingW } = powers(i);
    until(nowS + (executed.clockSwitchS?.[i] ?? 0), 'changing clock', beforeW, i);
    until(startS[i]! - receiveS[i]! - loadingS[i]!, 'waiting for a stage', beforeW);
    until(startS[i]! - receiveS[i]!, 'loading', beforeW, i);
    until(startS[i]!, 'communicating', receivingW, i);
    until(finishS[i]! - executed.stallS[i]!, 'computing', executed.powerW[i]!, i);
    until(finishS[i]!, 'stalled', ownW, i);
    until(finishS[i]! + sendS[i]!, 'communicating', sendingW, i);
  }
  const { beforeW, receivingW } = powers(dag.stageStart[stage]!);
  const { gradientReductionS = 0, synchronisationS = 0 } = timing;
  const reducedS = record.meetS + gradientReductionS;
  const { synchronisationPowerW = receivingW } = job.gpus;
  until(endS, 'waiting for a stage', beforeW);
  until(record.meetS, 'waiting for a pipeline', beforeW);
  until(reducedS, 'reducing gradients', receivingW);
  until(reducedS + synchronisationS, 'synchronising', synchronisationPowerW);
  until(record.iterationTimeS, 'between iterations', beforeW);
  return segments;
}

/** Powers around an instruction: at the clock before it, and at its own. */
function waitingPowers(
  { dag, gpus }: SegmentedJob,
  { executed }: PipelineRecord,
  stage: number,
): (i: number) => { beforeW: number; ownW: number; receivingW: number; sendingW: number } {
  const first = dag.stageStart[stage]!;
  const end = dag.stageStart[stage + 1]!;
  const { waitingW } = executed;
  return (i) => {
    const beforeW = waitingW?.[i] ?? gpus.blockingPowerW;
    const ownW = waitingW?.[i + 1 < end ? i + 1 : first] ?? gpus.blockingPowerW;
    const { communicationPowerW } = gpus;
    return {
      beforeW,
      ownW,
      receivingW: communicationPowerW ?? beforeW,
      sendingW: communicationPowerW ?? ownW,
    };
  };
}
