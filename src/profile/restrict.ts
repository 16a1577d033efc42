import { InputError, type Problem } from '../errors.js';
import { extremes } from '../extremes.js';
import { byKind, type ExecutionOption, type StageProfile } from './stage-profile.js';

/** The clocks at which a site lets its GPUs run. */
export interface ClockLimits {
  readonly lowestMHz?: number | undefined;
  readonly highestMHz?: number | undefined;
  /** Allows only clocks that lie a multiple of this below the highest one. */
  readonly stepMHz?: number | undefined;
}

/**
 * A profile without the options that the clock limits forbid.
 * @param where the source of the limits, for the message.
 * @throws InputError if an instruction has no option left.
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

/**
 * A clock within this fraction of a step of a multiple counts as one: tenths of a megahertz are
 * inexact.
 */
const SAME_STEP = 1e-6;

function isMultiple(differenceMHz: number, stepMHz: number): boolean {
  const steps = differenceMHz / stepMHz;
  return Math.abs(steps - Math.round(steps)) <= SAME_STEP;
}

/**
 * A profile without the options with a mean power above a GPU's limit: at such a clock the GPU
 * would fall back to a lower one.
 * @throws InputError if an instruction has no option left.
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
