import { allowedRange } from '../plausible.js';
import { QUANTITIES } from '../quantities.js';
import type { ProblemList } from '../problem-list.js';

/** An impossible value, and the other places where the same kind was found. */
interface Misfit {
  readonly line: number;
  readonly field: string;
  readonly begin: string;
  readonly end: string;
  count: number;
}

/** Impossible powers: too low, or too high. */
interface MisfitPowers {
  readonly line: number;
  readonly columns: readonly string[];
  readonly powerW: number;
  count: number;
  /** Sums of logarithms, to find the unit that fits all of them. */
  logTime: number;
  logEnergy: number;
}

/**
 * Collects impossible values, so that a column in the wrong unit is reported as one problem, not
 * one per row.
 */
export class MisfitRows {
  private readonly values = new Map<string, Misfit>();
  private readonly powers = new Map<'low' | 'high', MisfitPowers>();

  constructor(private readonly problems: ProblemList) {}

  /** A value of one column; `expected` says what is allowed and which unit it looks like. */
  add(line: number, column: string, value: number, expected: string): void {
    // Only the unit part of the advice is common to all rows.
    const key = `${column} ${/looks like [^:]*/.exec(expected)?.[0] ?? ''}`;
    const known = this.values.get(key);
    if (known !== undefined) {
      known.count++;
      return;
    }
    const field = `column "${column}"`;
    const sentence = { begin: `found ${value}`, end: `, expected ${expected}` };
    this.values.set(key, { line, field, ...sentence, count: 1 });
  }

  /** A time and an energy that imply a power that no GPU draws. */
  addPower(line: number, columns: readonly string[], timeS: number, energyJ: number): void {
    const powerW = energyJ / timeS;
    const key = powerW < QUANTITIES.computingPowerW.least ? 'low' : 'high';
    const first = { line, columns, powerW, count: 0, logTime: 0, logEnergy: 0 };
    const powers = this.powers.get(key) ?? first;
    this.powers.set(key, powers);
    powers.count++;
    powers.logTime += Math.log(timeS);
    powers.logEnergy += Math.log(energyJ);
  }

  /**
   * Reports everything that was found.
   * @param adviceOn suggests the unit in which a time and an energy were probably written; '' if
   *   unknown.
   */
  tell(adviceOn: (timeS: number, energyJ: number) => string): void {
    for (const { line, field, begin, end, count } of this.values.values()) {
      this.problems.add(`${begin}${others(count)}${end}`, { line, field });
    }
    const range = allowedRange(QUANTITIES.computingPowerW).replace('a number from ', '');
    for (const { line, columns, powerW, count, logTime, logEnergy } of this.powers.values()) {
      const advice = adviceOn(Math.exp(logTime / count), Math.exp(logEnergy / count));
      this.problems.add(
        `an instruction draws ${Number(powerW.toPrecision(3))} W on average${others(count)}, where a GPU that computes draws ${range}${advice === '' ? '' : `; ${advice}`}`,
        { line, field: `columns ${columns.map((column) => `"${column}"`).join(', ')}` },
      );
    }
  }
}

function others(count: number): string {
  const more = count - 1;
  return more === 0 ? '' : ` (and the like on ${more} more line${more === 1 ? '' : 's'})`;
}
