import { compensatedSum, type CompensatedSum } from '../../src/compensated-sum.js';
import type { ComputationDag } from '../../src/pipeline/dag.js';
import type { Job, JobRecord } from '../training/job.js';
import { stageTimes, type PipelineRecord } from '../training/pipeline-run.js';

/** Power and number of the GPUs that a ledger counts. */
export interface GpuCounting {
  /** Power of one GPU that waits, where a workload does not say what it is at each clock. */
  readonly blockingPowerW: number;
  /** Power of one GPU that sends or receives; that of waiting if left out. */
  readonly communicationPowerW?: number;
  /**
   * Power of one GPU while gradients are added up and the optimizer steps, for as long as the
   * timing says; that of communication if left out.
   */
  readonly synchronisationPowerW?: number | undefined;
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
  /** Transfers between stages that hold up their GPUs. */
  readonly communicationJ: number;
  /** After all pipelines have met: the reduction of gradients and the optimizer step. */
  readonly synchronisationJ: number;
  /** The rest of the constant after every iteration. */
  readonly iterationConstantJ: number;
  /** Waiting for a clock to change. */
  readonly clockChangeJ: number;
  /** Sum of all accounts. */
  readonly totalJ: number;
}

/** The accounts of a ledger, which add up to its total; computing is one of them. */
export type LedgerAccount = Exclude<keyof Ledger, 'computeJ' | 'totalJ'>;

/** Running sums of one ledger. */
class Accounts {
  readonly compute: CompensatedSum[];
  readonly pipelineBlocking = compensatedSum();
  readonly stragglerBlocking = compensatedSum();
  readonly stall = compensatedSum();
  readonly loading = compensatedSum();
  readonly communication = compensatedSum();
  readonly clockChange = compensatedSum();
  readonly synchronisation = compensatedSum();
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
      synchronisationJ: this.synchronisation.value(),
      iterationConstantJ: this.iterationConstant.value(),
      clockChangeJ: this.clockChange.value(),
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
  const { gradientReductionS = 0, synchronisationS = 0, iterationConstantS } = timing;
  const accounts = new Accounts(dag.operations.length);
  const energyOf = new Map<PipelineRecord, PipelineEnergy>();
  for (const pipeline of record.pipelines) {
    let energy = energyOf.get(pipeline);
    if (energy === undefined) {
      energy = pipelineEnergy(dag, pipeline, gpus);
      energyOf.set(pipeline, energy);
    }
    for (let op = 0; op < dag.operations.length; op++)
      accounts.compute[op]!.add(energy.computeJ[op]!);
    accounts.pipelineBlocking.add(energy.blockingJ);
    accounts.stall.add(energy.stallJ);
    accounts.loading.add(energy.loadingJ);
    accounts.communication.add(energy.communicationJ);
    accounts.synchronisation.add(energy.communicatingW * gradientReductionS);
    accounts.synchronisation.add(energy.synchronisingW * synchronisationS);
    accounts.clockChange.add(energy.clockChangeJ);
    accounts.stragglerBlocking.add(energy.waitingW * (record.meetS - pipeline.endS));
    accounts.iterationConstant.add(energy.waitingW * iterationConstantS);
  }
  return accounts.close();
}

/** The accounts of one pipeline until its own end, and what all its GPUs draw after that. */
interface PipelineEnergy {
  readonly computeJ: Float64Array;
  readonly blockingJ: number;
  readonly stallJ: number;
  readonly loadingJ: number;
  readonly communicationJ: number;
  readonly clockChangeJ: number;
  readonly waitingW: number;
  readonly communicatingW: number;
  readonly synchronisingW: number;
}

function pipelineEnergy(
  dag: ComputationDag,
  record: PipelineRecord,
  gpus: GpuCounting,
): PipelineEnergy {
  const { durationS, stallS, powerW, waitingW } = record.executed;
  const compute = Array.from({ length: dag.operations.length }, compensatedSum);
  for (let i = 0; i < dag.instructionCount; i++) {
    const computingS = durationS[i]! - stallS[i]!;
    compute[dag.operation[i]!]!.add(gpus.gpusPerStage * powerW[i]! * computingS);
  }
  const computeJ = Float64Array.from(compute, (account) => account.value());
  const waiting =
    waitingW === undefined
      ? waitingAtOnePower(dag, record, gpus)
      : waitingAtClocks(dag, record, gpus, waitingW);
  const { gpusPerStage, synchronisationPowerW } = gpus;
  const synchronisingW =
    synchronisationPowerW === undefined
      ? waiting.communicatingW
      : gpusPerStage * dag.stageCount * synchronisationPowerW;
  return { computeJ, ...waiting, synchronisingW };
}

/** What does not compute. */
type WaitingEnergy = Omit<PipelineEnergy, 'computeJ' | 'synchronisingW'>;

/** What does not compute, where waiting draws the same at every clock. */
function waitingAtOnePower(
  dag: ComputationDag,
  record: PipelineRecord,
  { blockingPowerW, communicationPowerW = blockingPowerW, gpusPerStage }: GpuCounting,
): WaitingEnergy {
  const times = stageTimes(dag, record);
  const waitingW = blockingPowerW * gpusPerStage;
  const communicatingW = communicationPowerW * gpusPerStage;
  return {
    blockingJ: waitingW * sumOf(times.blockingS),
    stallJ: waitingW * sumOf(times.stallS),
    loadingJ: waitingW * sumOf(times.loadingS),
    communicationJ: communicatingW * sumOf(times.communicationS),
    clockChangeJ: waitingW * sumOf(times.clockSwitchS),
    waitingW: waitingW * dag.stageCount,
    communicatingW: communicatingW * dag.stageCount,
  };
}

/**
 * What does not compute, where waiting draws what the clock in force asks for: that of the
 * instruction before, or in the middle of an instruction and after it, its own.
 */
function waitingAtClocks(
  dag: ComputationDag,
  { startS, finishS, endS, executed }: PipelineRecord,
  { communicationPowerW, gpusPerStage }: GpuCounting,
  waitingPowerW: Float64Array,
): WaitingEnergy {
  const { stallS, clockSwitchS, timing } = executed;
  const blocking = compensatedSum();
  const stall = compensatedSum();
  const loading = compensatedSum();
  const communication = compensatedSum();
  const clockChange = compensatedSum();
  const afterIteration = compensatedSum();
  for (let s = 0; s < dag.stageCount; s++) {
    const first = dag.stageStart[s]!;
    const end = dag.stageStart[s + 1]!;
    let freeS = 0;
    for (let i = first; i < end; i++) {
      const beforeW = waitingPowerW[i]!;
      const ownW = waitingPowerW[i + 1 < end ? i + 1 : first]!;
      const loadingS = timing.loadingS[i]!;
      const receiveS = timing.receiveS[i]!;
      const sendS = timing.sendS[i]!;
      const switchS = clockSwitchS?.[i] ?? 0;
      blocking.add(beforeW * (startS[i]! - freeS - switchS - loadingS - receiveS));
      loading.add(beforeW * loadingS);
      clockChange.add(beforeW * switchS);
      communication.add((communicationPowerW ?? beforeW) * receiveS);
      communication.add((communicationPowerW ?? ownW) * sendS);
      stall.add(ownW * stallS[i]!);
      freeS = finishS[i]! + sendS;
    }
    blocking.add(waitingPowerW[first]! * (endS - freeS));
    afterIteration.add(waitingPowerW[first]!);
  }
  const waitingW = gpusPerStage * afterIteration.value();
  return {
    blockingJ: gpusPerStage * blocking.value(),
    stallJ: gpusPerStage * stall.value(),
    loadingJ: gpusPerStage * loading.value(),
    communicationJ: gpusPerStage * communication.value(),
    clockChangeJ: gpusPerStage * clockChange.value(),
    waitingW,
    communicatingW:
      communicationPowerW === undefined
        ? waitingW
        : gpusPerStage * dag.stageCount * communicationPowerW,
  };
}

function sumOf(values: Iterable<number>): number {
  const sum = compensatedSum();
  for (const value of values) sum.add(value);
  return sum.value();
}
