import { groupBy } from '../../../src/groups.js';
import type { Disturbance, RobustnessRow } from '../../judge/robustness.js';
import { policyLooks, type Look } from '../looks.js';
import type { ChartStyle } from './chart-style.js';
import { spanOf, WIDE_STYLE } from './figures.js';
import { lookEntries } from './legend.js';
import { lookBand, lookDots, lookLine } from './look-marks.js';
import { panelGridSvg, type Panel, type PanelRow } from './panel-grid.js';

/** The part of a planner's curve that is drawn. */
export type DrawnRobustness = Omit<RobustnessRow, 'survivesPct' | 'informedSavingPct'>;

/** Disturbances as titles of panels. */
const TITLES: Readonly<Record<Disturbance, string>> = {
  jitter: 'jitter',
  'wrong-profile': 'profile',
  'stale-profile': 'stale profile',
  'blocking-power': 'waiting power',
};

/** The figures of a row of panels. */
interface Shown {
  readonly title: string;
  readonly value: (row: DrawnRobustness) => number;
  readonly hasBand: boolean;
}

const SHOWN: readonly Shown[] = [
  { title: 'saved (%)', value: ({ savingPct }) => savingPct, hasBand: true },
  { title: 'slower (%)', value: ({ slowerPct }) => slowerPct, hasBand: false },
];

/**
 * The saving of planners over disturbances, with its 95 % intervals as bands, and the time that it costs: a
 * column per disturbance, rows per straggler, a line per planner.
 */
export function robustnessFigure(
  rows: readonly DrawnRobustness[],
  style: ChartStyle = WIDE_STYLE,
): string {
  const planners = [...new Set(rows.map(({ planner }) => planner))];
  const looks = policyLooks(planners);
  const ofPlanner = new Map(planners.map((name, k) => [name, looks[k]!]));
  const axes = new Map(
    [...groupBy(rows, ({ disturbance }) => disturbance)].map(([disturbance, members]) => [
      disturbance,
      spanOf(members.map(({ levelPct }) => levelPct)),
    ]),
  );
  const panelRows = SHOWN.flatMap((shown) =>
    [...groupBy(rows, ({ slowdown }) => slowdown)].map(([slowdown, members]): PanelRow => {
      const panels = [...axes].map(([disturbance, x]): Panel => ({
        x,
        marks: marksOf(
          members.filter((row) => row.disturbance === disturbance),
          shown,
          ofPlanner,
        ),
      }));
      return {
        heading: slowdown === 1 ? 'no straggler' : `straggler ${slowdown}×`,
        ...{
          yTitle: shown.title,
          y: spanOf([0, ...members.flatMap((row) => ends(row, shown))]),
          panels,
        },
      };
    }),
  );
  const legend = lookEntries(planners, looks);
  return panelGridSvg(
    {
      columns: [...axes.keys()].map((name) => TITLES[name]),
      rows: panelRows,
      xTitle: 'off by (%)',
      legend,
    },
    style,
  );
}

/** The values of a row that its axis must hold. */
function ends(row: DrawnRobustness, { value, hasBand }: Shown): number[] {
  return hasBand ? [row.interval.low, row.interval.high] : [value(row)];
}

function marksOf(
  rows: readonly DrawnRobustness[],
  { value, hasBand }: Shown,
  looks: ReadonlyMap<string, Look>,
) {
  const curves = [...groupBy(rows, ({ planner }) => planner)].map(([planner, members]) => {
    const sorted = members.toSorted((a, b) => a.levelPct - b.levelPct);
    return { look: looks.get(planner)!, sorted };
  });
  const bands = curves.map(({ look, sorted }) =>
    lookBand(
      sorted.map(({ levelPct, interval: { low, high } }) => ({ x: levelPct, low, high })),
      look,
    ),
  );
  const lines = curves.flatMap(({ look, sorted }) => {
    const points = sorted.map((row) => ({ x: row.levelPct, y: value(row) }));
    return [lookLine(points, look), lookDots(points, look)];
  });
  return [...(hasBand ? bands : []), ...lines];
}
