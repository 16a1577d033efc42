import { axisX, axisY, cell, text } from '@observablehq/plot';
import { extremes } from '../../../src/extremes.js';
import { metricTitle } from '../sweep/metric-title.js';
import type { SweepChoice } from '../sweep/sweep-choice.js';
import type { ChartRow, SweepData } from '../sweep/sweep-data.js';
import { labelColour, LEVELS, levelColour, powerLevel } from '../timeline/power-colours.js';
import { valueText } from '../numbers.js';
import type { Chart } from './chart.js';
import { CHARACTER_EM, framed, type ChartStyle } from './chart-style.js';
import { legend } from './legend.js';
import { nameOf, panels, rightChars, tipText, upperTitle, valuesOf } from './sweep-panels.js';

/** Swatches of the legend. */
const SWATCHES = 5;
/** Height of a cell: at most, and among panels. */
const CELL_PX = { most: 26, among: 12 };

/** A heat map of a policy: a cell for each pair of values, darker the more; with the number where it fits. */
export function heatMap(
  data: SweepData,
  choice: SweepChoice,
  rows: readonly ChartRow[],
  style: ChartStyle,
): Chart {
  const { fontPx, widthPx } = style;
  const ramp = rampOf(rows);
  const title = `${metricTitle(choice.metric)} of ${choice.policy}`;
  const key = legend([{ name: title, colour: 'none' }, ...ramp.entries], style);
  const x = valuesOf(data, choice.x).map(valueText);
  const y = valuesOf(data, choice.y).map(valueText);
  const leftChars = Math.max(...y.map(({ length }) => length)) + 2;
  const shown = panels(data, choice, style, leftChars);
  const { options, channels, names, inRow, inColumn } = shown;
  const topPx = key.heightPx + shown.topEm * fontPx;
  const among = inRow * inColumn > 1;
  const frame = framed(style, {
    heightPx: topPx + 5 * fontPx + y.length * inColumn * (among ? CELL_PX.among : CELL_PX.most),
    leftChars,
    topPx,
    rightChars: rightChars(data, choice),
  });
  const roomPx = (widthPx - frame.marginLeft! - frame.marginRight!) / inRow;
  const told = (row: ChartRow) => tipText(data, choice, row);
  const label = nameOf(data, choice.x);
  const rowRoom = among ? (y.length * CELL_PX.among) / fontPx : Infinity;
  return {
    ...frame,
    ...options,
    x: { type: 'band', domain: x, label, padding: 0.02 },
    y: { type: 'band', domain: y, label: null, padding: 0.02, reverse: true },
    marks: [
      ...names,
      ...cellMarks(rows, ramp, { channels, told, style, cellPx: among ? 0 : roomPx / x.length }),
      axisX({ ticks: thinned(x, roomPx / (CHARACTER_EM * fontPx)), label }),
      axisY({ ticks: thinned(y, rowRoom, 1), label: null }),
      upperTitle(nameOf(data, choice.y!), style, frame.marginLeft, shown),
      key.mark,
    ],
  };
}

/** The look of cells. */
interface CellLook {
  readonly channels: Readonly<Record<string, string>>;
  readonly told: (row: ChartRow) => string;
  readonly style: ChartStyle;
  /** The room for a number. */
  readonly cellPx: number;
}

/** Cells, with their numbers if those fit. */
function cellMarks(
  rows: readonly ChartRow[],
  ramp: ReturnType<typeof rampOf>,
  { channels, told, style, cellPx }: CellLook,
) {
  const at = {
    x: (row: ChartRow) => valueText(row.x),
    y: (row: ChartRow) => valueText(row.y),
    ...channels,
  };
  const fill = (row: ChartRow) => ramp.colour(row.value);
  const cells = cell(rows, { ...at, fill, title: told, tip: true });
  const fontSize = Math.max(0.85 * style.fontPx, style.leastFontPx ?? 0);
  const longest = Math.max(...rows.map(({ value }) => ramp.text(value).length));
  if (cellPx < CHARACTER_EM * fontSize * (longest + 1)) return [cells];
  const ink = (row: ChartRow) => ramp.ink(row.value);
  const number = (row: ChartRow) => ramp.text(row.value);
  return [cells, text(rows, { ...at, text: number, fill: ink, fontSize, className: 'labels' })];
}

/** The labels that fit side by side: every one, every second and so on, from the first. */
function thinned(labels: readonly string[], roomChars: number, chars?: number): string[] {
  const widest = chars ?? Math.max(...labels.map(({ length }) => length)) + 2;
  const every = Math.max(1, Math.ceil((labels.length * widest) / roomChars));
  return labels.filter((_, k) => k % every === 0);
}

/** Colours for values between the least and the most, and the texts that tell them apart. */
function rampOf(rows: readonly ChartRow[]) {
  const { least, most } = extremes(rows.map(({ value }) => value));
  const spread = most - least;
  const digits =
    spread > 0 ? Math.min(12, Math.max(0, 2 - Math.floor(Math.log10(spread) + 1e-9))) : 2;
  const level = (value: number) => powerLevel(value, least, most);
  const shown = (value: number) =>
    Math.abs(value) >= 1e6 ? value.toExponential(2) : value.toFixed(digits);
  const swatches = spread > 0 ? SWATCHES : 1;
  return {
    colour: (value: number) => levelColour(level(value)),
    ink: (value: number) => labelColour(level(value)).light,
    text: shown,
    entries: Array.from({ length: swatches }, (_, k) => {
      const part = swatches === 1 ? 0 : k / (swatches - 1);
      const colour = levelColour(Math.round(part * (LEVELS - 1)));
      return { name: shown(least + part * spread), colour };
    }),
  };
}
