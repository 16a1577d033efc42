import { ticks } from 'd3-array';
import { dot, line, ruleX, type ScaleOptions } from '@observablehq/plot';
import { policyLooks, type Look } from '../looks.js';
import { valueText } from '../numbers.js';
import { isComparison, metricTitle } from '../sweep/metric-title.js';
import { type SweepChoice } from '../sweep/sweep-choice.js';
import { chartRows, type ChartRow, type SweepData } from '../sweep/sweep-data.js';
import type { Chart } from './chart.js';
import { framed, type ChartStyle } from './chart-style.js';
import { fittedBeside, meetings, ticksThatFit } from './fitting-labels.js';
import { legend, lookEntries } from './legend.js';
import { lookSymbol } from './look-symbol.js';
import { numberScale } from './number-scale.js';
import { heatMap } from './sweep-heat-map.js';
import {
  nameOf,
  PANEL_HEIGHT_PX,
  panels,
  rightChars,
  tipText,
  upperTitle,
  valuesOf,
} from './sweep-panels.js';

/** Percentages closer to zero than this are due to rounding. */
const LEAST = 1e-9;

/** A figure over what a sweep varied: lines of policies, or a heat map of one; panels for other axes. */
export function sweepChart(data: SweepData, choice: SweepChoice, style: ChartStyle): Chart {
  const rows = chartRows(data, choice);
  return choice.kind === 'lines'
    ? lineChart(data, choice, rows, style)
    : heatMap(data, choice, rows, style);
}

function lineChart(
  data: SweepData,
  choice: SweepChoice,
  all: readonly ChartRow[],
  style: ChartStyle,
): Chart {
  const isLeftOut = (policy: string) => isComparison(choice.metric) && policy === 'max-frequency';
  const rows = all.filter(({ policy }) => !isLeftOut(policy));
  const policies = data.policies.filter((policy) => rows.some((row) => row.policy === policy));
  const looks = policyLooks(policies);
  const key = legend(lookEntries(policies, looks), style);
  const ends = rows.flatMap(({ value, halfWidth: half }) => [
    value - (half ?? 0),
    value + (half ?? 0),
  ]);
  const y = numberScale(ends, { label: metricTitle(choice.metric), margin: 0.05, least: LEAST });
  const values = valuesOf(data, choice.x);
  const shown = panels(data, choice, style, y.labelChars);
  const { options, channels, names, inRow, inColumn } = shown;
  const areNumbers = values.every((value) => typeof value === 'number');
  const label = nameOf(data, choice.x);
  const x = areNumbers
    ? numberAxis(values, label, shown, style)
    : nameAxis(values, label, shown, style);
  const height = inColumn === 1 ? PANEL_HEIGHT_PX.alone : PANEL_HEIGHT_PX.among * inColumn;
  const frame = framed(style, {
    heightPx: height,
    leftChars: y.labelChars,
    topPx: key.heightPx + shown.topEm * style.fontPx,
    rightChars: Math.max(rightChars(data, choice), x.overhangChars),
  });
  const small = inRow * inColumn > 1;
  const marks = policies.flatMap((policy, k) => {
    const own = rows.filter((row) => row.policy === policy);
    return policyMarks(own, looks[k]!, channels, {
      r: small ? 2 : 3,
      title: (row: ChartRow) => tipText(data, choice, row),
    });
  });
  const centred = inRow > 1 ? { labelAnchor: 'center' as const, labelArrow: 'none' as const } : {};
  return {
    ...frame,
    ...options,
    x: { ...x.scale, ...centred },
    y: { ...y.scale, label: null, grid: true, ...(inColumn > 1 ? { ticks: 4 } : {}) },
    marks: [
      ...names,
      ...marks,
      upperTitle(metricTitle(choice.metric), style, frame.marginLeft, shown),
      key.mark,
    ],
  };
}

/** A horizontal axis, and the part of its last label that may hang over the plot, in characters. */
interface HorizontalAxis {
  readonly scale: ScaleOptions;
  readonly overhangChars: number;
}

/** An axis of numbers; labels that would meet are left out. */
function numberAxis(
  values: readonly number[],
  label: string,
  { inRow, panelPx, gapPx }: ReturnType<typeof panels>,
  style: ChartStyle,
): HorizontalAxis {
  const { scale } = numberScale(values, { label, margin: 0.03 });
  const most = Math.max(2, Math.floor((style.widthPx - 80) / inRow / 60));
  const domain = scale.domain as [number, number];
  // As many as Plot draws by itself.
  const usual = ticks(domain[0], domain[1], most);
  const digits = Math.max(0, ...usual.map((value) => (String(value).split('.')[1] ?? '').length));
  const format = (value: number) =>
    value
      .toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits })
      .replace('-', '−');
  const axis = { domain, label: format };
  const overhangChars = Math.ceil(format(usual.at(-1) ?? 0).length / 2);
  const { isFree, meetsNext } = meetings(usual, axis, { panelPx, gapPx }, style);
  const isAlone = inRow === 1 || !meetsNext;
  if ((isFree && isAlone) || scale.tickFormat !== undefined) {
    return { scale: { ...scale, ticks: most }, overhangChars };
  }
  const { values: fitting, label: tickFormat } = ticksThatFit(
    axis,
    most,
    { panelPx, gapPx },
    style,
  );
  return { scale: { ...scale, ticks: [...fitting], tickFormat }, overhangChars };
}

/** An axis of names, each as long as there is room. */
function nameAxis(
  values: readonly unknown[],
  label: string,
  { panelPx }: ReturnType<typeof panels>,
  style: ChartStyle,
): HorizontalAxis {
  const tickFormat = (value: unknown) =>
    fittedBeside(valueText(value), panelPx / values.length, style);
  return { scale: { type: 'point', domain: [...values], label, tickFormat }, overhangChars: 0 };
}

/** The line of a policy, its marks, and intervals over seeds. */
function policyMarks(
  rows: readonly ChartRow[],
  { colour: { light }, dash, shape }: Look,
  channels: Readonly<Record<string, string>>,
  mark: { readonly r: number; readonly title: (row: ChartRow) => string },
) {
  const at = { x: 'x', ...channels };
  return [
    line(rows, {
      ...at,
      y: 'value',
      ...{ stroke: light, strokeDasharray: dash.join(' '), strokeWidth: 1.5 },
    }),
    ruleX(
      rows.filter(({ halfWidth }) => halfWidth !== null),
      {
        ...at,
        y1: (row: ChartRow) => row.value - row.halfWidth!,
        y2: (row: ChartRow) => row.value + row.halfWidth!,
        stroke: light,
      },
    ),
    dot(rows, { ...at, y: 'value', fill: light, symbol: lookSymbol(shape), ...mark, tip: true }),
  ];
}
