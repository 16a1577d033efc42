import { axisFx, axisFy, text, type Markish, type PlotOptions } from '@observablehq/plot';
import { metricTitle } from '../sweep/metric-title.js';
import type { SweepChoice } from '../sweep/sweep-choice.js';
import type { ChartRow, SweepData } from '../sweep/sweep-data.js';
import { valueText } from '../numbers.js';
import { framed, type ChartStyle } from './chart-style.js';
import { fittedBeside } from './fitting-labels.js';

/** A short name of a column of an axis. */
export function nameOf({ axes }: SweepData, field: string): string {
  return axes.find((axis) => axis.field === field)?.name ?? field;
}

export function valuesOf({ axes }: SweepData, field: string | undefined): readonly unknown[] {
  return axes.find((axis) => axis.field === field)?.values ?? [];
}

/** The part of a panel's step that is a gap. */
const PADDING = 0.08;

/**
 * Scales of panels, their names, and how many there are in a row and in a column.
 * @param leftChars room for the labels of the vertical axis.
 */
export function panels(
  data: SweepData,
  choice: SweepChoice,
  style: ChartStyle,
  leftChars: number,
): Panels {
  const { across, down } = choice;
  const scale = (field: string | undefined) =>
    field === undefined ? undefined : { domain: [...valuesOf(data, field)], padding: PADDING };
  const [fx, fy] = [scale(across), scale(down)];
  const inRow = fx?.domain.length ?? 1;
  const chars = { leftChars, rightChars: rightChars(data, choice) };
  const { marginLeft = 0, marginRight = 0 } = framed(style, { heightPx: 0, ...chars });
  const plotPx = style.widthPx - marginLeft - marginRight;
  const stepPx = fx === undefined ? plotPx : plotPx / (inRow + PADDING);
  const gapPx = fx === undefined ? 0 : PADDING * stepPx;
  const above = across === undefined ? undefined : namesAbove(data, across, stepPx, style);
  return {
    options: { ...(fx === undefined ? {} : { fx }), ...(fy === undefined ? {} : { fy }) },
    channels: {
      ...(fx === undefined ? {} : { fx: 'across' }),
      ...(fy === undefined ? {} : { fy: 'down' }),
    },
    names: [
      ...(above?.marks ?? []),
      ...(down === undefined ? [] : [axisFy({ label: null, tickFormat: panelName(data, down) })]),
    ],
    topEm: above?.topEm ?? 0,
    ...{ inRow, inColumn: fy?.domain.length ?? 1, panelPx: stepPx - gapPx, gapPx },
  };
}

/** Panels of a chart. */
interface Panels {
  readonly options: Pick<PlotOptions, 'fx' | 'fy'>;
  readonly channels: Readonly<Record<string, string>>;
  readonly names: readonly Markish[];
  /** Room for the names above the panels, in letters' sizes. */
  readonly topEm: number;
  readonly inRow: number;
  readonly inColumn: number;
  /** The width of a panel, and of the gap to the next. */
  readonly panelPx: number;
  readonly gapPx: number;
}

/** Room above panels: for a line of their names, and for that of the field above them. */
const NAMES_EM = 2;
const FIELD_EM = 1.4;

/** Names of panels above them; where there is no room for the field's in each, it is above all. */
function namesAbove(data: SweepData, across: string, stepPx: number, style: ChartStyle) {
  const values = valuesOf(data, across);
  const named = panelName(data, across);
  const fits = (value: unknown) => fittedBeside(named(value), stepPx, style) === named(value);
  const isNamed = values.every(fits) || values.some((value) => typeof value !== 'number');
  const short = isNamed ? named : valueText;
  const tickFormat = (value: unknown) => fittedBeside(short(value), stepPx, style);
  const names = axisFx({ label: null, tickFormat });
  if (isNamed) return { marks: [names], topEm: NAMES_EM };
  const field = text([nameOf(data, across)], {
    ...{ facet: 'super', frameAnchor: 'top', dy: -(NAMES_EM + 0.9) * style.fontPx },
    text: (name: string) => name,
  });
  return { marks: [names, field], topEm: NAMES_EM + FIELD_EM };
}

/** `microbatches 8`; a text says by itself what it is. */
function panelName(data: SweepData, field: string): (value: unknown) => string {
  const name = nameOf(data, field);
  return (value) => (typeof value === 'number' ? `${name} ${valueText(value)}` : valueText(value));
}

/** Heights of a panel, alone and among others. */
export const PANEL_HEIGHT_PX = { alone: 260, among: 120 };

/** Room for the names of panels beside them. */
export function rightChars(data: SweepData, { down }: SweepChoice): number {
  if (down === undefined) return 2;
  const names = valuesOf(data, down).map(panelName(data, down));
  return Math.max(...names.map(({ length }) => length)) + 2;
}

/** The text that is shown at the pointer. */
export function tipText(data: SweepData, choice: SweepChoice, row: ChartRow): string {
  const places = (['x', 'y', 'across', 'down'] as const).flatMap((place) => {
    const field = choice[place];
    return field === undefined ? [] : [`${nameOf(data, field)} ${valueText(row[place])}`];
  });
  const interval = row.halfWidth === null ? '' : ` ± ${valueText(row.halfWidth)}`;
  return [
    `${metricTitle(choice.metric)}: ${valueText(row.value)}${interval}`,
    row.policy,
    ...places,
    row.count > 1
      ? `${row.count} seeds, from run ${row.lowestRun ?? '?'}`
      : `run ${row.lowestRun ?? '?'}`,
  ].join('\n');
}

/**
 * The title of the vertical axis: above the plot, or above the panels. Plot's own would be where legends are.
 */
export function upperTitle(
  label: string,
  { fontPx }: ChartStyle,
  marginLeft: number | undefined,
  { topEm }: Pick<Panels, 'topEm'>,
): Markish {
  return text([`↑ ${label}`], {
    ...{
      facet: 'super',
      frameAnchor: 'top-left',
      textAnchor: 'start',
      text: (said: string) => said,
    },
    ...{ dx: 3 - (marginLeft ?? 0), dy: -(topEm === 0 ? 1.5 : topEm + 1) * fontPx },
  });
}
