import { InputError, type Problem } from '../errors.js';
import { extremes } from '../extremes.js';
import { byKind, type ExecutionOption, type StageProfile } from './stage-profile.js';

/** Clocks that a site lets its GPUs run at. */
export interface ClockLimits {
  readonly lowestMHz?: number | undefined;
  readonly highestMHz?: number | undefined;
  /** Only every clock that lies a multiple of this below the highest one. */
  readonly stepMHz?: number | undefined;
}

/**
 * A profile without the options that clock limits forbid.
 * @param where who set the limits, for the message.
 * @throws InputError when an instruction has no option left.
 */
export function withinClocks(
  profile: StageProfile,
  { lowestMHz = 0, highestMHz = Infinity, stepMHz }: ClockLimits,
  where: Pick<Problem, 'source' | 'field'>,
): StageProfile {
  return keepOptions(
    profile,
    where,
    'no clock of the profile lies within these limits',
    (options) => {
      const inRange = options.filter(
        ({ frequencyMHz }) => frequencyMHz >= lowestMHz && frequencyMHz <= highestMHz,
      );
      const topMHz = inRange.reduce((top, option) => Math.max(top, option.frequencyMHz), 0);
      return stepMHz === undefined
        ? inRange
        : inRange.filter(({ frequencyMHz }) => isMultiple(topMHz - frequencyMHz, stepMHz));
    },
  );
}

/** A clock this part of a step beside a multiple is one: tenths of a megahertz are not exact. */
const SAME_STEP = 1e-6;

function isMultiple(differenceMHz: number, stepMHz: number): boolean {
  const steps = differenceMHz / stepMHz;
  return Math.abs(steps - Math.round(steps)) <= SAME_STEP;
}

/**
 * A profile without the options whose mean power is above what a GPU may draw: at such a clock it
 * would fall back to a lower one.
 * @throws InputError when an instruction has no option left.
 */
export function withinPower(
  profile: StageProfile,
  limitW: number,
  where: Pick<Problem, 'source' | 'field'>,
): StageProfile {
  return keepOptions(
    profile,
    where,
    `found ${limitW} W, which is less than an instruction draws at the lowest clock`,
    (options) => options.filter(({ timeS, energyJ }) => energyJ / timeS <= limitW),
  );
}

function keepOptions(
  profile: StageProfile,
  where: Pick<Problem, 'source' | 'field'>,
  nothingLeft: string,
  kept: (options: readonly ExecutionOption[]) => ExecutionOption[],
): StageProfile {
  const clocks = profile.stages.flatMap((stage) => stage.forward.map((o) => o.frequencyMHz));
  const { least, most } = extremes(clocks);
  const range = `${least}–${most} MHz`;
  const stages = profile.stages.map((stage, s) =>
    byKind((kind) => {
      const options = kept(stage[kind]);
      if (options.length > 0) return options;
      throw InputError.of({
        ...where,
        message: `${nothingLeft}: stage ${s}, ${kind}; the profile has ${range}`,
      });
    }),
  );
  return { ...profile, stages };
}
