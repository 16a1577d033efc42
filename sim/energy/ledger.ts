import { compensatedSum, CompensatedSums } from '../../src/compensated-sum.js';
import type { ComputationDag } from '../../src/pipeline/dag.js';
import type { Job, JobRecord } from '../training/job.js';
import { closingPhases, type StageActivity } from '../training/phases.js';
import type { PipelineRecord } from '../training/pipeline-run.js';
import { ACCOUNT_KEYS, BOOKINGS, COMPUTING, perAccount, type Account } from './accounts.js';
import { idlePowerW, pipelinePowerW, type GpuCounting, type IdlePower } from './gpu-powers.js';
import { stageEnergiesOf } from './stage-energies.js';
import { STAGE_ACTIVITIES, stageTimesOf, type StageTimes } from './stage-times.js';

/** The joules of one iteration of a whole job, each booked in exactly one account. */
export interface Ledger extends Readonly<Record<Account, number>> {
  /** Computing, by operation of the DAG: stage, part of the model and kind of instruction. */
  readonly computeJ: Float64Array;
  /** Sum of all accounts. */
  readonly totalJ: number;
}

/** Activities of stages besides computing until their pipeline's end, and their accounts. */
const IDLE_ACTIVITIES = STAGE_ACTIVITIES.flatMap((activity) => {
  const { account, power } = BOOKINGS[activity];
  return power === 'computing' ? [] : [{ activity, account, power }];
});

/**
 * Books every joule of a simulated iteration. The accounts add up to the sum of power × time over
 * all GPUs (compensated sums; a test holds the difference to 1e-12 of the total).
 *
 * Identical pipelines are computed once, but added once per pipeline, in order, so that the sums
 * equal those of booking every pipeline to the last bit.
 *
 * O(instructions · distinct pipelines + operations · pipelines).
 */
export function bookEnergy(job: Job, record: JobRecord, gpus: GpuCounting): Ledger {
  const { dag, timing } = job;
  const compute = new CompensatedSums(dag.operations.length);
  const sums = perAccount(compensatedSum);
  const energyOf = new Map<PipelineRecord, PipelineEnergy>();
  const pipelineEnergy = pipelineEnergies(dag, gpus);
  for (const pipeline of record.pipelines) {
    let energy = energyOf.get(pipeline);
    if (energy === undefined) {
      energy = pipelineEnergy(pipeline);
      energyOf.set(pipeline, energy);
    }
    const { computeJ, idleJ, closingW } = energy;
    for (let op = 0; op < computeJ.length; op++) compute.add(op, computeJ[op]!);
    IDLE_ACTIVITIES.forEach(({ account }, a) => {
      sums[account].add(idleJ[a]!);
    });
    for (const { activity, timeS } of closingPhases(timing, record, pipeline)) {
      const { account, power } = BOOKINGS[activity];
      sums[account].add(closingW[power] * timeS);
    }
  }
  const computeJ = compute.values();
  const accounts = perAccount((account) =>
    account === COMPUTING ? sumOf(computeJ) : sums[account].value(),
  );
  const others = ACCOUNT_KEYS.filter((account) => account !== COMPUTING);
  const totalJ = sumOf([...computeJ, ...others.map((account) => accounts[account])]);
  return { computeJ, ...accounts, totalJ };
}

/** The energy of one pipeline until its own end, and the power of all its GPUs after that. */
interface PipelineEnergy {
  /** By operation. */
  readonly computeJ: Float64Array;
  /** In the order of `IDLE_ACTIVITIES`. */
  readonly idleJ: readonly number[];
  readonly closingW: Readonly<Record<IdlePower, number>>;
}

/** Adds up the energies of pipelines, one after another. */
function pipelineEnergies(
  dag: ComputationDag,
  gpus: GpuCounting,
): (record: PipelineRecord) => PipelineEnergy {
  const timesOf = stageTimesOf(dag);
  const energiesOf = stageEnergiesOf(dag, gpus);
  const { gpusPerStage } = gpus;
  return (record) => {
    const { waitingW } = record.executed;
    return {
      computeJ: computingEnergies(dag, record, gpusPerStage),
      idleJ:
        waitingW === undefined
          ? idleAtOnePower(timesOf(record), gpus)
          : idleAtClocks(energiesOf(record, waitingW), gpus),
      closingW: closingPowers(dag, record, gpus),
    };
  };
}

function computingEnergies(
  { operations, operation }: ComputationDag,
  { executed: { durationS, stallS, powerW } }: PipelineRecord,
  gpusPerStage: number,
): Float64Array {
  const compute = new CompensatedSums(operations.length);
  for (let i = 0; i < operation.length; i++) {
    const computingS = durationS[i]! - stallS[i]!;
    compute.add(operation[i]!, gpusPerStage * powerW[i]! * computingS);
  }
  return compute.values();
}

/**
 * If waiting draws the same at every clock, so does everything else: times are added, not energies.
 */
function idleAtOnePower(times: StageTimes, gpus: GpuCounting): number[] {
  return IDLE_ACTIVITIES.map(({ activity, power }) => {
    const powerW = idlePowerW(power, gpus) ?? gpus.blockingPowerW;
    return powerW * gpus.gpusPerStage * sumOf(times[activity]);
  });
}

/** Here the power of waiting depends on the clock in force. */
function idleAtClocks(
  energiesJ: Readonly<Record<StageActivity, number>>,
  gpus: GpuCounting,
): number[] {
  return IDLE_ACTIVITIES.map(({ activity }) => gpus.gpusPerStage * energiesJ[activity]);
}

/**
 * Power of all GPUs of a pipeline after its end: stages keep the clock that precedes their first
 * instruction.
 */
function closingPowers(
  dag: ComputationDag,
  { executed: { waitingW } }: PipelineRecord,
  gpus: GpuCounting,
): Record<IdlePower, number> {
  const { communicationPowerW, synchronisationPowerW, gpusPerStage } = gpus;
  const own = (powerW: number | undefined, otherwiseW: number) =>
    powerW === undefined ? otherwiseW : pipelinePowerW(dag, gpus, powerW);
  const atOnePower = (power: IdlePower) =>
    (idlePowerW(power, gpus) ?? gpus.blockingPowerW) * gpusPerStage * dag.stageCount;
  const atClocks = (powersW: Float64Array) =>
    gpusPerStage *
    sumOf(Array.from({ length: dag.stageCount }, (_, s) => powersW[dag.stageStart[s]!]!));
  const waiting = waitingW === undefined ? atOnePower('waiting') : atClocks(waitingW);
  const communicating =
    waitingW === undefined ? atOnePower('communicating') : own(communicationPowerW, waiting);
  return { waiting, communicating, synchronising: own(synchronisationPowerW, communicating) };
}

function sumOf(values: Iterable<number>): number {
  const sum = compensatedSum();
  for (const value of values) sum.add(value);
  return sum.value();
}
