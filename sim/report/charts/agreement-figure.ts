import { lineY, type Markish } from '@observablehq/plot';
import { groupBy } from '../../../src/groups.js';
import type { ReproducedFigure } from '../../paper/reproduced.js';
import { SOURCE_LOOKS } from '../looks.js';
import type { ChartStyle } from './chart-style.js';
import { WIDE_STYLE } from './figures.js';
import type { LegendEntry } from './legend.js';
import { lookDots, lookRings } from './look-marks.js';
import { panelGridSvg, type PanelAxis } from './panel-grid.js';

/** The part of a reproduced figure that is drawn. */
type Compared = Pick<ReproducedFigure, 'table' | 'valuePct' | 'plannedPct' | 'simulatedPct'>;

const { planned: PLANNED, simulated: SIMULATED } = SOURCE_LOOKS;

const LEGEND: readonly LegendEntry[] = [
  { name: 'planned', colour: PLANNED.colour.light, ring: PLANNED.shape },
  { name: 'simulated', colour: SIMULATED.colour.light, shape: SIMULATED.shape },
];

/** Published savings across and ours up, a panel per table: on the line they are equal. */
export function agreementFigure(
  figures: readonly Compared[],
  style: ChartStyle = WIDE_STYLE,
): string {
  const values = figures.flatMap(({ valuePct, plannedPct, simulatedPct }) => [
    valuePct,
    plannedPct,
    simulatedPct,
  ]);
  const domain = [Math.min(0, ...values), Math.max(0, ...values)] as const;
  const axis: PanelAxis = { domain };
  const panels = [...groupBy(figures, ({ table }) => table)].map(([table, members]) => ({
    ...{ title: titleOf(table, members.length), x: axis },
    marks: marksOf(members, domain),
  }));
  return panelGridSvg(
    {
      rows: [{ yTitle: 'ours (%)', y: axis, panels }],
      xTitle: 'published saving (%)',
      legend: LEGEND,
    },
    style,
  );
}

/** `table3` → `table 3: 10` */
function titleOf(table: string, figures: number): string {
  return `${table.replace(/(\d+)/, ' $1')}: ${figures} figures`;
}

function marksOf(figures: readonly Compared[], domain: readonly [number, number]): Markish[] {
  const equal = domain.map((value) => ({ x: value, y: value }));
  const points = (our: (figure: Compared) => number) =>
    figures.map((figure) => ({ x: figure.valuePct, y: our(figure) }));
  return [
    lineY(equal, { x: 'x', y: 'y', stroke: 'currentColor', strokeOpacity: 0.5 }),
    lookDots(
      points(({ simulatedPct }) => simulatedPct),
      SIMULATED,
    ),
    lookRings(
      points(({ plannedPct }) => plannedPct),
      PLANNED,
    ),
  ];
}
