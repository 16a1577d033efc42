import type { PowerSegment } from '../../energy/power-segments.js';
import type { KindRule, Meeting } from '../../replay/operation-kinds.js';
import type { Worker } from '../../replay/recorded-steps.js';
import type { ShownStep, StepCourse } from '../../replay/step-courses.js';
import type { Trace } from '../../replay/trace.js';
import type { Activity } from '../../training/phases.js';

/** A span in which a worker does one thing. Its instruction is an index into `computations`, or −1. */
export interface WorkerPhase extends PowerSegment {
  /** The stage that is waited for; −1 if none, or not known. */
  readonly waitsFor: number;
}

/** The programme of a worker, alike in all courses of a step. */
export interface WorkerProgramme {
  readonly worker: Worker;
  /** Operations that follow each other, without transfers and what runs beside computing. */
  readonly inTurn: readonly number[];
  /** The place of each computation among the worker's; −1 of other operations. */
  readonly instruction: ReadonlyMap<number, number>;
}

/** The rules of a trace's kinds, by the operations of a step. */
export type RuleOf = (i: number) => KindRule;

/** The operations of a worker that follow each other, in the order in which they were recorded. */
export function programmeOf(
  { courses }: ShownStep,
  worker: Worker,
  ruleOf: RuleOf,
): WorkerProgramme {
  const { startS, endS } = courses[0]!;
  const all = Array.from({ length: worker.end - worker.first }, (_, k) => worker.first + k);
  const computations = all.filter((i) => ruleOf(i).role === 'compute');
  const [firstS, lastS] = [startS[computations[0]!]!, endS[computations.at(-1)!]!];
  const isInTurn = (i: number) => {
    const { role } = ruleOf(i);
    if (role === 'compute' || role === 'in-turn') return true;
    return role !== 'transfer' && (endS[i]! <= firstS || startS[i]! >= lastS);
  };
  return {
    worker,
    inTurn: all.filter(isInTurn),
    instruction: new Map(computations.map((i, k) => [i, k])),
  };
}

/** Activities before operations that meet others. */
const WAITS: Readonly<Record<Meeting, Activity>> = {
  nobody: 'stalled',
  counterpart: 'waiting for a stage',
  pipelines: 'waiting for a pipeline',
  stages: 'waiting for a stage',
  everyone: 'waiting for a pipeline',
};

function waitBefore({ role, meets }: KindRule): Activity {
  return role === 'compute' ? 'waiting for a stage' : WAITS[meets];
}

function activityOf({ role, isOwnWork }: KindRule, kind: string): Activity {
  if (role === 'compute') return 'computing';
  if (role === 'parameters') return 'communicating';
  if (kind.startsWith('optimizer')) return 'synchronising';
  return isOwnWork ? 'stalled' : 'reducing gradients';
}

/** The things that phases of a step are made of, besides its times. */
export interface PhaseSource {
  readonly trace: Trace;
  readonly step: ShownStep;
  readonly ruleOf: RuleOf;
  readonly makerStage: (i: number) => number;
  /** Of a GPU that does not compute; undefined if no GPUs are assumed. */
  readonly waitingPowerW: number | undefined;
}

/**
 * The phases of a worker, each from the end of the one before: for every operation the wait, which may be
 * empty, and the operation. As many in every course.
 */
export function phasesOf(
  { trace, step: { graph }, ruleOf, makerStage, waitingPowerW = 0 }: PhaseSource,
  { startS, endS, ownS, powerW, lengthS }: StepCourse,
  { inTurn, instruction }: WorkerProgramme,
): WorkerPhase[] {
  const phases: WorkerPhase[] = [];
  let nowS = 0;
  const add = (activity: Activity, untilS: number, more: Partial<WorkerPhase> = {}) => {
    const fromS = nowS;
    nowS = Math.min(lengthS, Math.max(nowS, untilS));
    const idle = { powerW: waitingPowerW, instruction: -1, waitsFor: -1 };
    phases.push({ fromS, untilS: nowS, activity, ...idle, ...more });
  };
  for (const i of inTurn) {
    const rule = ruleOf(i);
    const at = instruction.get(i) ?? -1;
    add(waitBefore(rule), Math.max(startS[i]!, endS[i]! - ownS[i]!), {
      waitsFor: at < 0 ? -1 : makerStage(i),
    });
    add(activityOf(rule, trace.kinds[graph.kind[i]!]!), endS[i]!, {
      instruction: at,
      ...(at < 0 || powerW === undefined ? {} : { powerW: powerW[i]! }),
    });
  }
  add('waiting for a pipeline', lengthS);
  return phases;
}
