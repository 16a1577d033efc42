import type { PowerSteps } from '../../power/power-series.js';

/** Power in steps that a picture can show. */
export interface PowerColumns {
  /** The end of each column, ascending. */
  readonly untilS: Float64Array;
  readonly meanW: Float64Array;
  /** Least and largest power within each column; absent if columns are the steps themselves. */
  readonly leastW?: Float64Array;
  readonly mostW?: Float64Array;
}

/**
 * The steps themselves, if there are no more than pixels; else a column per pixel, with exact means.
 * O(steps + pixels).
 *
 * @param spanS the time that all pixels stand for; steps may end earlier.
 */
export function powerColumns(
  { untilS, powerW }: PowerSteps,
  spanS: number,
  pixels: number,
): PowerColumns {
  if (untilS.length <= pixels) return { untilS, meanW: powerW };
  const endS = untilS.at(-1)!;
  const count = Math.max(1, Math.ceil((endS / spanS) * pixels - 1e-9));
  const columnS = spanS / pixels;
  const columns = {
    untilS: Float64Array.from({ length: count }, (_, c) => Math.min(endS, (c + 1) * columnS)),
    meanW: new Float64Array(count),
    leastW: new Float64Array(count).fill(Infinity),
    mostW: new Float64Array(count).fill(-Infinity),
  };
  let k = 0;
  for (let c = 0; c < count; c++) {
    const beginS = c * columnS;
    const finishS = columns.untilS[c]!;
    let fromS = beginS;
    while (k < untilS.length) {
      const toS = Math.min(untilS[k]!, finishS);
      columns.meanW[c]! += (powerW[k]! * (toS - fromS)) / (finishS - beginS);
      columns.leastW[c] = Math.min(columns.leastW[c]!, powerW[k]!);
      columns.mostW[c] = Math.max(columns.mostW[c]!, powerW[k]!);
      fromS = toS;
      if (untilS[k]! > finishS) break;
      k++;
      if (fromS >= finishS) break;
    }
  }
  return columns;
}
