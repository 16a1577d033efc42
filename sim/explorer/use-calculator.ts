import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import type { Answer } from './answer.js';
import { makeWorker, PAGE_CLOCK } from './beside-the-page.js';
import { Calculator } from './calculator.js';
import type { Choices } from './choices.js';
import { filesOf, type WhatIf } from './what-if.js';

/** The state of the what-if that the page shows. */
export interface Outcome {
  /** The last answer. It may be an earlier run, but never earlier problems. */
  readonly answer: Answer | undefined;
  /** Whether it was planned in coarse ticks, and a better one is coming. */
  readonly isPreview: boolean;
  /** The message of a bug, if there was one. */
  readonly failure: string | undefined;
  /** The computation under way; undefined when the answer is that of the form. */
  readonly computing: { readonly part: number; readonly what: string } | undefined;
}

const AT_START: Outcome = {
  answer: undefined,
  isPreview: false,
  failure: undefined,
  computing: { part: 0, what: 'start' },
};

/** Interval between questions while a slider moves. */
const PAUSE_MS = 40;

/**
 * Asks the workers about every change of the what-if; `hurry` when a control is released.
 * @param isOpening whether another one is about to take its place.
 */
export function useCalculator(whatIf: WhatIf, isOpening: boolean) {
  const [choices, setChoices] = useState<Choices>();
  const [outcome, setOutcome] = useState(AT_START);
  const calculator = useRef<Calculator | undefined>(undefined);
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  /** Shown again while computing, after a what-if that could not be run. */
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
          // A newer question is about to be asked: the problems of this one do not matter.
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

/** Earlier problems may be solved by now: those that remain are reported again. */
function askedAnew(old: Outcome, lastRun: Answer | undefined): Outcome {
  return {
    ...old,
    answer: old.answer?.kind === 'problems' ? lastRun : old.answer,
    failure: undefined,
    computing: old.computing ?? { part: 0, what: '' },
  };
}
