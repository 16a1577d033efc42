import { median } from 'simple-statistics';
import { InputError, BrokenStepError } from '../../src/errors.js';
import { inspectionOf } from './completeness.js';
import { dependencies } from './dependencies.js';
import { kindRules, leftOutKinds, type KindRule, type TransferRule } from './operation-kinds.js';
import { recordedSteps, type RecordedStep, type Worker } from './recorded-steps.js';
import { silentDelays } from './silences.js';
import { modelStageCount, type StepDraft } from './step-draft.js';
import type { Trace } from './trace.js';

/**
 * One step: which worker ran what, the waits between operations, and all durations. Typed arrays
 * are per operation of the step, worker by worker, each worker's in order of start.
 */
export interface StepGraph {
  readonly step: number;
  readonly workers: readonly Worker[];
  /** Index in the trace. */
  readonly operation: Int32Array;
  /** Index into the trace's kinds. */
  readonly kind: Int32Array;
  /** CSR of the operations that operation i waits for. */
  readonly predecessorStart: Int32Array;
  readonly predecessor: Int32Array;
  /**
   * Operations in an order in which each comes after all that it waits for, and after those awaited
   * by the operations it meets.
   */
  readonly order: Int32Array;
  /** The group of operations it meets, or −1. */
  readonly group: Int32Array;
  /** CSR of the groups' members. */
  readonly groupStart: Int32Array;
  readonly member: Int32Array;
  /**
   * From the last start in its group, or its own start, to its end. Clocks of hosts differ a
   * little, so it may be slightly negative.
   */
  readonly ownS: Float64Array;
  /**
   * From the end of the last operation that it waits for to its start: its host's delay, or
   * something untraced.
   */
  readonly delayS: Float64Array;
  /** The part of that delay in which nothing in the trace was running anywhere in the job. */
  readonly silentS: Float64Array;
  /** From the first start to the last end. */
  readonly recordedS: number;
}

/** A step that cannot be replayed, and why. */
export interface BrokenStep {
  readonly step: number;
  readonly reason: string;
}

/** A transfer that ended this long before its other side began was recorded wrongly. */
const IMPOSSIBLE_S = -1e-2;

/**
 * A trace's steps, in order, for either rule of transfers, and the steps that cannot be replayed.
 */
export interface StepGraphs {
  readonly overlapped: readonly StepGraph[];
  readonly blocking: readonly StepGraph[];
  readonly broken: readonly BrokenStep[];
}

/**
 * Splits a trace into steps. O(n log n) in its operations.
 * @throws InputError if no step can be replayed.
 */
export function stepGraphs(trace: Trace): StepGraphs {
  const steps = recordedSteps(trace);
  const inspect = inspectionOf(trace, steps);
  const rules = kindRules(trace);
  const modelStages = modelStageCount(trace);
  const overlapped: StepGraph[] = [];
  const blocking: StepGraph[] = [];
  const broken: BrokenStep[] = [];
  for (const recorded of steps) {
    try {
      inspect(recorded);
      const graphs = (['overlapped', 'blocking'] as const).map((rule) =>
        stepGraph(trace, recorded, rules, modelStages, rule),
      );
      overlapped.push(graphs[0]!);
      blocking.push(graphs[1]!);
    } catch (error) {
      if (!(error instanceof BrokenStepError)) throw error;
      broken.push({ step: recorded.step, reason: error.message });
    }
  }
  if (overlapped.length === 0) throw noSteps(trace, broken);
  return withoutImpossible({ overlapped, blocking, broken });
}

/** A step longer than this multiple of the usual step is not real: one of its times is damaged. */
const IMPOSSIBLE_LENGTH = 1000;

function withoutImpossible({ overlapped, blocking, broken }: StepGraphs): StepGraphs {
  const usualS = median(overlapped.map(({ recordedS }) => recordedS));
  const isPossible = ({ recordedS }: StepGraph) => recordedS <= IMPOSSIBLE_LENGTH * usualS;
  const impossible = overlapped
    .filter((graph) => !isPossible(graph))
    .map(({ step, recordedS }) => ({
      step,
      reason: `it took ${recordedS.toPrecision(3)} s, but steps usually take ${usualS.toPrecision(3)} s`,
    }));
  return {
    overlapped: overlapped.filter(isPossible),
    blocking: blocking.filter(isPossible),
    broken: [...broken, ...impossible].sort((a, b) => a.step - b.step),
  };
}

function noSteps(trace: Trace, broken: readonly BrokenStep[]): InputError {
  const { source } = trace;
  const reasons = leftOutKinds(trace);
  const why = broken.length > 0 || reasons.length === 0 ? '' : `: ${reasons.join('; ')}`;
  return new InputError([
    { source, message: `no step can be replayed${why}` },
    ...broken.map(({ step, reason }) => ({ source, field: `step ${step}`, message: reason })),
  ]);
}

function stepGraph(
  trace: Trace,
  recorded: RecordedStep,
  rules: readonly (KindRule | undefined)[],
  modelStages: number,
  transferRule: TransferRule,
): StepGraph {
  const { step, workers, operation } = recorded;
  const found = dependencies(trace, recorded, rules, modelStages, transferRule);
  const { start: predecessorStart, target: predecessor } = csr(
    operation.length,
    found.waiting,
    found.awaited,
  );
  const grouped = [...found.group.keys()].filter((i) => found.group[i]! >= 0);
  const { start: groupStart, target: member } = csr(
    found.groupCount,
    grouped.map((i) => found.group[i]!),
    grouped,
  );
  const startS = Float64Array.from(operation, (i) => trace.startS[i]!);
  const endS = Float64Array.from(operation, (i) => trace.startS[i]! + trace.durationS[i]!);
  const beginS = least(startS);
  const kind = Int32Array.from(operation, (i) => trace.kind[i]!);
  const endsWithFirst = (i: number) =>
    transferRule === 'blocking' && rules[kind[i]!]!.role === 'transfer';
  const delayS = Float64Array.from(startS, (s, i) => {
    let readyS = predecessorStart[i] === predecessorStart[i + 1] ? beginS : -Infinity;
    for (let a = predecessorStart[i]!; a < predecessorStart[i + 1]!; a++) {
      readyS = Math.max(readyS, endS[predecessor[a]!]!);
    }
    return s - readyS;
  });
  const ownS = ownTimes(groupStart, member, startS, endS, endsWithFirst);
  const groups = { group: found.group, groupStart, member };
  return {
    ...{ step, workers, operation, kind, predecessorStart, predecessor, delayS, ownS },
    ...groups,
    silentS: silentDelays({ startS, ownS, ...groups }, delayS),
    order: executionOrder(operation.length, found, groupStart, member),
    recordedS: -least(endS.map((s) => -s)) - beginS,
  };
}

function least(values: Float64Array): number {
  return values.reduce((a, b) => Math.min(a, b), Infinity);
}

/** Sorts pairs (row, target) into rows. O(rows + pairs). */
function csr(rowCount: number, rows: readonly number[], targets: readonly number[]) {
  const start = new Int32Array(rowCount + 1);
  for (const row of rows) start[row + 1]!++;
  for (let r = 0; r < rowCount; r++) start[r + 1]! += start[r]!;
  const fill = start.slice(0, rowCount);
  const target = new Int32Array(targets.length);
  targets.forEach((value, k) => (target[fill[rows[k]!]!++] = value));
  return { start, target };
}

/**
 * Durations of operations from the time when all that they meet have begun. If transfers block, a
 * transfer is done when the first of its sides is: the other side's end may be that of everything
 * it launched together.
 */
function ownTimes(
  groupStart: Int32Array,
  member: Int32Array,
  startS: Float64Array,
  endS: Float64Array,
  endsWithFirst: (i: number) => boolean,
): Float64Array {
  const ownS = endS.map((s, i) => s - startS[i]!);
  for (let g = 0; g + 1 < groupStart.length; g++) {
    const members = member.subarray(groupStart[g], groupStart[g + 1]);
    const lastStartS = members.reduce((s, i) => Math.max(s, startS[i]!), -Infinity);
    const firstEndS = members.reduce((s, i) => Math.min(s, endS[i]!), Infinity);
    for (const i of members) {
      const timeS = (endsWithFirst(i) ? firstEndS : endS[i]!) - lastStartS;
      ownS[i] = timeS <= IMPOSSIBLE_S ? 0 : timeS;
    }
  }
  return ownS;
}

/**
 * An order to run operations in. A group's members end together, so operations that wait for one of
 * them come after all of them. Kahn's algorithm, O(operations + dependencies).
 *
 * @throws BrokenStepError if operations wait for each other in a cycle.
 */
function executionOrder(
  n: number,
  { waiting, awaited, group }: StepDraft,
  groupStart: Int32Array,
  member: Int32Array,
): Int32Array {
  const { start, target } = csr(n, awaited, waiting);
  const waitsFor = new Int32Array(n);
  for (const i of waiting) waitsFor[i]!++;
  const order = new Int32Array(n);
  const missing = Int32Array.from(groupStart.subarray(1), (end, g) => end - groupStart[g]!);
  let length = 0;
  const release = (i: number) => {
    for (let a = start[i]!; a < start[i + 1]!; a++) {
      const next = target[a]!;
      if (--waitsFor[next]! === 0) order[length++] = next;
    }
  };
  for (let i = 0; i < n; i++) if (waitsFor[i] === 0) order[length++] = i;
  for (let k = 0; k < length; k++) {
    const g = group[order[k]!]!;
    if (g < 0) release(order[k]!);
    else if (--missing[g]! === 0)
      member.subarray(groupStart[g], groupStart[g + 1]).forEach(release);
  }
  if (length < n) throw new BrokenStepError('its operations wait for each other forever');
  return order;
}
