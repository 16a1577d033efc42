import { axisX, axisY, dot, gridX, pointer, ruleX, ruleY, tickX, tip } from '@observablehq/plot';
import { most } from '../../../src/extremes.js';
import type { Comparison } from '../../judge/comparison.js';
import { PALETTE } from '../looks.js';
import { fixed } from '../numbers.js';
import type { Chart } from './chart.js';
import { framed, SCREEN_STYLE, type ChartStyle } from './chart-style.js';
import { numberScale } from './number-scale.js';

/** Smaller differences are due to rounding. */
const LEAST_PCT = 1e-9;

/** Differences of all cases by figure: a tick a case, the mean with its interval above them. */
export function comparisonChart(
  { metrics, cases }: Comparison,
  style: ChartStyle = SCREEN_STYLE,
): Chart {
  const ticks = cases.flatMap(({ name, differencePct }) =>
    Object.entries(differencePct)
      .filter(([, pct]) => Number.isFinite(pct))
      .map(([metric, pct]) => ({ metric, pct, title: `${name}\n${metric}: ${fixed(pct, 3)} %` })),
  );
  const means = metrics.map(({ metric, meanPct, interval: { low, high } }) => ({
    ...{ metric, pct: meanPct, low, high },
    title: `mean of ${metric}\n${fixed(meanPct, 3)} %, between ${fixed(low, 3)} and ${fixed(high, 3)} %`,
  }));
  const names = metrics.map(({ metric }) => metric);
  const x = numberScale([0, ...ticks.map(({ pct }) => pct), ...means.flatMap(ends)], {
    label: 'candidate against base (%), less is better',
    margin: 0.03,
    least: LEAST_PCT,
  });
  const mean = PALETTE.vermilion.light;
  return {
    ...framed(style, {
      heightPx: (2.8 * names.length + 5) * style.fontPx,
      leftChars: most(names.map((name) => name.length)),
    }),
    x: x.scale,
    y: { domain: names, label: null },
    marks: [
      gridX(),
      axisX(),
      axisY({ tickSize: 0 }),
      ruleX([0], { strokeDasharray: '3 3' }),
      tickX(ticks, { x: 'pct', y: 'metric', stroke: PALETTE.blue.light, strokeOpacity: 0.35 }),
      ruleY(means, { y: 'metric', x1: 'low', x2: 'high', stroke: mean, strokeWidth: 2 }),
      dot(means, { x: 'pct', y: 'metric', r: 4.5, fill: mean }),
      tip([...means, ...ticks], pointer({ x: 'pct', y: 'metric', title: 'title' })),
    ],
  };
}

/** The ends of a mean's interval. */
function ends({ low, high }: { readonly low: number; readonly high: number }): number[] {
  return [low, high];
}
