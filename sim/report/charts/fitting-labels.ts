import { textPx, type ChartStyle } from './chart-style.js';
import { fewTicks } from './few-ticks.js';

/** An axis of numbers. */
interface LabelledAxis {
  readonly domain: readonly [number, number];
  readonly label: (value: number) => string;
}

/** The widths of a panel and of the gap to the next one. */
interface PanelRoom {
  readonly panelPx: number;
  readonly gapPx: number;
}

/** The least gap between two labels. */
const LEAST_GAP_EM = 0.35;

/**
 * Round numbers whose labels neither meet each other nor those of the next panel. The last one has no
 * label if it would meet the first of the next panel.
 * @param most labels of the axis.
 */
export function ticksThatFit(
  axis: LabelledAxis,
  most: number,
  room: PanelRoom,
  style: ChartStyle,
): { readonly values: number[]; readonly label: (value: number) => string } {
  const values = fewTicks(axis.domain, most, (ticks) => meetings(ticks, axis, room, style).isFree);
  const { meetsNext } = meetings(values, axis, room, style);
  const hidden = meetsNext && values.length > 1 ? values.at(-1) : undefined;
  return { values, label: (value) => (value === hidden ? '' : axis.label(value)) };
}

/** Whether labels do not meet in their own panel, and whether the last meets the next panel's first. */
export function meetings(
  ticks: readonly number[],
  { domain: [from, until], label }: LabelledAxis,
  { panelPx, gapPx }: PanelRoom,
  style: ChartStyle,
): { readonly isFree: boolean; readonly meetsNext: boolean } {
  const leastGapPx = LEAST_GAP_EM * style.fontPx;
  const spans = ticks.map((value) => {
    const middle = ((value - from) / (until - from)) * panelPx;
    const half = textPx(label(value), style) / 2;
    return [middle - half, middle + half] as const;
  });
  const [first, last] = [spans[0], spans.at(-1)];
  const isFree = spans.slice(1).every(([low], k) => low - spans[k]![1] >= leastGapPx);
  if (first === undefined || last === undefined) return { isFree, meetsNext: false };
  return { isFree, meetsNext: panelPx + gapPx + first[0] - last[1] < leastGapPx };
}

/** A text that is no wider than its room: one that is has the letters of its two ends. */
export function fitted(text: string, roomPx: number, style: ChartStyle): string {
  if (textPx(text, style) <= roomPx) return text;
  const letters = Array.from(text);
  for (let kept = letters.length - 1; kept > 0; kept--) {
    const head = Math.ceil(kept / 2);
    const ends = [letters.slice(0, head), letters.slice(letters.length - (kept - head))];
    const short = ends.map((end) => end.join('')).join('…');
    if (textPx(short, style) <= roomPx) return short;
  }
  return '…';
}

/** A label that has this much room to its neighbours, middle to middle. */
export function fittedBeside(text: string, stepPx: number, style: ChartStyle): string {
  return fitted(text, stepPx - LEAST_GAP_EM * style.fontPx, style);
}
