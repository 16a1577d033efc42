import { POWER_TITLE } from '../report/text/power-table.js';
import { DataChart } from './data-chart.js';
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
      <DataChart kind="power" data={run.power} label="Power over time" />
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
