import type { TopLevelSpec } from 'vega-lite';
import type { Comparison } from '../../judge/comparison.js';
import { PALETTE } from '../looks.js';
import { numberAxis } from './number-axis.js';

/** Smaller differences are due to rounding. */
const LEAST_PCT = 1e-9;

/** Differences of all cases by figure: a tick a case, the mean with its interval above them. */
export function comparisonChart({ metrics, cases }: Comparison): TopLevelSpec {
  const ticks = cases.flatMap(({ differencePct }) =>
    Object.entries(differencePct)
      .filter(([, pct]) => Number.isFinite(pct))
      .map(([metric, pct]) => ({ metric, pct })),
  );
  const means = metrics.map(({ metric, meanPct, interval: { low, high } }) => {
    return { metric, meanPct, low, high };
  });
  const y = { field: 'metric', type: 'nominal' as const, title: null, sort: null };
  const x = numberAxis([0, ...ticks.map(({ pct }) => pct), ...means.flatMap(ends)], {
    title: 'candidate against base (%), less is better',
    padding: 10,
    least: LEAST_PCT,
  });
  return {
    width: 560,
    height: { step: 34 },
    layer: [
      {
        data: { values: ticks },
        mark: { type: 'tick', color: PALETTE.blue.light, opacity: 0.35, thickness: 1.5 },
        encoding: { y, x: { field: 'pct', ...x } },
      },
      {
        data: { values: means },
        mark: { type: 'rule', color: PALETTE.vermilion.light, strokeWidth: 2 },
        encoding: { y, x: { field: 'low', ...x }, x2: { field: 'high' } },
      },
      {
        data: { values: means },
        mark: { type: 'point', filled: true, color: PALETTE.vermilion.light, size: 60, opacity: 1 },
        encoding: { y, x: { field: 'meanPct', ...x } },
      },
      {
        data: { values: [{ pct: 0 }] },
        mark: { type: 'rule', color: 'currentColor', strokeDash: [3, 3] },
        encoding: { x: { field: 'pct', ...x } },
      },
    ],
  };
}

/** The ends of a mean's interval. */
function ends({ low, high }: { readonly low: number; readonly high: number }): number[] {
  return [low, high];
}
