import { useCallback } from 'preact/hooks';
import type { ChartStyle } from '../report/charts/chart-style.js';
import type { DrawnPower } from '../report/charts/drawn-power.js';
import { powerChart, WIDE_STYLE } from '../report/charts/power-chart.js';
import { POWER_TITLE } from '../report/text/power-table.js';
import { ChartFigure } from './chart-figure.js';
import { PolicyTable } from './policy-table.js';
import type { ShownRun } from './shown-run.js';

/** The power of all GPUs over two iterations, before and after planning; figures and limits below. */
export function Power({ run }: { run: ShownRun }) {
  return (
    <figure>
      <figcaption>
        <h2>Power over time, before and after planning</h2>
        <p class="quiet">
          All GPUs; the iteration above, twice. What the rack, the site and the grid see.
        </p>
      </figcaption>
      <PowerPicture power={run.power} />
      {run.powerColumns.length > 0 && (
        <PolicyTable columns={run.powerColumns} label={POWER_TITLE} />
      )}
      {run.powerSentences.map((sentence) => (
        <p class="quiet" key={sentence}>
          {sentence}
        </p>
      ))}
    </figure>
  );
}

function PowerPicture({ power }: { readonly power: DrawnPower }) {
  const chart = useCallback((style: ChartStyle) => powerChart(power, style), [power]);
  return <ChartFigure chart={chart} label="Power over time" style={WIDE_STYLE} />;
}
