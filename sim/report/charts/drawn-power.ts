import { powerColumns } from './power-pixels.js';
import type { PowerLevel, PowerPicture } from './power-picture.js';

/** The power of a job in columns that a picture can show, as plain data. */
export interface DrawnPower {
  readonly panels: readonly DrawnPowerPanel[];
  readonly spanS: number;
  readonly topW: number;
}

/** The power of a job under one policy, column by column. */
export interface DrawnPowerPanel {
  readonly policy: string;
  /** The end of each column, ascending; the first begins at 0. */
  readonly untilS: readonly number[];
  readonly meansW: readonly number[];
  /** Least and largest power within each column, where there are more steps than columns. */
  readonly rangesW: readonly (readonly [leastW: number, mostW: number])[] | undefined;
  readonly iterationS: number;
  readonly meanW: number;
  readonly peakW: number;
  readonly leastW: number;
  readonly limits: readonly PowerLevel[];
}

/** Columns of a picture as wide as a page. */
const COLUMNS = 1120;

/** Digits that a picture shows. */
const DIGITS = 7;

/** A picture's steps as at most this many columns, with exact means. */
export function drawnPower(
  { panels, spanS, topW }: PowerPicture,
  columns: number = COLUMNS,
): DrawnPower {
  const drawn = panels.map(({ steps, ...panel }) => {
    const { untilS, meanW, leastW, mostW } = powerColumns(steps, spanS, columns);
    return {
      ...panel,
      untilS: Array.from(untilS, short),
      meansW: Array.from(meanW, short),
      rangesW:
        leastW === undefined
          ? undefined
          : Array.from(leastW, (least, k) => [short(least), short(mostW![k]!)] as const),
    };
  });
  return { panels: drawn, spanS, topW };
}

function short(value: number): number {
  return Number(value.toPrecision(DIGITS));
}
