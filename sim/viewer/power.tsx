import { POWER_TITLE } from '../report/text/power-table.js';
import type { ShownRun } from './shown-run.js';
import { PolicyTable } from './policy-table.js';

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
      <div
        class="scroll timeline-scroll"
        tabIndex={0}
        role="region"
        aria-label="Power over time"
        dangerouslySetInnerHTML={{ __html: run.power.replace('<svg ', '<svg role="img" ') }}
      />
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
