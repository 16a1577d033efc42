import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import type { Answer, Problems } from './answer.js';
import { makeWorker, PAGE_CLOCK } from './beside-the-page.js';
import { Calculator } from './calculator.js';
import type { Choices } from './choices.js';
import type { ShownRun } from '../viewer/shown-run.js';
import { filesOf, type WhatIf } from './what-if.js';

/** The state of the what-if that the page shows. */
export interface Outcome {
  /** The last run; an earlier one while another is computed, or if there are problems. */
  readonly run: ShownRun | undefined;
  /** The problems of the what-if, never earlier ones. */
  readonly problems: Problems | undefined;
  /** Whether it was planned in coarse ticks, and a better one is coming. */
  readonly isPreview: boolean;
  /** The message of a bug, if there was one. */
  readonly failure: string | undefined;
  /** The computation under way; undefined when the answer is that of the form. */
  readonly computing: { readonly part: number; readonly what: string } | undefined;
}

const AT_START: Outcome = {
  run: undefined,
  problems: undefined,
  isPreview: false,
  failure: undefined,
  computing: { part: 0, what: 'start' },
};

/** Interval between questions while a slider moves. */
const PAUSE_MS = 40;

/**
 * Asks the workers about every change of the what-if; `hurry` when a control is released.
 * @param drawn the policy that is drawn; the best one if undefined.
 * @param isOpening whether another one is about to take its place.
 */
export function useCalculator(whatIf: WhatIf, drawn: string | undefined, isOpening: boolean) {
  const [choices, setChoices] = useState<Choices>();
  const [outcome, setOutcome] = useState(AT_START);
  const calculator = useRef<Calculator | undefined>(undefined);
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  const newest = useRef({ whatIf, drawn });
  newest.current = { whatIf, drawn };

  useEffect(() => {
    calculator.current = new Calculator(
      makeWorker,
      {
        onChoices: setChoices,
        onProgress: (part, what) => {
          setOutcome((old) => ({ ...old, computing: { part, what } }));
        },
        onPreview: (answer) => {
          setOutcome((old) => ({ ...answered(old, answer), isPreview: true }));
        },
        onAnswer: (answer) => {
          // A newer question is about to be asked: the problems of this one do not matter.
          if (answer.kind === 'problems' && timer.current !== undefined) return;
          setOutcome((old) => ({ ...answered(old, answer), computing: undefined }));
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
    const { whatIf: asked, drawn: policy } = newest.current;
    calculator.current?.ask({ files: filesOf(asked), drawn: policy });
  }, []);

  const hurry = useCallback(() => {
    if (timer.current !== undefined) askNow();
  }, [askNow]);

  useEffect(() => {
    setOutcome(askedAnew);
    if (isOpening) {
      clearTimeout(timer.current);
      timer.current = undefined;
    } else {
      timer.current ??= setTimeout(askNow, PAUSE_MS);
    }
  }, [whatIf, drawn, isOpening, askNow]);

  return { choices, outcome, hurry };
}

/** The outcome with an answer: problems leave the last run as it is. */
function answered(old: Outcome, answer: Answer): Outcome {
  const common = { isPreview: false, failure: undefined, computing: old.computing };
  return answer.kind === 'run'
    ? { ...common, run: answer.run, problems: undefined }
    : { ...common, run: old.run, problems: answer };
}

/** Earlier problems may be solved by now: those that remain are reported again. */
function askedAnew(old: Outcome): Outcome {
  return {
    ...old,
    problems: undefined,
    failure: undefined,
    computing: old.computing ?? { part: 0, what: '' },
  };
}
