/** The traced power of one run: rows of means, one of each unit, and where they end. */
export interface TracedRun {
  readonly unitCount: number;
  readonly rowCount: number;
  /** The end of the run, within the last row's interval or at its end. */
  readonly durationS: number;
  /** Rows from one on, at most `count`, row after row. */
  read(firstRow: number, count: number): Float64Array;
}

/** A column of a file: a unit of a run. */
export interface PowerColumn {
  readonly name: string;
  readonly run: TracedRun;
  readonly unit: number;
}

/** Consecutive rows of a file. */
export interface RowBlock {
  readonly timeS: Float64Array;
  /** One array per column; NaN once its run is over. */
  readonly powerW: readonly Float64Array[];
}

/** Rows that are read at once, of every column. */
const BLOCK_VALUES = 1 << 18;

/** An end this near to the end of an interval, as a part of the interval, is there. */
const ROUNDING = 1e-6;

/**
 * The rows of a file: at the beginning of each interval the mean power in it, of every column. A run ends
 * with a row at its end, which repeats its last power: held from row to row, powers have exactly the energy of the
 * run. Other runs have the power there that they have then.
 *
 * @param everyS the length of an interval.
 */
export function* powerRows(columns: readonly PowerColumn[], everyS: number): Generator<RowBlock> {
  const ends = endsOf(columns, everyS);
  const gridCount = ends.reduce((most, end) => Math.max(most, end.gridCount), 0);
  const blockRows = Math.max(16, Math.floor(BLOCK_VALUES / columns.length));
  for (let first = 0; first < gridCount; first += blockRows) {
    const until = Math.min(first + blockRows, gridCount);
    const times = rowTimes(ends, everyS, first, until);
    const readers = new Map(ends.map(({ run }) => [run, heldPowers(run, everyS, first, until)]));
    yield {
      timeS: times,
      powerW: columns.map(({ run, unit }) => times.map(readers.get(run)!(unit))),
    };
  }
}

/** The end of a run among the rows. */
interface RunEnd {
  readonly run: TracedRun;
  /** Rows at multiples of the interval; one of them is its end if it ends there. */
  readonly gridCount: number;
  /** Between multiples of the interval. */
  readonly betweenS: number | undefined;
}

function endsOf(columns: readonly PowerColumn[], everyS: number): RunEnd[] {
  const runs = [...new Set(columns.map(({ run }) => run))];
  return runs.map((run) => {
    const { rowCount, durationS } = run;
    return isWhole(run, everyS)
      ? { run, gridCount: rowCount + 1, betweenS: undefined }
      : { run, gridCount: rowCount, betweenS: durationS };
  });
}

/** Whether a run ends where its last interval does. */
export function isWhole({ rowCount, durationS }: TracedRun, everyS: number): boolean {
  return rowCount * everyS - durationS <= ROUNDING * everyS;
}

/** Times of rows: multiples of the interval, and ends of runs between them. */
function rowTimes(
  ends: readonly RunEnd[],
  everyS: number,
  first: number,
  until: number,
): Float64Array {
  const between = ends.flatMap(({ gridCount, betweenS }) =>
    betweenS !== undefined && gridCount > first && gridCount <= until ? [betweenS] : [],
  );
  const grid = Array.from({ length: until - first }, (_, k) => multipleS(first + k, everyS));
  return Float64Array.from([...new Set([...grid, ...between])].sort((a, b) => a - b));
}

/** Nanoseconds are the finest times of files: k · 0.1 s has no digits that nobody asked for. */
const PER_SECOND = 1e9;

/** The time of a row. */
function multipleS(k: number, everyS: number): number {
  return (k * Math.round(everyS * PER_SECOND)) / PER_SECOND;
}

/** The power that a unit of a run has at a time, within a block of rows; NaN after its end. */
function heldPowers(run: TracedRun, everyS: number, first: number, until: number) {
  const { unitCount, rowCount, durationS } = run;
  // The row before may be the last one, which is repeated at the end.
  const from = Math.max(0, first - 1);
  const values = run.read(from, until - from);
  const lastS = isWhole(run, everyS) ? multipleS(rowCount, everyS) : durationS;
  return (unit: number) =>
    (timeS: number): number => {
      if (timeS > lastS) return NaN;
      const interval = Math.floor(timeS / everyS + ROUNDING);
      const row = Math.min(interval, rowCount - 1) - from;
      return values[row * unitCount + unit]!;
    };
}
