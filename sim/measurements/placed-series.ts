import type { KeptSeries } from './series.js';

/** A series, and its place in the run. */
export interface PlacedSeries {
  readonly at: number;
  readonly series: KeptSeries;
}

/** Whether the begins of all instructions of a series are known. */
export function hasStarts({ spans }: KeptSeries): boolean {
  return spans.every(({ startS }) => startS !== undefined);
}

/** Series that do not overlap in time are apart: each is fitted by itself. O(n log n). */
export function apart(list: readonly PlacedSeries[]): PlacedSeries[][] {
  const startOf = ({ series }: PlacedSeries) => series.spans[0]!.startS!;
  const groups: PlacedSeries[][] = [];
  let untilS = -Infinity;
  for (const each of [...list].sort((a, b) => startOf(a) - startOf(b))) {
    const last = each.series.spans.at(-1)!;
    if (startOf(each) >= untilS) groups.push([]);
    groups.at(-1)!.push(each);
    untilS = Math.max(untilS, last.startS! + last.timeS);
  }
  return groups;
}
