import { Frontier as FrontierView } from '../../viewer/frontier/frontier.js';
import type { ShownRun } from '../../viewer/shown-run.js';

/** The time–energy frontier, on which the time of an iteration is dragged. */
export function Frontier({ frontier }: Pick<ShownRun, 'frontier'>) {
  return (
    <figure>
      <figcaption>
        <h2>Time–energy frontier</h2>
        <p class="quiet">
          The possible plans of one pipeline. Drag the handle: more time takes less energy.
        </p>
      </figcaption>
      <FrontierView frontier={frontier} />
    </figure>
  );
}
