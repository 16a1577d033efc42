import { axisX, axisY, cell, text } from '@observablehq/plot';
import { extremes, most } from '../../../src/extremes.js';
import { fixed } from '../numbers.js';
import { labelColour, LEVELS, levelColour, powerLevel } from '../timeline/power-colours.js';
import type { Chart } from './chart.js';
import {
  CHARACTER_EM,
  framed,
  SCREEN_STYLE,
  verticalTitle,
  type ChartStyle,
} from './chart-style.js';
import { legend } from './legend.js';

/** A cell of a heat map. */
export interface HeatCell {
  readonly x: string;
  readonly y: string;
  readonly value: number;
  /** The description of the cell, shown by its tooltip. */
  readonly title: string;
}

/** A map of values over two lists of names, in the order of their first cells. */
export interface HeatMap {
  readonly cells: readonly HeatCell[];
  readonly xLabel: string;
  /** Left out where names say it. */
  readonly yLabel?: string;
  /** The meaning of the values. */
  readonly meaning: string;
}

const SWATCHES = 5;
/** Height of a row: with few of them, and at least. */
const ROW_PX = { most: 26, least: 6 };
/** Rows are lower if there are more than fill this height. */
const ROOM_PX = 520;

/** A heat map: the larger a value, the more its cell stands out; with the number where it fits. */
export function workerHeatMap(
  { cells, xLabel, yLabel, meaning }: HeatMap,
  style: ChartStyle = SCREEN_STYLE,
): Chart {
  const { fontPx, widthPx } = style;
  const names = { x: namesOf(cells, 'x'), y: namesOf(cells, 'y') };
  const { least: low, most: high } = extremes(cells.map(({ value }) => value));
  const level = ({ value }: { readonly value: number }) => powerLevel(value, low, high);
  const key = legend([{ name: meaning, colour: 'none' }, ...swatches(low, high)], style);
  const rowPx = Math.min(ROW_PX.most, Math.max(ROW_PX.least, ROOM_PX / names.y.length));
  const frame = framed(style, {
    heightPx: key.heightPx + 6 * fontPx + rowPx * names.y.length,
    leftChars: most(names.y.map(({ length }) => length)) + 2,
    topPx: key.heightPx + fontPx,
  });
  const cellPx = (widthPx - frame.marginLeft! - frame.marginRight!) / names.x.length;
  const at = { x: 'x', y: 'y' };
  const fontSize = 0.85 * fontPx;
  const longest = most(cells.map(({ value }) => shown(value).length));
  const isWritten = cellPx >= CHARACTER_EM * fontSize * (longest + 1) && rowPx >= 1.3 * fontSize;
  const numbers = text(cells, {
    ...{ ...at, text: ({ value }: HeatCell) => shown(value), fontSize, className: 'labels' },
    fill: (one: HeatCell) => labelColour(level(one)).light,
  });
  const fill = (one: HeatCell) => levelColour(level(one));
  const labelPx = CHARACTER_EM * fontPx * (most(names.x.map(({ length }) => length)) + 2);
  return {
    ...frame,
    x: { type: 'band', domain: names.x, label: xLabel, padding: 0.02 },
    y: { type: 'band', domain: names.y, label: null, padding: rowPx > 12 ? 0.03 : 0 },
    marks: [
      cell(cells, { ...at, fill, title: 'title', tip: true }),
      ...(isWritten ? [numbers] : []),
      axisX({ ticks: thinned(names.x, labelPx / cellPx), label: xLabel }),
      axisY({ ticks: thinned(names.y, (1.2 * fontPx) / rowPx), label: null, tickSize: 0 }),
      ...(yLabel === undefined ? [] : [verticalTitle(yLabel, style, frame)]),
      key.mark,
    ],
  };
}

function namesOf(cells: readonly HeatCell[], axis: 'x' | 'y'): string[] {
  return [...new Set(cells.map((one) => one[axis]))];
}

/** As many labels as do not touch, from the first. */
function thinned(labels: readonly string[], needed: number): string[] {
  const every = Math.max(1, Math.ceil(needed));
  return labels.filter((_, k) => k % every === 0);
}

function shown(value: number): string {
  return fixed(value, Math.abs(value) >= 100 ? 0 : 1);
}

function swatches(low: number, high: number) {
  const count = high > low ? SWATCHES : 1;
  return Array.from({ length: count }, (_, k) => {
    const part = count === 1 ? 0 : k / (count - 1);
    return {
      name: shown(low + part * (high - low)),
      colour: levelColour(Math.round(part * (LEVELS - 1))),
    };
  });
}
