import { useState } from 'preact/hooks';
import type { ShownProblem } from './form-labels.js';
import { LAST_STEP } from './page-state.js';
import { Comparison } from './results/comparison.js';
import { DrawnPolicy } from './results/drawn-policy.js';
import { Results } from './results/results.js';
import { STEPS } from './steps/steps.js';
import type { Outcome } from './use-calculator.js';
import type { Page } from './use-page.js';
import { usePinned } from './use-pinned.js';

/** The results, with the choice of what is drawn and compared. */
export function PageResults(props: {
  page: Page;
  outcome: Outcome;
  problems: readonly ShownProblem[];
}) {
  const { page, outcome, problems } = props;
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
  const isComplete = asked.step === LAST_STEP;
  const { headline, isBeforePlanning } = STEPS[asked.step]!;
  return (
    <Results
      {...{ outcome, problems }}
      run={showsPinned ? known.run : run}
      look={{ headline, isBeforePlanning, isComplete }}
    >
      {run !== undefined && isComplete && (
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
  );
}
