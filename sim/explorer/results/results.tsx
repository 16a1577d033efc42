import type { ComponentChildren } from 'preact';
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { ShownProblem } from '../form-labels.js';
import type { ShownRun } from '../../viewer/shown-run.js';
import type { Outcome } from '../use-calculator.js';
import { ActivationPeaks } from '../../viewer/activation-peaks.js';
import { UNITS_TITLE } from '../../report/text/unit-table.js';
import { PolicyTable } from '../../viewer/policy-table.js';
import { Frontier } from './frontier.js';
import { Headline } from '../../viewer/headline.js';
import { LedgerBars } from '../../viewer/ledger-bars.js';
import { Power } from '../../viewer/power.js';
import { Timeline } from './timeline.js';

/** Computing is mentioned only after this time: texts that come and go quickly flicker. */
const MENTION_AFTER_MS = 300;

/** The parts of results that are shown. */
export interface ResultsLook {
  readonly headline: 'waiting' | 'saving';
  /** Whether the highest clocks are drawn at first. */
  readonly isBeforePlanning: boolean;
  /** Whether tables and details are shown too. */
  readonly isComplete: boolean;
}

/** The results of the what-if. */
export function Results(props: {
  outcome: Outcome;
  problems: readonly ShownProblem[];
  /** The run to show: that of the outcome, or a pinned one. */
  run: ShownRun | undefined;
  /** The run to compare with. */
  pinned: ShownRun | undefined;
  look: ResultsLook;
  /** Controls between the headline and the pictures. */
  children?: ComponentChildren;
}) {
  const { outcome, problems, run, pinned, look, children } = props;
  const { isPreview, failure, computing } = outcome;
  const isComputing = computing !== undefined;
  const isStale = outcome.problems !== undefined;
  usePaintMark(outcome);
  return (
    <section
      class="results"
      aria-label="Results"
      aria-busy={isComputing}
      data-state={isPreview ? 'preview' : isComputing ? 'computing' : 'ready'}
      data-stale={isStale ? true : undefined}
    >
      <Computing computing={computing} isPreview={isPreview} />
      {failure !== undefined && (
        <div class="problems" role="alert">
          <p>pipewatt failed, which is a bug in pipewatt: {failure}</p>
        </div>
      )}
      {outcome.problems !== undefined && (
        <div class="problems" role="alert">
          <h2>This cannot be run</h2>
          <ul>
            {problems.map(({ text }) => (
              <li key={text}>{text}</li>
            ))}
            {outcome.problems.unnamed > 0 && (
              <li>… and {outcome.problems.unnamed} more problems</li>
            )}
          </ul>
          {run !== undefined && <p>Below, in grey, is the last what-if that could be run.</p>}
        </div>
      )}
      {run === undefined ? <Waiting /> : <Run {...{ run, pinned, look }} controls={children} />}
    </section>
  );
}

/** The places of pictures that are not there yet. */
function Waiting() {
  return (
    <div class="skeleton" aria-hidden="true">
      <div class="headline" />
      <div class="picture" />
      <div class="block" />
      <div class="block" />
    </div>
  );
}

function Run(props: {
  run: ShownRun;
  pinned: ShownRun | undefined;
  look: ResultsLook;
  controls: ComponentChildren;
}) {
  const { run, pinned, look, controls } = props;
  return (
    <>
      <div class="stage">
        <Headline run={run} kind={look.headline} />
        {controls}
        <div class="picture">
          <Timeline timeline={run.timeline} isBeforePlanning={look.isBeforePlanning} />
        </div>
      </div>
      <Power run={run} />
      <div class="side-by-side">
        <Frontier run={run} pinned={pinned} />
        <LedgerBars ledgers={run.ledgers} />
      </div>
      {look.isComplete && <Details run={run} />}
    </>
  );
}

/** Tables and notes. */
function Details({ run }: { run: ShownRun }) {
  return (
    <>
      {run.caveats.length > 0 && (
        <ul class="caveats">
          {run.caveats.map((caveat) => (
            <li key={caveat}>{caveat}</li>
          ))}
        </ul>
      )}
      <PolicyTable columns={run.columns} label="Energy bloat removed" />
      {run.unitColumns.length > 0 && <PolicyTable columns={run.unitColumns} label={UNITS_TITLE} />}
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
function usePaintMark({ run, problems, isPreview, computing }: Outcome): void {
  const answer = problems ?? run;
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
