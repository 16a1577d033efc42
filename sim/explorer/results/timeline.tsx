import { Timeline as TimelineView } from '../../viewer/timeline/timeline.js';
import type { ShownRun } from '../../viewer/shown-run.js';

/** The iteration under the highest clocks and under the plan. */
export function Timeline({
  timeline,
  isBeforePlanning,
}: Pick<ShownRun, 'timeline'> & {
  /** Whether the highest clocks are shown rather than the plan, until the reader chooses. */
  readonly isBeforePlanning: boolean;
}) {
  return (
    <figure>
      <figcaption>
        <h2>One iteration: from the highest clocks to the plan</h2>
        <p class="quiet">
          Each lane is a stage; striped is waiting, which a plan turns into slower clocks.
        </p>
      </figcaption>
      <TimelineView
        timeline={timeline}
        goal={isBeforePlanning ? 0 : timeline.policies.length - 1}
      />
    </figure>
  );
}
