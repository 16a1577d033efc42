import type { ShownPeaks } from './shown-run.js';

/** With more stages than this, their numbers are too small to read. */
const MOST_STAGES = 64;

/** The memory that each stage needs for activations. */
export function ActivationPeaks({ peaks }: { peaks: ShownPeaks }) {
  const { activations, checkpoints } = peaks;
  const most = Math.max(...activations, ...checkpoints);
  const keepsInputs = checkpoints.some((count) => count > 0);
  if (activations.length > MOST_STAGES) return null;
  return (
    <figure>
      <figcaption>
        <h2>Activations kept at the fullest moment</h2>
        <p class="quiet">
          In microbatches of a stage{keepsInputs ? '; below, inputs that are kept instead' : ''}.
        </p>
      </figcaption>
      <ol class="peaks">
        {activations.map((count, stage) => (
          <li key={stage}>
            <span class="column" aria-hidden="true">
              <span style={`height:${(100 * count) / most}%`} />
            </span>
            <b>{Number(count.toFixed(2))}</b>
            {keepsInputs && <b>{Number((checkpoints[stage] ?? 0).toFixed(2))}</b>}
            <span class="quiet">stage {stage}</span>
          </li>
        ))}
      </ol>
    </figure>
  );
}
