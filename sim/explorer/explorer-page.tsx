import { useCallback, useMemo, useState } from 'preact/hooks';
import { Actions } from './actions.js';
import { FileDrop } from './file-drop.js';
import { shownProblem } from './form-labels.js';
import { FieldProblems } from './form/field-problems.js';
import { PageForm } from './page-form.js';
import { PageResults } from './page-results.js';
import { Stepper } from './steps/stepper.js';
import { StepAnswers, StepLead, StepTurns } from './steps/step-text.js';
import { useCalculator, type Outcome } from './use-calculator.js';
import { usePage, type Page } from './use-page.js';
import { useUndoKeys } from './use-undo-keys.js';
import type { WhatIf } from './what-if.js';

/**
 * The whole page: a step of the explanation on one side, the result of its what-if on the other.
 * @param hash of the address at the beginning.
 */
export function ExplorerPage({ hash }: { hash: string }) {
  const page = usePage(hash);
  const { asked, view, notice, isOpening, goTo, open, undo, redo } = page;
  const { choices, outcome, hurry } = useCalculator(asked.whatIf, view.drawn, isOpening);
  const problems = useProblems(asked.whatIf, outcome);
  const [isDropping, setDropping] = useState(false);
  useUndoKeys(undo, redo);
  const openFiles = useCallback(
    (files: readonly File[]) => {
      if (choices !== undefined) open(files, choices);
    },
    [open, choices],
  );
  return (
    <FileDrop onFiles={openFiles} onHover={setDropping}>
      <Masthead page={page} onFiles={openFiles} />
      <Stepper step={asked.step} onGo={goTo} />
      {notice !== undefined && (
        <div class="notice" role="alert">
          {notice.map((line) => (
            <p key={line}>{line}</p>
          ))}
        </div>
      )}
      <main class="columns">
        <div class="told">
          <StepLead step={asked.step} />
          <FieldProblems.Provider value={problems}>
            <PageForm
              {...{ asked, choices }}
              onChange={page.change}
              onFiles={openFiles}
              onSettle={page.settle}
              onRelease={hurry}
            />
          </FieldProblems.Provider>
          <StepTurns step={asked.step} onGo={goTo} />
          <StepAnswers step={asked.step} run={outcome.run} />
        </div>
        <PageResults
          {...{ page, problems, hurry }}
          outcome={isOpening ? opening(outcome) : outcome}
        />
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

/** The name, and what can be done with the what-if as a whole. */
function Masthead({ page, onFiles }: { page: Page; onFiles: (files: readonly File[]) => void }) {
  const { asked, view, canUndo, canRedo, undo, redo } = page;
  return (
    <header class="masthead">
      <h1>
        pipewatt <span class="quiet">what if?</span>
      </h1>
      <div class="actions" role="group" aria-label="Changes">
        <button type="button" aria-disabled={!canUndo} onClick={undo}>
          Undo
        </button>
        <button type="button" aria-disabled={!canRedo} onClick={redo}>
          Redo
        </button>
      </div>
      <Actions asked={asked} view={view} onFiles={onFiles} />
    </header>
  );
}

/** The problems of the what-if, in the page's words. */
function useProblems({ scenario }: WhatIf, { problems }: Outcome) {
  return useMemo(
    () => problems?.problems.map((problem) => shownProblem(problem, scenario)) ?? [],
    [problems, scenario],
  );
}

/** While a file is being opened, the page still shows the previous what-if. */
function opening(outcome: Outcome): Outcome {
  return { ...outcome, computing: outcome.computing ?? { part: 0, what: 'reading the scenario' } };
}
