import { AFTER_MEETING, type TimingOverheads } from './timing.js';
import type { JobRecord } from './job.js';
import type { PipelineRecord } from './pipeline-run.js';

/** One thing that a stage does for every instruction, at the same place in each one's course. */
export interface InstructionPhase<A extends string = StageActivity> {
  readonly activity: A;
  /** Whose clock is in force: that of the stage's instruction before, or the instruction's own. */
  readonly clock: 'before' | 'own';
  /**
   * How long it lasts, per instruction; undefined is no time. `the rest` is whatever time the other
   * phases leave until the pipeline's end.
   */
  readonly timesS: 'the rest' | ((executed: PipelineRecord['executed']) => Times | undefined);
  /** When it is over. @param nowS when the phase before it was over. */
  readonly untilS: (record: PipelineRecord, i: number, nowS: number) => number;
}

/** Times per instruction: some, without those of another phase that are within them. */
export interface Times {
  readonly wholeS: Float64Array;
  readonly withoutS?: Float64Array;
}

/**
 * The phases of an instruction in order of time, without a gap: the one list that ledgers, timelines
 * and traces go along.
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

/** What a stage's GPUs do until their pipeline's end. */
export type StageActivity = (typeof INSTRUCTION_PHASES)[number]['activity'];

/** What all GPUs of a pipeline do after its end. */
export type ClosingActivity =
  'waiting for a pipeline' | (typeof AFTER_MEETING)[number]['activity'] | 'between iterations';

/** What a stage's GPUs do at a time; each activity is booked in one account of the ledger. */
export type Activity = StageActivity | ClosingActivity;

/** What a whole pipeline does after its end. */
export interface ClosingPhase {
  readonly activity: ClosingActivity;
  readonly timeS: number;
  /** When it is over. */
  readonly untilS: number;
}

/** The phases from a pipeline's end to the next iteration, in order of time, without a gap. */
export function closingPhases(
  timing: TimingOverheads,
  { meetS, iterationTimeS }: Pick<JobRecord, 'meetS' | 'iterationTimeS'>,
  { endS }: PipelineRecord,
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
