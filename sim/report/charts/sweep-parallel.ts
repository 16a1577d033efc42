import { line, ruleX, text } from '@observablehq/plot';
import { extremes } from '../../../src/extremes.js';
import { distinct } from '../sweep/axes.js';
import { PALETTE } from '../looks.js';
import { limited } from '../sweep/chosen-pivot.js';
import { metricTitle } from '../sweep/metric-title.js';
import type { SweepData } from '../sweep/sweep-data.js';
import { levelColour, powerLevel } from '../timeline/power-colours.js';
import { valueText } from '../numbers.js';
import type { Chart } from './chart.js';
import { framed, textPx, type ChartStyle } from './chart-style.js';
import { fitted } from './fitting-labels.js';

/** Most lines of a readable picture; of more runs, every n-th is drawn. */
const MOST_LINES = 400;
/** Most values of an axis that are all written beside it. */
const MOST_LABELS = 10;
/** Figures to the right of what varied. */
const FIGURES = ['simulated_time_s', 'simulated_energy_j', 'slowdown_pct', 'simulated_saving_pct'];

/** An upright of the chart: a column, and the heights of its values. */
interface Upright {
  readonly column: string;
  readonly title: string;
  readonly heightOf: (value: unknown) => number;
  readonly labels: readonly unknown[];
}

/** Parallel coordinates of the runs of one policy, in the colours of a figure. */
export interface ParallelRuns {
  readonly chart: Chart;
  /** The number of runs that each line stands for. */
  readonly every: number;
}

/** Each run as a line over what varied and what came of it, darker the more of a figure it has. */
export function parallelChart(
  data: SweepData,
  policy: string,
  metric: string,
  style: ChartStyle,
): ParallelRuns {
  const columns = limited(data.columns, (name) => name === policy);
  const figures = [...FIGURES.filter((name) => name !== metric), metric];
  const uprights = [
    ...data.axes.map(({ field, name, values }) => upright(field, name, values)),
    ...figures.flatMap((name) => {
      const values = distinct(columns[name] ?? []);
      return isFlat(name, values) ? [] : [upright(name, metricTitle(name), values)];
    }),
  ];
  const { least, most } = extremes((columns[metric] ?? []).filter((x) => typeof x === 'number'));
  const length = columns['run']?.length ?? 0;
  const every = Math.max(1, Math.ceil(length / MOST_LINES));
  const places = scattered(length, every);
  const levelAt = (place: number) => powerLevel(columns[metric]![place] as number, least, most);
  const points = places
    .sort((a, b) => levelAt(a) - levelAt(b))
    .flatMap((place) =>
      uprights.map(({ column, heightOf }, x) => {
        const colour = levelColour(levelAt(place));
        return { place, x, y: heightOf(columns[column]![place]), colour };
      }),
    );
  return { every, chart: drawn(points, uprights, style) };
}

/** One of every n places, scattered: each n-th might skip values of a grid's axis. */
function scattered(length: number, every: number): number[] {
  const places = Array.from({ length }, (_, place) => place);
  return places.filter((place) => (Math.imul(place + 1, 0x9e3779b1) >>> 8) % every === 0);
}

/** Percentages that differ by less than this do not vary. */
const LEAST_PCT = 0.05;

function isFlat(name: string, values: readonly unknown[]): boolean {
  const { least, most } = extremes(values.filter((value) => typeof value === 'number'));
  return values.length < 2 || (name.endsWith('_pct') && most - least < LEAST_PCT);
}

function labelText(value: unknown): string {
  if (typeof value === 'number') {
    const rounded = Number(value.toPrecision(3));
    return Math.abs(rounded) >= 1e5
      ? rounded.toExponential().replace('e+', 'e')
      : valueText(rounded);
  }
  return valueText(value);
}

function upright(column: string, title: string, values: readonly unknown[]): Upright {
  const areNumbers = values.every((value) => typeof value === 'number');
  const { least, most } = areNumbers ? extremes(values) : { least: 0, most: values.length - 1 };
  const heightOf = (value: unknown) =>
    ((areNumbers ? (value as number) : values.indexOf(value)) - least) / (most - least);
  const labels = values.length <= MOST_LABELS ? values : [values[0], values.at(-1)];
  return { column, title, heightOf, labels };
}

function drawn(
  points: readonly { place: number; x: number; y: number; colour: string }[],
  uprights: readonly Upright[],
  style: ChartStyle,
): Chart {
  const { fontPx, widthPx } = style;
  const sides = framed(style, { heightPx: 0, leftChars: 6, rightChars: 12 });
  const [leftPx = 0, rightPx = 0] = [sides.marginLeft, sides.marginRight];
  const stepPx = (widthPx - leftPx - rightPx) / Math.max(1, uprights.length - 1);
  const places = uprights.map((_, x) => leftPx + x * stepPx);
  const titles = laidTitles(uprights, places, style);
  const lines = 1 + Math.max(...titles.map(({ level }) => level));
  const topPx = (LEAST_TITLE_LINES + Math.max(0, lines - LEAST_TITLE_LINES)) * LINE_EM * fontPx;
  const frame = framed(style, {
    ...{ heightPx: HEIGHT_PX + topPx, leftChars: 6, topPx, rightChars: 12 },
  });
  const { marginTop = 0, marginBottom = 0, height = 0 } = frame;
  const labelled = { ...style, fontPx: Math.max(0.85 * fontPx, style.leastFontPx ?? 0) };
  const plotPx = height - marginTop - marginBottom;
  const labels = uprights.flatMap((each, x) => {
    const roomPx = x === uprights.length - 1 ? rightPx : stepPx;
    return laidLabels(each, { roomPx: roomPx - 2 * LABEL_DX_PX, plotPx }, labelled).map(
      (label) => ({
        ...{ ...label, x },
      }),
    );
  });
  const halo = { fill: 'currentColor', stroke: PALETTE.paper.light, strokeWidth: 3 } as const;
  return {
    ...frame,
    x: { domain: [0, Math.max(1, uprights.length - 1)], axis: null },
    y: { domain: [0, 1], axis: null },
    marks: [
      line(points, {
        ...{ x: 'x', y: 'y', z: 'place', stroke: 'colour', strokeWidth: 1, strokeOpacity: 0.55 },
      }),
      ruleX(uprights, { x: (_: Upright, k: number) => k, stroke: 'currentColor' }),
      text(labels, {
        ...{ ...halo, x: 'x', y: 'y', text: 'text', textAnchor: 'start', dx: LABEL_DX_PX },
        fontSize: labelled.fontPx,
      }),
      ...titles.map((title, x) =>
        text([title.text], {
          ...{ x: [x], y: [1], textAnchor: 'start', dx: title.fromPx - places[x]! },
          ...{ dy: -(1.2 + LINE_EM * title.level) * fontPx, text: (said: string) => said },
        }),
      ),
    ],
  };
}

/** Height without the titles above. */
const HEIGHT_PX = 290;
/** Ems of a line of titles, and the lines for which there is room at least. */
const LINE_EM = 1.4;
const LEAST_TITLE_LINES = 2;
/** Between an upright and its labels. */
const LABEL_DX_PX = 4;
/** The least gaps between titles and between labels, in ems. */
const TITLE_GAP_EM = 0.6;
const LABEL_GAP_EM = 1;

/** Titles over their uprights, each in the lowest line in which it meets no other. */
function laidTitles(uprights: readonly Upright[], places: readonly number[], style: ChartStyle) {
  const endsPx: number[] = [];
  return uprights.map(({ title }, k) => {
    const said = fitted(title, style.widthPx, style);
    const lengthPx = textPx(said, style);
    const wishedPx = places[k]! - lengthPx / 2;
    const fromPx = Math.max(0, Math.min(wishedPx, style.widthPx - lengthPx));
    const free = endsPx.findIndex((endPx) => endPx + TITLE_GAP_EM * style.fontPx <= fromPx);
    const level = free < 0 ? endsPx.length : free;
    endsPx[level] = fromPx + lengthPx;
    return { text: said, fromPx, level };
  });
}

/** Labels beside an upright: those of its ends, and those between that have room; a number is never cut. */
function laidLabels(
  { labels, heightOf }: Upright,
  { roomPx, plotPx }: { readonly roomPx: number; readonly plotPx: number },
  style: ChartStyle,
) {
  const gap = (LABEL_GAP_EM * style.fontPx) / plotPx;
  const sorted = labels
    .map((value) => ({ value, y: heightOf(value), text: labelText(value) }))
    .sort((a, b) => a.y - b.y);
  let lastY = -Infinity;
  const topY = sorted.at(-1)?.y ?? 1;
  const kept = sorted.filter(({ y }, k) => {
    const isFree = k === sorted.length - 1 || (y - lastY >= gap && topY - y >= gap);
    if (isFree) lastY = y;
    return isFree;
  });
  return kept.flatMap(({ value, y, text: said }) => {
    const short = fitted(said, roomPx, style);
    return typeof value === 'number' && short !== said ? [] : [{ y, text: short }];
  });
}
