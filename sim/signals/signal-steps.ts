import type { CsvRecord } from '../../src/profile/csv-records.js';
import { quoted, type ProblemList } from '../../src/problem-list.js';
import type { SignalName } from './signal-kinds.js';
import type { ZoneClock } from './zone-clock.js';

/** A row of a signal. */
export interface SignalRow {
  readonly line: number;
  readonly startS: number;
  /** The end of its interval, if it is written. */
  readonly endS: number | undefined;
  /** In the proper unit; NaN if the table has none. */
  readonly value: number;
}

/** Time for which a signal has no value. */
export interface Gap {
  readonly fromS: number;
  readonly untilS: number;
  /** Of the row without a value, or after which rows are missing. */
  readonly line: number;
}

/** Values that hold from one time to another. */
export interface SignalSteps {
  /** Ascending. */
  readonly startS: Float64Array;
  readonly untilS: Float64Array;
  /** The value before a gap holds in it; NaN if there is none. */
  readonly values: Float64Array;
  readonly gaps: readonly Gap[];
}

/** The table that rows come from. */
interface Origin {
  readonly problems: ProblemList;
  readonly name: SignalName;
  readonly kept: readonly CsvRecord[];
  /** Whether its times are those of a clock on a wall. */
  readonly isWall: boolean;
  readonly wall: ZoneClock;
}

/**
 * Orders rows by time and finds the times without a value. A limit holds until another is written;
 * other values are missing if a row is further from the next than rows around it are.
 */
export function signalSteps(rows: readonly SignalRow[], origin: Origin): SignalSteps {
  const sorted = withoutRepetition(
    rows.toSorted((a, b) => a.startS - b.startS),
    origin,
  );
  origin.problems.throwIfAny();
  if (sorted.length === 0) {
    origin.problems.add('has no value');
    origin.problems.throwIfAny();
  }
  const isHeld = origin.name === 'cap';
  const usualS = usualSteps(sorted);
  const gaps: Gap[] = [];
  const untilS = sorted.map((row, k) => {
    const nextS = sorted[k + 1]?.startS ?? (isHeld ? Infinity : row.startS + usualS[k]!);
    if (isHeld) return nextS;
    const ownS = row.endS ?? row.startS + GAP * usualS[k]!;
    if (Number.isNaN(row.value)) gaps.push({ fromS: row.startS, untilS: nextS, line: row.line });
    else if (nextS > ownS) {
      const fromS = row.endS ?? row.startS + usualS[k]!;
      gaps.push({ fromS, untilS: nextS, line: row.line });
    }
    return k === sorted.length - 1 ? (row.endS ?? nextS) : nextS;
  });
  let held = NaN;
  const values = sorted.map(({ value }) => (held = Number.isNaN(value) ? held : value));
  return {
    startS: Float64Array.from(sorted, ({ startS }) => startS),
    untilS: Float64Array.from(untilS),
    values: Float64Array.from(values),
    gaps,
  };
}

/** A step this many times as long as usual leaves rows out. */
const GAP = 1.5;
/** Steps on either side that say what is usual: resolutions change, from an hour to a quarter of it. */
const AROUND = 24;

/** For each row, the longer of the usual steps before and after it. */
function usualSteps(rows: readonly SignalRow[]): readonly number[] {
  const steps = rows.slice(1).map(({ startS }, k) => startS - rows[k]!.startS);
  const fallbackS = rows[0]?.endS === undefined ? 3600 : rows[0].endS - rows[0].startS;
  if (steps.length === 0) return rows.map(() => fallbackS);
  // The median moves slowly: one for each block of rows is enough.
  const medians = Array.from({ length: Math.ceil(steps.length / AROUND) }, (_, block) =>
    median(steps.slice(block * AROUND, (block + 1) * AROUND)),
  );
  return rows.map((_, k) => {
    const block = Math.min(Math.floor(k / AROUND), medians.length - 1);
    return Math.max(medians[block - 1] ?? 0, medians[block]!, medians[block + 1] ?? 0);
  });
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;
}

/** Rows of different times; of two with one time, one has the value, or both have the same. */
function withoutRepetition(rows: readonly SignalRow[], origin: Origin): readonly SignalRow[] {
  const kept: SignalRow[] = [];
  for (const row of rows) {
    const last = kept.at(-1);
    if (last?.startS !== row.startS) kept.push(row);
    else if (Number.isNaN(last.value)) kept[kept.length - 1] = row;
    else if (!Number.isNaN(row.value) && row.value !== last.value) {
      origin.problems.add(repeated(last, row, origin), { line: row.line });
      return kept;
    }
  }
  return kept;
}

function repeated(first: SignalRow, second: SignalRow, origin: Origin): string {
  const { kept, isWall, wall, name } = origin;
  const cellsOf = (line: number) => kept.find((record) => record.line === line)?.cells ?? [];
  const [one, other] = [cellsOf(first.line), cellsOf(second.line)];
  // Cells that name something, such as an area: they tell the rows apart.
  const named = one.filter(
    (cell, k) => cell !== other[k] && /[a-z]/i.test(cell) && /[a-z]/i.test(other[k] ?? ''),
  );
  const has = `has the same time as line ${first.line}, and another value`;
  if (named.length > 0) {
    return `${has}; choose rows by what they have among their cells: signals.${name}: {csv: FILE, only: [${named.map(quoted).join(', ')}]}`;
  }
  return isWall && wall.zone === 'UTC'
    ? `${has}; if a clock was set back there, name its zone, such as signals.zone: Europe/Berlin`
    : has;
}
