import { CompensatedSums } from '../../src/compensated-sum.js';
import type { ComputationDag } from '../../src/pipeline/dag.js';
import {
  INSTRUCTION_PHASES,
  type InstructionPhase,
  type StageActivity,
} from '../training/phases.js';
import type { PipelineRecord } from '../training/pipeline-run.js';
import { BOOKINGS } from './accounts.js';
import { idlePowerW, type GpuCounting } from './gpu-powers.js';
import { ofLast } from './of-last.js';
import { isNonzero, perActivity, phaseTimes, REST_PHASE, STAGE_ACTIVITIES } from './stage-times.js';

const PHASES: readonly InstructionPhase[] = INSTRUCTION_PHASES;

/** Per instruction, or the same for all of them. */
type Powers = Float64Array | number;

/**
 * Σ power × time over all stages until their pipeline's end, per activity, for one GPU of each
 * stage, with waiting power that depends on the clock in force; excludes computing. For pipelines one
 * after another: products of arrays that a pipeline shares with the one before it are not added up
 * again. O(instructions).
 *
 * @returns a function of a pipeline and, per instruction, the waiting power at the clock of the one
 *   before it.
 */
export function stageEnergiesOf(
  dag: ComputationDag,
  gpus: GpuCounting,
): (record: PipelineRecord, waitingW: Float64Array) => Record<StageActivity, number> {
  const clocksOf = ofLast((waitingW: Float64Array) => {
    return { before: waitingW, own: ownClock(dag, waitingW) };
  });
  const productsOf = STAGE_ACTIVITIES.map(() => ofLast(sumOfProducts));
  const restOf = restEnergies(dag);
  return (record, waitingW) => {
    const clocksW = clocksOf(waitingW);
    return perActivity((a) => {
      const activity = STAGE_ACTIVITIES[a]!;
      const { power } = BOOKINGS[activity];
      if (power === 'computing') return 0;
      if (activity === REST_PHASE.activity) return restOf(record, clocksW[REST_PHASE.clock]);
      const factors = phaseTimes(record, activity).flatMap(({ clock, wholeS }) => [
        wholeS,
        idlePowerW(power, gpus) ?? clocksW[clock],
      ]);
      return productsOf[a]!(...factors);
    });
  };
}

/** Σ power × time, instruction by instruction. @param factors times, powers, times, powers … */
function sumOfProducts(...factors: readonly Powers[]): number {
  const columns: Float64Array[] = [];
  for (let k = 0; k < factors.length; k += 2) {
    const timesS = factors[k] as Float64Array;
    if (isNonzero(timesS)) columns.push(products(timesS, factors[k + 1]!));
  }
  const sums = new CompensatedSums(1);
  sums.addRows(0, columns, 0, columns[0]?.length ?? 0);
  return sums.value(0);
}

function products(timesS: Float64Array, powersW: Powers): Float64Array {
  const productsJ = new Float64Array(timesS.length);
  if (typeof powersW === 'number') {
    for (let i = 0; i < productsJ.length; i++) productsJ[i] = powersW * timesS[i]!;
  } else {
    for (let i = 0; i < productsJ.length; i++) productsJ[i] = powersW[i]! * timesS[i]!;
  }
  return productsJ;
}

/** The energy of the time that other phases leave, between instructions and after the last one. */
function restEnergies({ instructionCount, stageCount, stageStart }: ComputationDag) {
  const restJ = new Float64Array(instructionCount);
  const sums = new CompensatedSums(1);
  const nonzeroOf = ofLast((...columns: readonly Float64Array[]) => columns.filter(isNonzero));
  return (record: PipelineRecord, powersW: Float64Array): number => {
    const { startS, finishS, endS, executed } = record;
    const { sendS } = executed.timing;
    for (let s = 0; s < stageCount; s++) {
      const first = stageStart[s]!;
      restJ[first] = startS[first]!;
      for (let i = first + 1; i < stageStart[s + 1]!; i++) {
        restJ[i] = startS[i]! - (finishS[i - 1]! + sendS[i - 1]!);
      }
    }
    for (const timesS of nonzeroOf(...timesBeforeStart(executed))) {
      for (let i = 0; i < restJ.length; i++) restJ[i]! -= timesS[i]!;
    }
    for (let i = 0; i < restJ.length; i++) restJ[i]! *= powersW[i]!;
    sums.clear();
    for (let s = 0; s < stageCount; s++) {
      const [first, end] = [stageStart[s]!, stageStart[s + 1]!];
      sums.addRows(0, [restJ], first, end);
      // Iterations follow each other: at its end a stage keeps the clock that precedes its first
      // instruction.
      sums.add(0, powersW[first]! * (endS - (finishS[end - 1]! + sendS[end - 1]!)));
    }
    return sums.value(0);
  };
}

/** Times of the other phases between an instruction's becoming ready and its start. */
function timesBeforeStart(executed: PipelineRecord['executed']): Float64Array[] {
  return PHASES.flatMap(({ clock, timesS }) => {
    const times = clock === 'before' && timesS !== 'the rest' ? timesS(executed) : undefined;
    return times === undefined ? [] : [times.wholeS];
  });
}

/** Per instruction: power of a GPU that waits at the instruction's own clock. */
function ownClock({ stageCount, stageStart }: ComputationDag, waitingW: Float64Array) {
  const ownW = new Float64Array(waitingW.length);
  for (let s = 0; s < stageCount; s++) {
    const [first, end] = [stageStart[s]!, stageStart[s + 1]!];
    for (let i = first; i < end; i++) ownW[i] = waitingW[i + 1 < end ? i + 1 : first]!;
  }
  return ownW;
}
