import { compensatedSum, type CompensatedSum } from '../../src/compensated-sum.js';
import type { ComputationDag } from '../../src/pipeline/dag.js';
import type { Job, JobRecord } from '../training/job.js';
import { stageTimes, type PipelineRecord } from '../training/pipeline-run.js';
import { instructionTiming, type InstructionTiming } from '../training/timing.js';
import type { Workload } from '../training/workload.js';

/** Power and number of the GPUs that a ledger counts. */
export interface GpuCounting {
  /** Power of one GPU that waits. */
  readonly blockingPowerW: number;
  /** GPUs of one stage (tensor-parallel degree). */
  readonly gpusPerStage: number;
}

/** Where the joules of one iteration of a whole job went: each in exactly one account. */
export interface Ledger {
  /** Computing, by operation of the DAG: stage, part of the model and kind of instruction. */
  readonly computeJ: Float64Array;
  /** Computing, all stages. */
  readonly totalComputeJ: number;
  /** Waiting inside a pipeline for a neighbouring stage. */
  readonly pipelineBlockingJ: number;
  /** Waiting of whole pipelines for the slowest one. */
  readonly stragglerBlockingJ: number;
  /** Waiting of a straggler for what makes it slow. */
  readonly stallJ: number;
  readonly loadingJ: number;
  readonly communicationJ: number;
  /** The constant after every iteration. */
  readonly iterationConstantJ: number;
  /** Changing clocks: none of it costs anything yet. */
  readonly clockChangeJ: number;
  /** Sum of all accounts. */
  readonly totalJ: number;
}

/** Running sums of one ledger. */
class Accounts {
  readonly compute: CompensatedSum[];
  readonly pipelineBlocking = compensatedSum();
  readonly stragglerBlocking = compensatedSum();
  readonly stall = compensatedSum();
  readonly loading = compensatedSum();
  readonly communication = compensatedSum();
  readonly iterationConstant = compensatedSum();

  constructor(operationCount: number) {
    this.compute = Array.from({ length: operationCount }, compensatedSum);
  }

  close(): Ledger {
    const computeJ = Float64Array.from(this.compute, (account) => account.value());
    const totalComputeJ = sumOf(computeJ);
    const accounts = {
      pipelineBlockingJ: this.pipelineBlocking.value(),
      stragglerBlockingJ: this.stragglerBlocking.value(),
      stallJ: this.stall.value(),
      loadingJ: this.loading.value(),
      communicationJ: this.communication.value(),
      iterationConstantJ: this.iterationConstant.value(),
      clockChangeJ: 0,
    };
    const totalJ = sumOf([...computeJ, ...Object.values(accounts)]);
    return { computeJ, totalComputeJ, ...accounts, totalJ };
  }
}

/**
 * Books every joule of a simulated iteration. The accounts add up to the sum of power × time over
 * all GPUs (compensated sums; a test holds the difference to 1e-12 of the total).
 *
 * Identical pipelines are computed once and added once each, in the order of pipelines, so that
 * the sums are to the last bit those of booking every pipeline.
 *
 * O(instructions · distinct pipelines + operations · pipelines).
 */
export function bookEnergy(job: Job, record: JobRecord, gpus: GpuCounting): Ledger {
  const { dag, timing } = job;
  const overheads = instructionTiming(dag, timing);
  const waitingW = gpus.blockingPowerW * gpus.gpusPerStage * dag.stageCount;
  const accounts = new Accounts(dag.operations.length);
  const energyOf = new Map<PipelineRecord, PipelineEnergy>();
  record.pipelines.forEach((pipeline, p) => {
    let energy = energyOf.get(pipeline);
    if (energy === undefined) {
      energy = pipelineEnergy(dag, overheads, job.pipelines[p]!, pipeline, gpus);
      energyOf.set(pipeline, energy);
    }
    for (let op = 0; op < dag.operations.length; op++)
      accounts.compute[op]!.add(energy.computeJ[op]!);
    accounts.pipelineBlocking.add(energy.blockingJ);
    accounts.stall.add(energy.stallJ);
    accounts.loading.add(energy.loadingJ);
    accounts.communication.add(energy.communicationJ);
    accounts.stragglerBlocking.add(waitingW * (record.meetS - pipeline.endS));
    accounts.iterationConstant.add(waitingW * timing.iterationConstantS);
  });
  return accounts.close();
}

interface PipelineEnergy {
  readonly computeJ: Float64Array;
  readonly blockingJ: number;
  readonly stallJ: number;
  readonly loadingJ: number;
  readonly communicationJ: number;
}

/** The accounts of one pipeline until its own end. */
function pipelineEnergy(
  dag: ComputationDag,
  overheads: InstructionTiming,
  workload: Workload,
  record: PipelineRecord,
  { blockingPowerW, gpusPerStage }: GpuCounting,
): PipelineEnergy {
  const { durationS, stallS, powerW } = workload;
  const compute = Array.from({ length: dag.operations.length }, compensatedSum);
  for (let i = 0; i < dag.instructionCount; i++) {
    const computingS = durationS[i]! - stallS[i]!;
    compute[dag.operation[i]!]!.add(gpusPerStage * powerW[i]! * computingS);
  }
  const times = stageTimes(dag, overheads, workload, record);
  const waitingW = blockingPowerW * gpusPerStage;
  return {
    computeJ: Float64Array.from(compute, (account) => account.value()),
    blockingJ: waitingW * sumOf(times.blockingS),
    stallJ: waitingW * sumOf(times.stallS),
    loadingJ: waitingW * sumOf(times.loadingS),
    communicationJ: waitingW * sumOf(times.communicationS),
  };
}

function sumOf(values: Iterable<number>): number {
  const sum = compensatedSum();
  for (const value of values) sum.add(value);
  return sum.value();
}
