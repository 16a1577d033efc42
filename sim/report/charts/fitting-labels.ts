import { niceTicks } from '../timeline/ticks.js';
import { textPx, type ChartStyle } from './chart-style.js';

/** An axis of panels. */
export interface PanelAxis {
  readonly domain: readonly [number, number];
  /** Round numbers as many as fit, if left out. */
  readonly ticks?: readonly number[];
  readonly label?: (value: number) => string;
}

/** The widths of a panel and of the gap to the next one. */
interface PanelRoom {
  readonly panelPx: number;
  readonly gapPx: number;
  /** Most labels of the axis. */
  readonly most?: number;
}

/** The least gap between two labels. */
const LEAST_GAP_EM = 0.35;
/** Most labels of a horizontal axis. */
const MOST_TICKS = 6;

/** Ticks and labels of an axis, all with the same digits. */
export function ticksOf({ domain, ticks, label }: PanelAxis, about: number) {
  const [from, until] = domain;
  const values = ticks ?? niceTicks(from, until, about);
  const digits = Math.max(0, ...values.map((value) => (String(value).split('.')[1] ?? '').length));
  return { values, label: label ?? ((value: number) => value.toFixed(digits).replace('-', '−')) };
}

/**
 * The most round numbers whose labels neither meet each other nor those of the next panel. The last one
 * has no label if it would meet the first of the next panel.
 */
export function ticksThatFit(
  axis: PanelAxis,
  { most = MOST_TICKS, ...room }: PanelRoom,
  style: ChartStyle,
) {
  for (let about = most; about > 0 && axis.ticks === undefined; about--) {
    const { values, label } = ticksOf(axis, about);
    const { isFree, meetsNext } = meetings({ ...axis, ticks: values, label }, room, style);
    if (!isFree) continue;
    const hidden = meetsNext && values.length > 1 ? values.at(-1) : undefined;
    return { values, label: (value: number) => (value === hidden ? '' : label(value)) };
  }
  return ticksOf({ ...axis, ticks: axis.ticks ?? [] }, 1);
}

/** Whether there are labels that meet none of their own panel, and whether the last meets the next panel's first. */
export function meetings(
  { domain: [from, until], ticks, label }: Required<PanelAxis>,
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
  if (first === undefined || last === undefined) return { isFree: false, meetsNext: false };
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
