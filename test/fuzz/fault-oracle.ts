import { firstOf, isClose } from './oracle.js';

type Accounts = Readonly<Record<string, number>>;
type Figure = Readonly<Record<'mean' | 'low' | 'high', number>>;

interface Interval {
  readonly everyIterations: number;
  readonly everyS: number;
  readonly expected: Readonly<Record<'timeS' | 'energyJ', number>>;
}

/** One policy's part of `faults` in the output of `run --format json`. */
interface PolicyDocument {
  readonly policy: string;
  readonly iterationTimeS: number;
  readonly iterationEnergyJ: number;
  readonly figures: Readonly<Record<string, Figure>>;
  readonly accounts: { readonly days: Accounts; readonly energyMWh: Accounts };
  readonly checkpoint: Interval;
  readonly bestForTime: Interval;
  readonly bestForEnergy: Interval;
}

/** The document's part on faults. */
export interface FaultsDocument {
  readonly mtbfS: number;
  readonly policies: readonly PolicyDocument[];
}

/** Sums are booked to more digits than this. */
const EXACT = 1e-9;

/** Impossible values of a job's course with faults. */
export function wrongFaults({ mtbfS, policies }: FaultsDocument): string | undefined {
  return firstOf([!(mtbfS > 0) && `a fault every ${mtbfS} s`, ...policies.map(wrongPolicy)]);
}

function wrongPolicy(row: PolicyDocument): string | undefined {
  const { policy, figures, accounts, checkpoint, bestForTime, bestForEnergy } = row;
  const sum = (values: Accounts) => Object.values(values).reduce((a, b) => a + b, 0);
  const mean = (name: string) => figures[name]!.mean;
  const all = [...Object.values(accounts.days), ...Object.values(accounts.energyMWh)];
  const usefulMWh = accounts.energyMWh['useful']!;
  return firstOf([
    all.some((value) => value < -EXACT) && `${policy}: less than nothing in an account`,
    !isClose(sum(accounts.days), mean('days'), EXACT) && `${policy}: days do not add up`,
    !isClose(sum(accounts.energyMWh), mean('energyMWh'), EXACT) &&
      `${policy}: the energy does not add up`,
    !isClose(usefulMWh + mean('wastedMWh'), mean('energyMWh'), EXACT) &&
      `${policy}: useful and wasted energy are not all energy`,
    !isClose(usefulMWh * 3.6e9, mean('usefulIterations') * row.iterationEnergyJ, 1e-6) &&
      `${policy}: useful energy is not that of the useful iterations`,
    !(mean('goodputPct') >= 0 && mean('goodputPct') <= 100 + 1e-6) &&
      `${policy}: goodput of ${mean('goodputPct')} %`,
    ...Object.entries(figures).map(
      ([name, { low, high }]) => !(low <= high) && `${policy}: ${name} from ${low} to ${high}`,
    ),
    ...[checkpoint, bestForTime, bestForEnergy].map(
      ({ everyS, everyIterations }) =>
        !isClose(everyS, everyIterations * row.iterationTimeS, EXACT) &&
        `${policy}: ${everyIterations} iterations in ${everyS} s`,
    ),
    bestForTime.expected.timeS > checkpoint.expected.timeS * (1 + EXACT) &&
      `${policy}: the best interval for time is not`,
    bestForEnergy.expected.energyJ > checkpoint.expected.energyJ * (1 + EXACT) &&
      `${policy}: the best interval for energy is not`,
    !(checkpoint.expected.timeS >= row.iterationTimeS * (1 - EXACT)) &&
      `${policy}: faults save time`,
  ]);
}
