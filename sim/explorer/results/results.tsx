import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { ShownProblem } from '../form-labels.js';
import type { ShownRun } from '../../viewer/shown-run.js';
import type { Outcome } from '../use-calculator.js';
import { ActivationPeaks } from '../../viewer/activation-peaks.js';
import { UNITS_TITLE } from '../../report/text/unit-table.js';
import { PolicyTable } from '../../viewer/policy-table.js';
import { Frontier } from './frontier.js';
import { LedgerBars } from '../../viewer/ledger-bars.js';
import { Power } from '../../viewer/power.js';
import { Timeline } from './timeline.js';

/** Computing is mentioned only after this time: texts that come and go quickly flicker. */
const MENTION_AFTER_MS = 300;

/** The results of the what-if. */
export function Results(props: { outcome: Outcome; problems: readonly ShownProblem[] }) {
  const { outcome, problems } = props;
  const { answer, isPreview, failure, computing } = outcome;
  const isComputing = computing !== undefined;
  usePaintMark(outcome);
  return (
    <section
      class="results"
      aria-label="Results"
      aria-busy={isComputing}
      data-state={isPreview ? 'preview' : isComputing ? 'computing' : 'ready'}
    >
      <Computing computing={computing} isPreview={isPreview} />
      {failure !== undefined && (
        <div class="problems" role="alert">
          <p>pipewatt failed, which is a bug in pipewatt: {failure}</p>
        </div>
      )}
      {answer?.kind === 'problems' && (
        <div class="problems" role="alert">
          <h2>This cannot be run</h2>
          <ul>
            {problems.map(({ text }) => (
              <li key={text}>{text}</li>
            ))}
            {answer.unnamed > 0 && <li>… and {answer.unnamed} more problems</li>}
          </ul>
        </div>
      )}
      {answer?.kind === 'run' && <Run run={answer.run} />}
    </section>
  );
}

function Run({ run }: { run: ShownRun }) {
  const { headline } = run;
  return (
    <>
      <div class="headline" role="status" aria-atomic="true">
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
      </div>
      {run.caveats.length > 0 && (
        <ul class="caveats">
          {run.caveats.map((caveat) => (
            <li key={caveat}>{caveat}</li>
          ))}
        </ul>
      )}
      <PolicyTable columns={run.columns} label="Energy bloat removed" />
      {run.unitColumns.length > 0 && <PolicyTable columns={run.unitColumns} label={UNITS_TITLE} />}
      <Timeline svg={run.timeline} />
      <Power run={run} />
      <div class="side-by-side">
        <Frontier frontier={run.frontier} />
        <LedgerBars ledgers={run.ledgers} />
      </div>
      <ActivationPeaks peaks={run.peaks} />
      <section class="fine-print">
        <h2>What was run</h2>
        <ul>
          {run.heading.map((line) => (
            <li key={line}>{line}</li>
          ))}
          {run.notes.map((note) => (
            <li key={note}>{note}</li>
          ))}
        </ul>
      </section>
    </>
  );
}

/** Keeps its place, so that nothing moves when it appears. */
function Computing({ computing, isPreview }: Pick<Outcome, 'computing' | 'isPreview'>) {
  const isComputing = computing !== undefined;
  const [isLong, setLong] = useState(false);
  useEffect(() => {
    if (!isComputing) {
      setLong(false);
      return;
    }
    const timer = setTimeout(() => {
      setLong(true);
    }, MENTION_AFTER_MS);
    return () => {
      clearTimeout(timer);
    };
  }, [isComputing]);
  const { part = 0, what = '' } = computing ?? {};
  return (
    <p class={isLong && isComputing ? 'computing' : 'computing idle'}>
      <progress value={part} max={1} aria-label="Progress" /> {isPreview ? 'a preview; computing…' : 'computing…'} {what}
    </p>
  );
}

/**
 * Marks for measurements: `pipewatt:painted` when the newest answer is on the screen,
 * `pipewatt:preview` when its preview is.
 */
function usePaintMark({ answer, isPreview, computing }: Outcome): void {
  const painted = useRef<typeof answer>(undefined);
  const isShown = isPreview || computing === undefined;
  useLayoutEffect(() => {
    if (answer === undefined || !isShown || painted.current === answer) return;
    painted.current = answer;
    requestAnimationFrame(() => {
      // A task queued in the frame's callbacks runs after the frame has been painted.
      setTimeout(() => performance.mark(isPreview ? 'pipewatt:preview' : 'pipewatt:painted'));
    });
  }, [answer, isPreview, isShown]);
}
