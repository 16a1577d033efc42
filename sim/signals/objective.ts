import { InputError } from '../../src/errors.js';
import type { Signals } from '../scenario/signals-schema.js';
import { carbonKgPerJ, moneyPerJ } from './course.js';
import type { Horizon, Interval } from './horizon.js';

/** The amount that a joule of an interval counts. */
export type Objective = (interval: Interval) => number;

/** The sum that a schedule makes least, and its name. */
export interface NamedObjective {
  readonly name: 'money' | 'carbon' | 'energy' | 'mix';
  readonly ofJoule: Objective;
}

/** Of a megawatt-hour, so that costs have the size of prices. */
const JOULES_PER_MWH = 3.6e9;

/**
 * The objective of a schedule: the one that its section names, or the first that is known.
 * @throws InputError if it names one whose values are not known.
 */
export function objectiveOf(
  { objective }: Signals,
  { intervals }: Horizon,
  askedBy: string,
): NamedObjective {
  const isKnown = {
    money: intervals.every((interval) => moneyPerJ(interval) !== undefined),
    carbon: intervals.every((interval) => carbonKgPerJ(interval) !== undefined),
    energy: true,
  };
  const chosen =
    objective ?? (['money', 'carbon', 'energy'] as const).find((name) => isKnown[name])!;
  const weights =
    typeof chosen === 'string'
      ? { money: chosen === 'money' ? 1 : 0, carbon: chosen === 'carbon' ? 1 : 0 }
      : chosen;
  const lacking = (['money', 'carbon'] as const).filter(
    (name) => weights[name] > 0 && !isKnown[name],
  );
  if (lacking.length > 0) {
    throw new InputError(
      lacking.map((name) => ({
        source: askedBy,
        field: 'signals.objective',
        message: `asks for the least ${name}, but ${NEEDS[name]}`,
      })),
    );
  }
  if (chosen === 'energy') return { name: 'energy', ofJoule: () => 1 / JOULES_PER_MWH };
  return {
    name: typeof chosen === 'string' ? chosen : 'mix',
    ofJoule: (interval) =>
      weights.money * (moneyPerJ(interval) ?? 0) + weights.carbon * (carbonKgPerJ(interval) ?? 0),
  };
}

const NEEDS = {
  money: 'there is neither a file signals.price nor prices.perKWh',
  carbon: 'there is neither a file signals.carbon nor prices.carbonGPerKWh',
};
