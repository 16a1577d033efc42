import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import type { Answer } from './answer.js';
import { makeWorker, PAGE_CLOCK } from './beside-the-page.js';
import { Calculator } from './calculator.js';
import type { Choices } from './choices.js';
import { filesOf, type WhatIf } from './what-if.js';

/** What the page knows of the what-if that it shows. */
export interface Outcome {
  /** The last answer. It may be a run that was asked for before, but never problems of before. */
  readonly answer: Answer | undefined;
  /** Whether it was planned in coarse ticks, and a better one is on its way. */
  readonly isPreview: boolean;
  /** What went wrong, if that was a bug. */
  readonly failure: string | undefined;
  /** What is being done; undefined when the answer is that of the form. */
  readonly computing: { readonly part: number; readonly what: string } | undefined;
}

const AT_START: Outcome = {
  answer: undefined,
  isPreview: false,
  failure: undefined,
  computing: { part: 0, what: 'start' },
};

/** While a slider moves, a question is asked so often. */
const PAUSE_MS = 40;

/**
 * Asks the workers whatever the what-if becomes; `hurry` when a control is let go.
 * @param isOpening whether another one is about to take its place.
 */
export function useCalculator(whatIf: WhatIf, isOpening: boolean) {
  const [choices, setChoices] = useState<Choices>();
  const [outcome, setOutcome] = useState(AT_START);
  const calculator = useRef<Calculator | undefined>(undefined);
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  /** Shown again while something is computed after what could not be run. */
  const lastRun = useRef<Answer | undefined>(undefined);
  const newest = useRef(whatIf);
  newest.current = whatIf;
  if (outcome.answer?.kind === 'run') lastRun.current = outcome.answer;

  useEffect(() => {
    calculator.current = new Calculator(
      makeWorker,
      {
        onChoices: setChoices,
        onProgress: (part, what) => {
          setOutcome((old) => ({ ...old, computing: { part, what } }));
        },
        onPreview: (answer) => {
          setOutcome((old) => ({ ...old, answer, isPreview: true, failure: undefined }));
        },
        onAnswer: (answer) => {
          // A newer question is about to be asked: what was wrong with this one does not matter.
          if (answer.kind === 'problems' && timer.current !== undefined) return;
          setOutcome({ answer, isPreview: false, failure: undefined, computing: undefined });
        },
        onFailure: (failure) => {
          setOutcome((old) => ({ ...old, failure, computing: undefined }));
        },
      },
      PAGE_CLOCK,
    );
  }, []);

  const askNow = useCallback(() => {
    clearTimeout(timer.current);
    timer.current = undefined;
    calculator.current?.ask(filesOf(newest.current));
  }, []);

  const hurry = useCallback(() => {
    if (timer.current !== undefined) askNow();
  }, [askNow]);

  useEffect(() => {
    setOutcome((old) => askedAnew(old, lastRun.current));
    if (isOpening) {
      clearTimeout(timer.current);
      timer.current = undefined;
    } else {
      timer.current ??= setTimeout(askNow, PAUSE_MS);
    }
  }, [whatIf, isOpening, askNow]);

  return { choices, outcome, hurry };
}

/** What was wrong before may be right now: it is said again if it is not. */
function askedAnew(old: Outcome, lastRun: Answer | undefined): Outcome {
  return {
    ...old,
    answer: old.answer?.kind === 'problems' ? lastRun : old.answer,
    failure: undefined,
    computing: old.computing ?? { part: 0, what: '' },
  };
}
