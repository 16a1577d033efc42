import { useCallback, useMemo, useState } from 'preact/hooks';
import { Actions } from './actions.js';
import { FileDrop } from './file-drop.js';
import { shownProblem } from './form-labels.js';
import { FieldProblems } from './form/field-problems.js';
import { WhatIfForm } from './form/what-if-form.js';
import { Results } from './results/results.js';
import { useCalculator, type Outcome } from './use-calculator.js';
import { useWhatIf } from './use-what-if.js';
import type { WhatIf } from './what-if.js';

/** The whole page: the what-if on one side, its result on the other. */
export function ExplorerPage() {
  const { whatIf, notice, isOpening, change, open } = useWhatIf();
  const { choices, outcome, hurry } = useCalculator(whatIf, isOpening);
  const problems = useProblems(whatIf, outcome);
  const [isDropping, setDropping] = useState(false);
  const openFiles = useCallback(
    (files: readonly File[]) => {
      if (choices !== undefined) void open(files, choices);
    },
    [open, choices],
  );
  return (
    <FileDrop onFiles={openFiles} onHover={setDropping}>
      <header class="masthead">
        <h1>
          pipewatt <span class="quiet">what if?</span>
        </h1>
        <Actions whatIf={whatIf} onFiles={openFiles} />
      </header>
      {notice !== undefined && (
        <div class="notice" role="alert">
          {notice.map((line) => (
            <p key={line}>{line}</p>
          ))}
        </div>
      )}
      <main class="columns">
        <form
          class="form"
          aria-label="What if"
          onChange={hurry}
          onSubmit={(event) => {
            event.preventDefault();
          }}
        >
          {choices === undefined ? (
            <p class="quiet">loading the catalog…</p>
          ) : (
            <FieldProblems.Provider value={problems}>
              <WhatIfForm whatIf={whatIf} choices={choices} onChange={change} onFiles={openFiles} />
            </FieldProblems.Provider>
          )}
        </form>
        <Results outcome={isOpening ? opening(outcome) : outcome} problems={problems} />
      </main>
      <footer class="quiet">
        Everything is planned and simulated in this page; nothing is sent anywhere. The link holds
        the whole scenario.
      </footer>
      {isDropping && (
        <div class="drop-here" aria-hidden="true">
          drop a stage profile (.csv) or a scenario (.yaml)
        </div>
      )}
    </FileDrop>
  );
}

/** The problems of the what-if, in the page's words. */
function useProblems({ scenario }: WhatIf, { answer }: Outcome) {
  return useMemo(
    () =>
      answer?.kind === 'problems'
        ? answer.problems.map((problem) => shownProblem(problem, scenario))
        : [],
    [answer, scenario],
  );
}

/** While a file is being opened, the page still shows the previous what-if. */
function opening(outcome: Outcome): Outcome {
  return { ...outcome, computing: outcome.computing ?? { part: 0, what: 'reading the scenario' } };
}
