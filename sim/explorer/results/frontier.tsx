import { useMemo } from 'preact/hooks';
import { Frontier as FrontierView } from '../../viewer/frontier/frontier.js';
import type { ShownRun } from '../../viewer/shown-run.js';

/** The time–energy frontier, on which the time of an iteration is dragged. */
export function Frontier({ run: { frontier, headline } }: { readonly run: ShownRun }) {
  const shown = useMemo(() => withLast(frontier, headline.policy), [frontier, headline.policy]);
  return (
    <figure>
      <figcaption>
        <h2>Time–energy frontier</h2>
        <p class="quiet">
          The possible plans of one pipeline. Drag the handle: more time takes less energy.
        </p>
      </figcaption>
      <FrontierView frontier={shown} />
    </figure>
  );
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
