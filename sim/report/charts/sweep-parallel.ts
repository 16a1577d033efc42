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
import { framed, type ChartStyle } from './chart-style.js';

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

/** Longest label beside an upright. */
const LABEL_CHARS = 14;

function labelText(value: unknown): string {
  if (typeof value === 'number') {
    const rounded = Number(value.toPrecision(3));
    return Math.abs(rounded) >= 1e5
      ? rounded.toExponential().replace('e+', 'e')
      : valueText(rounded);
  }
  const text = valueText(value);
  return text.length <= LABEL_CHARS ? text : `${text.slice(0, LABEL_CHARS - 1)}…`;
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
  const labels = uprights.flatMap(({ labels: values, heightOf }, x) =>
    values.map((value) => ({ x, y: heightOf(value), text: labelText(value) })),
  );
  const titles = uprights.map(({ title }, x) => ({ x, title, isHigh: x % 2 === 1 }));
  const halo = { fill: 'currentColor', stroke: PALETTE.paper.light, strokeWidth: 3 } as const;
  const label = {
    ...halo,
    x: 'x',
    y: 'y',
    text: 'text',
    textAnchor: 'start',
    dx: 4,
    fontSize: 0.85 * style.fontPx,
  } as const;
  return {
    ...framed(style, { heightPx: 320, leftChars: 6, topPx: 2.5 * style.fontPx, rightChars: 12 }),
    x: { domain: [0, Math.max(1, uprights.length - 1)], axis: null },
    y: { domain: [0, 1], axis: null },
    marks: [
      line(points, {
        x: 'x',
        y: 'y',
        z: 'place',
        stroke: 'colour',
        strokeWidth: 1,
        strokeOpacity: 0.55,
      }),
      ruleX(uprights, { x: (_: Upright, k: number) => k, stroke: 'currentColor' }),
      text(labels, label),
      ...[true, false].map((isHigh) =>
        text(
          titles.filter((title) => title.isHigh === isHigh),
          { x: 'x', y: 1, dy: (isHigh ? -2.6 : -1.2) * style.fontPx, text: 'title' },
        ),
      ),
    ],
  };
}
