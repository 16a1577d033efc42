import { AFTER_MEETING, type TimingOverheads } from './timing.js';
import type { JobRecord } from './job.js';
import type { PipelineRecord } from './pipeline-run.js';

/** One activity of a stage, which occurs at the same point of every instruction's course. */
export interface InstructionPhase<A extends string = StageActivity> {
  readonly activity: A;
  /** The clock in force: that of the stage's previous instruction, or the instruction's own. */
  readonly clock: 'before' | 'own';
  /**
   * Its length per instruction; undefined for zero. `the rest` is the time that the other phases
   * leave until the pipeline's end.
   */
  readonly timesS: 'the rest' | ((executed: PipelineRecord['executed']) => Times | undefined);
  /** The end of the phase. @param nowS the end of the phase before it. */
  readonly untilS: (record: PipelineRecord, i: number, nowS: number) => number;
}

/** Times per instruction, minus those of another phase that they include. */
export interface Times {
  readonly wholeS: Float64Array;
  readonly withoutS?: Float64Array;
}

/**
 * The phases of an instruction in order of time, without gaps: the one list that ledgers, timelines
 * and traces follow.
 *
 * ```
 *       changing clock │ waiting │ loading │ communicating ┃ computing │ stalled ┃ communicating
 *   clock of the instruction before                      start  its own       finish
 * ```
 */
export const INSTRUCTION_PHASES = [
  {
    activity: 'changing clock',
    clock: 'before',
    timesS: ({ clockSwitchS }) => clockSwitchS && { wholeS: clockSwitchS },
    untilS: ({ executed }, i, nowS) => nowS + (executed.clockSwitchS?.[i] ?? 0),
  },
  {
    activity: 'waiting for a stage',
    clock: 'before',
    timesS: 'the rest',
    untilS: ({ startS, executed: { timing } }, i) =>
      startS[i]! - timing.receiveS[i]! - timing.loadingS[i]!,
  },
  {
    activity: 'loading',
    clock: 'before',
    timesS: ({ timing }) => ({ wholeS: timing.loadingS }),
    untilS: ({ startS, executed }, i) => startS[i]! - executed.timing.receiveS[i]!,
  },
  {
    activity: 'communicating',
    clock: 'before',
    timesS: ({ timing }) => ({ wholeS: timing.receiveS }),
    untilS: ({ startS }, i) => startS[i]!,
  },
  {
    activity: 'computing',
    clock: 'own',
    timesS: ({ durationS, stallS }) => ({ wholeS: durationS, withoutS: stallS }),
    untilS: ({ finishS, executed }, i) => finishS[i]! - executed.stallS[i]!,
  },
  {
    activity: 'stalled',
    clock: 'own',
    timesS: ({ stallS }) => ({ wholeS: stallS }),
    untilS: ({ finishS }, i) => finishS[i]!,
  },
  {
    activity: 'communicating',
    clock: 'own',
    timesS: ({ timing }) => ({ wholeS: timing.sendS }),
    untilS: ({ finishS, executed }, i) => finishS[i]! + executed.timing.sendS[i]!,
  },
] as const satisfies readonly InstructionPhase<string>[];

/** Activities of a stage's GPUs until their pipeline's end. */
export type StageActivity = (typeof INSTRUCTION_PHASES)[number]['activity'];

/** Activities of all GPUs of a pipeline after its end. */
export type ClosingActivity =
  'waiting for a pipeline' | (typeof AFTER_MEETING)[number]['activity'] | 'between iterations';

/** Activities of a stage's GPUs; each is booked in one account of the ledger. */
export type Activity = StageActivity | ClosingActivity;

/** An activity of a whole pipeline after its end. */
export interface ClosingPhase {
  readonly activity: ClosingActivity;
  readonly timeS: number;
  /** The end of the activity. */
  readonly untilS: number;
}

/** The phases from a pipeline's end to the next iteration, in order of time, without gaps. */
export function closingPhases(
  timing: TimingOverheads,
  { meetS, iterationTimeS }: Pick<JobRecord, 'meetS' | 'iterationTimeS'>,
  { endS }: Pick<PipelineRecord, 'endS'>,
): ClosingPhase[] {
  const phases: ClosingPhase[] = [
    { activity: 'waiting for a pipeline', timeS: meetS - endS, untilS: meetS },
  ];
  let nowS = meetS;
  for (const { activity, field } of AFTER_MEETING) {
    const timeS = timing[field] ?? 0;
    nowS += timeS;
    phases.push({ activity, timeS, untilS: nowS });
  }
  const constantS = timing.iterationConstantS;
  phases.push({ activity: 'between iterations', timeS: constantS, untilS: iterationTimeS });
  return phases;
}
