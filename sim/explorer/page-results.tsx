import { useState } from 'preact/hooks';
import { DeadlineContext } from '../viewer/frontier/deadline.js';
import type { ShownProblem } from './form-labels.js';
import { LAST_STEP } from './page-state.js';
import { Comparison } from './results/comparison.js';
import { DrawnPolicy } from './results/drawn-policy.js';
import { Results, type ResultsLook } from './results/results.js';
import { STEPS } from './steps/steps.js';
import type { Outcome } from './use-calculator.js';
import { useDeadlineDrag } from './use-deadline-drag.js';
import type { Page } from './use-page.js';
import { usePinned } from './use-pinned.js';

/** The results, with the choice of what is drawn and compared. */
export function PageResults(props: {
  page: Page;
  outcome: Outcome;
  problems: readonly ShownProblem[];
  /** Asks at once: a control was released. */
  hurry: () => void;
}) {
  const { page, outcome, problems, hurry } = props;
  const { asked, view, setView, change } = page;
  const { run } = outcome;
  const { known, remember } = usePinned(view);
  const [isPinnedShown, setPinnedShown] = useState(false);
  const showsPinned = isPinnedShown && known !== undefined;
  const pin = () => {
    if (run === undefined || outcome.computing !== undefined) return;
    remember(asked.whatIf, run);
    setView({ ...view, pinned: asked.whatIf });
  };
  const unpin = () => {
    setPinnedShown(false);
    setView({ ...view, pinned: undefined });
  };
  const drag = useDeadlineDrag(page, run, hurry);
  return (
    <DeadlineContext.Provider value={showsPinned ? undefined : drag}>
      <Results
        {...{ outcome, problems }}
        run={showsPinned ? known.run : run}
        pinned={known?.run}
        look={lookOf(asked.step)}
      >
        {run !== undefined && asked.step === LAST_STEP && (
          <div class="looking">
            <DrawnPolicy
              {...{ run, drawn: view.drawn }}
              onChoose={(drawn) => {
                setView({ ...view, drawn });
              }}
            />
            {view.pinned === undefined && (
              <button type="button" aria-disabled={outcome.computing !== undefined} onClick={pin}>
                Pin this result
              </button>
            )}
          </div>
        )}
        {known !== undefined && run !== undefined && (
          <Comparison
            {...{ pinned: known.run, now: run, isPinnedShown: showsPinned }}
            onShow={setPinnedShown}
            onBack={() => {
              change({ whatIf: known.whatIf, step: LAST_STEP });
              unpin();
            }}
            onUnpin={unpin}
          />
        )}
      </Results>
    </DeadlineContext.Provider>
  );
}

/** The parts of results that belong to a step. */
function lookOf(step: number): ResultsLook {
  const { headline, isBeforePlanning } = STEPS[step]!;
  return { headline, isBeforePlanning, isComplete: step === LAST_STEP };
}
