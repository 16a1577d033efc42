import { useCallback } from 'preact/hooks';
import type { Chart } from '../report/charts/chart.js';
import { SCREEN_STYLE, type ChartStyle } from '../report/charts/chart-style.js';
import { clockChart } from '../report/charts/clock-chart.js';
import { comparisonChart } from '../report/charts/comparison-chart.js';
import { frontierChart } from '../report/charts/frontier-chart.js';
import { ledgerChart } from '../report/charts/ledger-chart.js';
import { powerChart, WIDE_STYLE } from '../report/charts/power-chart.js';
import { stepTimeChart } from '../report/charts/step-time-chart.js';
import { workerHeatMap } from '../report/charts/worker-heat-map.js';
import { ChartFigure } from './chart-figure.js';
import { Island } from './island.js';

/** The charts that are drawn of data alone, and the style in which they are drawn without a browser. */
const CHARTS = {
  clocks: { draw: clockChart, style: SCREEN_STYLE },
  comparison: { draw: comparisonChart, style: SCREEN_STYLE },
  frontier: { draw: frontierChart, style: SCREEN_STYLE },
  ledger: { draw: ledgerChart, style: SCREEN_STYLE },
  power: { draw: powerChart, style: WIDE_STYLE },
  stepTimes: { draw: stepTimeChart, style: SCREEN_STYLE },
  workers: { draw: workerHeatMap, style: SCREEN_STYLE },
  workerSteps: { draw: workerHeatMap, style: WIDE_STYLE },
} as const;

type ChartKind = keyof typeof CHARTS;

/** A chart by its kind, with the data that its function takes. */
export type DataChartProps = {
  readonly [Kind in ChartKind]: {
    readonly kind: Kind;
    readonly data: Parameters<(typeof CHARTS)[Kind]['draw']>[0];
    /** The description for those who cannot see it. */
    readonly label: string;
  };
}[ChartKind];

/** A chart of data, in the page and in reports as wide as its place. */
export function DataChart(props: DataChartProps) {
  const { kind, data, label } = props;
  const { draw, style } = CHARTS[kind] as {
    // The kind says of what type the data are.
    readonly draw: (data: unknown, style: ChartStyle) => Chart;
    readonly style: ChartStyle;
  };
  const chart = useCallback((fitting: ChartStyle) => draw(data, fitting), [draw, data]);
  return (
    <Island name="chart" data={props}>
      <ChartFigure chart={chart} label={label} style={style} />
    </Island>
  );
}
