import type { TopLevelSpec } from 'vega-lite';
import type { Comparison } from '../../judge/comparison.js';
import { COLOURS } from './vega-svg.js';

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
  const title = 'candidate against base (%), less is better';
  return {
    width: 560,
    height: { step: 34 },
    layer: [
      {
        data: { values: ticks },
        mark: { type: 'tick', color: COLOURS[0], opacity: 0.35, thickness: 1.5 },
        encoding: { y, x: { field: 'pct', type: 'quantitative', title } },
      },
      {
        data: { values: means },
        mark: { type: 'rule', color: COLOURS[1], strokeWidth: 2 },
        encoding: { y, x: { field: 'low', type: 'quantitative', title }, x2: { field: 'high' } },
      },
      {
        data: { values: means },
        mark: { type: 'point', filled: true, color: COLOURS[1], size: 60, opacity: 1 },
        encoding: { y, x: { field: 'meanPct', type: 'quantitative', title } },
      },
      {
        data: { values: [{ pct: 0 }] },
        mark: { type: 'rule', color: 'currentColor', strokeDash: [3, 3] },
        encoding: { x: { field: 'pct', type: 'quantitative', title } },
      },
    ],
  };
}
