import { useMemo } from 'preact/hooks';
import type { PinnedPlan } from '../../report/charts/frontier-chart.js';
import { Frontier as FrontierView } from '../../viewer/frontier/frontier.js';
import type { ShownRun } from '../../viewer/shown-run.js';

/** The time–energy frontier, on which the time of an iteration is dragged. */
export function Frontier({
  run: { frontier, headline },
  pinned,
}: {
  readonly run: ShownRun;
  /** The run to compare with. */
  readonly pinned: ShownRun | undefined;
}) {
  const kept = useMemo(() => pinned && drawnPlan(pinned), [pinned]);
  const shown = useMemo(() => withLast(frontier, headline.policy), [frontier, headline.policy]);
  return (
    <figure>
      <figcaption>
        <h2>Time–energy frontier</h2>
        <p class="quiet">
          The possible plans of one pipeline. Drag the handle: more time takes less energy.
        </p>
      </figcaption>
      <FrontierView frontier={shown} pinned={kept} />
    </figure>
  );
}

/** The plan of the policy that a run tells of. */
function drawnPlan({ frontier, headline }: ShownRun): PinnedPlan | undefined {
  const drawn = frontier.policies.find(({ policy }) => policy === headline.policy);
  return drawn && { policy: drawn.policy, ...drawn.chosen };
}

/** The frontier with a policy as its last one, which is the one that is dragged. */
function withLast(frontier: ShownRun['frontier'], last: string): ShownRun['frontier'] {
  const isLast = ({ policy }: { readonly policy: string }) => policy === last;
  const { policies } = frontier;
  return {
    ...frontier,
    policies: [...policies.filter((one) => !isLast(one)), ...policies.filter(isLast)],
  };
}
