import { isUsual, readable } from '../plausible.js';
import { ENERGIES, QUANTITIES, TIMES, type OtherUnit } from '../quantities.js';

/**
 * The likely units of a time and an energy that imply an impossible power: advice on which of them to
 * convert, and how. '' if no unit explains it.
 *
 * @param of the kind of time: that of an instruction, or of an iteration.
 */
export function timeOrEnergyAdvice(
  timeS: number,
  energyJ: number,
  of: 'instructionTimeS' | 'iterationTimeS' = 'instructionTimeS',
): string {
  const isRight = (asTimeS: number, asEnergyJ: number) =>
    isUsual(QUANTITIES.computingPowerW, asEnergyJ / asTimeS) && isUsual(QUANTITIES[of], asTimeS);
  const likely = (
    units: readonly OtherUnit[],
    what: string,
    as: (factor: number) => readonly [timeS: number, energyJ: number],
  ) =>
    units
      .filter(({ factor }) => isRight(...as(factor)))
      .sort((a, b) => strangeness(...as(a.factor)) - strangeness(...as(b.factor)))
      .slice(0, 1)
      .map(
        ({ name, factor }) => `the ${what} look like ${UNIT_WORDS[name]!}: ${converted(factor)}`,
      );
  return [
    ...likely(TIMES, 'times', (factor) => [timeS * factor, energyJ]),
    ...likely(ENERGIES, 'energies', (factor) => [timeS, energyJ * factor]),
  ].join(', or ');
}

/**
 * The power of a current GPU at work: of several possible units, the one that comes nearest to it
 * is taken.
 */
const TYPICAL_W = 350;

function strangeness(timeS: number, energyJ: number): number {
  return Math.abs(Math.log(energyJ / timeS / TYPICAL_W));
}

const UNIT_WORDS: Readonly<Record<string, string>> = {
  ms: 'milliseconds',
  µs: 'microseconds',
  ns: 'nanoseconds',
  mJ: 'millijoules',
  µJ: 'microjoules',
  kJ: 'kilojoules',
  MJ: 'megajoules',
  Wh: 'watt-hours',
  kWh: 'kilowatt-hours',
};

/** `divide by 1000`, `multiply by 3600` */
function converted(factor: number): string {
  return factor < 1 ? `divide by ${readable(1 / factor)}` : `multiply by ${factor}`;
}
