import {
  INSTRUCTION_PHASES,
  type InstructionPhase,
  type StageActivity,
} from '../../training/phases.js';
import type { ExecutedWorkload } from '../../training/pipeline-run.js';

const PHASES: readonly InstructionPhase[] = INSTRUCTION_PHASES;

/** A phase of an instruction's course, with its length as executed. */
export interface TimedPhase {
  readonly activity: StageActivity;
  readonly clock: 'before' | 'own';
  /** Until the input has come, or the length per instruction. */
  readonly lengthS: 'until the input' | ((instruction: number) => number);
}

/**
 * The phases of a workload's instructions, in order of time. Those that run it again under other
 * powers follow this list as ledgers do; phases that take no time anywhere are left out.
 */
export function timedPhases(executed: ExecutedWorkload): TimedPhase[] {
  return PHASES.flatMap(({ activity, clock, timesS }): TimedPhase[] => {
    if (timesS === 'the rest') return [{ activity, clock, lengthS: 'until the input' }];
    const times = timesS(executed);
    if (times === undefined) return [];
    const { wholeS, withoutS } = times;
    if (activity !== 'computing' && !wholeS.some((timeS) => timeS > 0)) return [];
    return [{ activity, clock, lengthS: (i) => wholeS[i]! - (withoutS?.[i] ?? 0) }];
  });
}
