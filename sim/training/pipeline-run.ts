import { most } from '../../src/extremes.js';
import type { ComputationDag } from '../../src/pipeline/dag.js';
import { Simulation } from '../kernel/simulation.js';
import { newTimeArrays, type TimeArrays } from './time-arrays.js';
import type { InstructionTiming } from './timing.js';
import type { Workload } from './workload.js';

/** The times of everything that happened in one pipeline, from the iteration's beginning. */
export interface PipelineRecord {
  /** Per instruction: the time when it began to compute; loading and receiving come before. */
  readonly startS: Float64Array;
  /** Per instruction: the time when it finished computing; sending comes after. */
  readonly finishS: Float64Array;
  /** The time when the last stage became free. */
  readonly endS: number;
  /** Number of events. */
  readonly events: number;
  /**
   * The workload that was executed: the given one, or, if it changed, one with every instruction's
   * actual time.
   */
  readonly executed: ExecutedWorkload;
}

/** An executed workload: nothing in it changes later. */
export type ExecutedWorkload = Omit<Workload, 'later' | 'timing'> & {
  readonly timing: InstructionTiming;
};

/** The only kind of event, and hence the only priority: an instruction finishes computing. */
const COMPUTED = 0;

/**
 * Executes one iteration of a pipeline. Every stage runs its instructions in order, each as soon
 * as the stage is free and the input has arrived.
 *
 * A workload that stays the same is executed in topological order, O(instructions). One that changes
 * during the iteration is executed event by event: one event per instruction, at most one pending per
 * stage, O(instructions · log stages).
 *
 * @param workload time and power of its instructions (`planWorkload` derives it from a frequency
 *   plan).
 * @param timeArrays makes the record's arrays.
 * @throws RangeError if a duration is not a number ≥ 0.
 */
export function runPipeline(
  dag: ComputationDag,
  timing: InstructionTiming,
  workload: Workload,
  timeArrays: TimeArrays = newTimeArrays,
): PipelineRecord {
  const { later = [], ...fixed } = workload;
  return later.length === 0
    ? runInOnePass(dag, { timing, ...fixed }, timeArrays)
    : runByEvents(dag, timing, workload);
}

/** Executes a workload that stays the same: every instruction after all those that it waits for. */
function runInOnePass(
  dag: ComputationDag,
  executed: ExecutedWorkload,
  timeArrays: TimeArrays,
): PipelineRecord {
  const { instructionCount: n, stage, topologicalOrder, predecessorStart, predecessor } = dag;
  const { durationS, clockSwitchS, startsS = 0 } = executed;
  const { loadingS, receiveS, sendS, outputDelayS } = executed.timing;
  const startS = timeArrays(n);
  const finishS = timeArrays(n);
  /** Per stage: the time when it is free. */
  const freeS = new Float64Array(dag.stageCount).fill(startsS);
  for (let k = 0; k < n; k++) {
    const i = topologicalOrder[k]!;
    const s = stage[i]!;
    let readyS = freeS[s]!;
    if (clockSwitchS !== undefined) readyS += clockSwitchS[i]!;
    for (let a = predecessorStart[i]!; a < predecessorStart[i + 1]!; a++) {
      const needed = predecessor[a]!;
      if (stage[needed] === s) continue;
      const arrivesS = finishS[needed]! + outputDelayS[needed]!;
      if (arrivesS > readyS) readyS = arrivesS;
    }
    const start = readyS + loadingS[i]! + receiveS[i]!;
    const finish = start + durationS[i]!;
    if (!(finish >= start && finish < Infinity)) throw impossibleDuration(i, durationS[i]!);
    startS[i] = start;
    finishS[i] = finish;
    freeS[s] = finish + sendS[i]!;
  }
  return { startS, finishS, endS: most(freeS), events: n, executed };
}

function impossibleDuration(instruction: number, durationS: number): RangeError {
  return new RangeError(`instruction ${instruction} takes ${durationS} s, expected 0 or more`);
}

/** Executes any workload in the order of time. */
export function runByEvents(
  dag: ComputationDag,
  timing: InstructionTiming,
  workload: Workload,
): PipelineRecord {
  const { instructionCount: n, stage, predecessorStart, successorStart, successor } = dag;
  const { executed, enter } = execution(n, timing, workload);
  const { durationS, clockSwitchS, startsS = 0 } = executed;
  const { loadingS, receiveS, sendS, outputDelayS } = executed.timing;
  const startS = new Float64Array(n);
  const finishS = new Float64Array(n);
  /** The times when the stage is free, at its clock, and has its input, as far as known. */
  const readyS = new Float64Array(n);
  const waitsFor = new Int32Array(n);
  const simulation = new Simulation(dag.stageCount);
  let endS = 0;

  const begin = (i: number): void => {
    enter?.(i, readyS[i]!);
    const start = readyS[i]! + loadingS[i]! + receiveS[i]!;
    const finish = start + durationS[i]!;
    if (!(finish >= start && finish < Infinity)) throw impossibleDuration(i, durationS[i]!);
    startS[i] = start;
    finishS[i] = finish;
    simulation.at(finish, COMPUTED, i);
  };
  for (let s = 0; s < dag.stageCount; s++) {
    const first = dag.stageStart[s]!;
    if (first < n) readyS[first] = startsS + (clockSwitchS?.[first] ?? 0);
  }
  for (let i = 0; i < n; i++) {
    waitsFor[i] = predecessorStart[i + 1]! - predecessorStart[i]!;
    if (waitsFor[i] === 0) begin(i);
  }
  const events = simulation.run((_, i) => {
    const finish = simulation.nowS;
    const freeS = finish + sendS[i]!;
    const arrivesS = finish + outputDelayS[i]!;
    if (freeS > endS) endS = freeS;
    for (let a = successorStart[i]!; a < successorStart[i + 1]!; a++) {
      const next = successor[a]!;
      const releasedS =
        stage[next] === stage[i]
          ? freeS + (next === i + 1 ? (clockSwitchS?.[next] ?? 0) : 0)
          : arrivesS;
      if (releasedS > readyS[next]!) readyS[next] = releasedS;
      if (--waitsFor[next]! === 0) begin(next);
    }
  });
  if (events < n) throw new Error(`the pipeline deadlocked after ${events} of ${n} instructions`);
  return { startS, finishS, endS, events, executed };
}

/**
 * The arrays to execute. If the workload changes in the middle, copies, which `enter` fills with
 * the values in force when an instruction becomes ready; a change during an instruction takes
 * effect with the next one. The time to change clocks is the plan's throughout.
 */
function execution(
  n: number,
  timing: InstructionTiming,
  workload: Workload,
): { executed: ExecutedWorkload; enter?: (i: number, timeS: number) => void } {
  const { later = [], ...first } = workload;
  const withTiming = (part: Omit<Workload, 'later'>) => ({ timing, ...part });
  if (later.length === 0) return { executed: withTiming(first) };
  const fromS = [-Infinity, ...later.map((change) => change.fromS)];
  const parts = [first, ...later.map((change) => change.workload)].map((part) => {
    const { durationS, stallS, powerW, clockMHz, timing: ofPart } = withTiming(part);
    const { loadingS, receiveS, sendS, outputDelayS } = ofPart;
    return [durationS, stallS, powerW, clockMHz, loadingS, receiveS, sendS, outputDelayS];
  });
  const copy = () => new Float64Array(n);
  const [durationS, stallS, powerW, clockMHz] = [copy(), copy(), copy(), copy()];
  const [loadingS, receiveS, sendS, outputDelayS] = [copy(), copy(), copy(), copy()];
  const copies = [durationS, stallS, powerW, clockMHz, loadingS, receiveS, sendS, outputDelayS];
  const enter = (i: number, timeS: number): void => {
    const part = parts[fromS.findLastIndex((from) => from <= timeS)]!;
    for (let k = 0; k < copies.length; k++) copies[k]![i] = part[k]![i]!;
  };
  const executed = {
    ...first,
    durationS,
    stallS,
    powerW,
    clockMHz,
    timing: { loadingS, receiveS, sendS, outputDelayS },
  };
  return { executed, enter };
}
