import { axisFx, axisFy, text, type Markish } from '@observablehq/plot';
import { metricTitle } from '../sweep/metric-title.js';
import type { SweepChoice } from '../sweep/sweep-choice.js';
import type { ChartRow, SweepData } from '../sweep/sweep-data.js';
import { valueText } from '../numbers.js';
import type { ChartStyle } from './chart-style.js';

/** A short name of a column of an axis. */
export function nameOf({ axes }: SweepData, field: string): string {
  return axes.find((axis) => axis.field === field)?.name ?? field;
}

export function valuesOf({ axes }: SweepData, field: string | undefined): readonly unknown[] {
  return axes.find((axis) => axis.field === field)?.values ?? [];
}

/** Scales of panels, their names, and how many there are in a row and in a column. */
export function panels(data: SweepData, { across, down }: SweepChoice) {
  const scale = (field: string | undefined) =>
    field === undefined ? undefined : { domain: [...valuesOf(data, field)], padding: 0.08 };
  const [fx, fy] = [scale(across), scale(down)];
  const names = [
    ...(across === undefined ? [] : [axisFx({ label: null, tickFormat: panelName(data, across) })]),
    ...(down === undefined ? [] : [axisFy({ label: null, tickFormat: panelName(data, down) })]),
  ];
  return {
    options: { ...(fx === undefined ? {} : { fx }), ...(fy === undefined ? {} : { fy }) },
    channels: {
      ...(fx === undefined ? {} : { fx: 'across' }),
      ...(fy === undefined ? {} : { fy: 'down' }),
    },
    names,
    inRow: fx?.domain.length ?? 1,
    inColumn: fy?.domain.length ?? 1,
  };
}

/** `microbatches 8`; a text says by itself what it is. */
function panelName(data: SweepData, field: string): (value: unknown) => string {
  const name = nameOf(data, field);
  return (value) => (typeof value === 'number' ? `${name} ${valueText(value)}` : valueText(value));
}

/** Heights of a panel, alone and among others. */
export const PANEL_HEIGHT_PX = { alone: 260, among: 120 };

/** Room for the names of panels above them. */
export function panelTopPx({ across }: SweepChoice, { fontPx }: ChartStyle): number {
  return across === undefined ? 0 : 2 * fontPx;
}

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
  { across }: Pick<SweepChoice, 'across'>,
): Markish {
  return text([`↑ ${label}`], {
    ...{
      facet: 'super',
      frameAnchor: 'top-left',
      textAnchor: 'start',
      text: (said: string) => said,
    },
    ...{ dx: 3 - (marginLeft ?? 0), dy: -(across === undefined ? 1.5 : 3) * fontPx },
  });
}
