import { fixed } from '../report/numbers.js';
import type { ShownRun } from './shown-run.js';

/** The result in one number and in words: the energy saved, or how long GPUs wait. */
export function Headline({ run, kind }: { run: ShownRun; kind: 'waiting' | 'saving' }) {
  return (
    <div class="headline" role="status" aria-atomic="true">
      {kind === 'saving' ? <Saving run={run} /> : <Waiting run={run} />}
    </div>
  );
}

function Saving({ run: { headline } }: { run: ShownRun }) {
  return (
    <>
      <p class="saved">
        <b>{headline.savedPct} %</b>{' '}
        <span>
          of the energy saved{headline.savedBand === undefined ? '' : ` (${headline.savedBand})`}
        </span>
      </p>
      <div class="sentences">
        {headline.sentences.map((sentence) => (
          <p key={sentence}>{sentence}</p>
        ))}
      </div>
    </>
  );
}

/** The part of the GPUs' time that is waiting, at the highest clocks. */
function Waiting({ run: { facts } }: { run: ShownRun }) {
  const [before] = facts.policies;
  if (before === undefined) return null;
  const { waitsForStagesPct, waitsForStragglerPct, waitingJ, energyJ } = before;
  return (
    <>
      <p class="saved">
        <b>{fixed(waitsForStagesPct + waitsForStragglerPct, 1)} %</b>{' '}
        <span>of the time, GPUs wait</span>
      </p>
      <div class="sentences">
        <p>
          At the highest clocks, waiting takes {fixed((100 * waitingJ) / energyJ, 1)} % of the
          energy. Racing to wait takes more: a lower clock would be early enough.
        </p>
      </div>
    </>
  );
}
