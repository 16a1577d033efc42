import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import type { Answer } from './answer.js';
import { Calculator } from './calculator.js';
import type { Choices } from './choices.js';
import type { Clock } from './question-lane.js';
import { filesOf, type WhatIf } from './what-if.js';

/** What the page knows of the what-if that it shows. */
export interface Outcome {
  /** The last answer, which may be to what was asked before. */
  readonly answer: Answer | undefined;
  /** Whether it was planned in coarse ticks, and a better one is on its way. */
  readonly isPreview: boolean;
  /** What went wrong, if that was a bug. */
  readonly failure: string | undefined;
  /** What is being done; undefined when the answer is that of the form. */
  readonly computing: { readonly part: number; readonly what: string } | undefined;
}

/** While a slider moves, a question is asked so often. */
const PAUSE_MS = 40;

const CLOCK: Clock = {
  nowMs: () => performance.now(),
  after: (delayMs, act) => {
    const timer = setTimeout(act, delayMs);
    return () => {
      clearTimeout(timer);
    };
  },
};

/** Asks the workers whatever the what-if becomes; `hurry` when a control is let go. */
export function useCalculator(whatIf: WhatIf) {
  const [choices, setChoices] = useState<Choices>();
  const [outcome, setOutcome] = useState<Outcome>({
    answer: undefined,
    isPreview: false,
    failure: undefined,
    computing: { part: 0, what: 'start' },
  });
  const calculator = useRef<Calculator | undefined>(undefined);
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  const newest = useRef(whatIf);
  newest.current = whatIf;

  useEffect(() => {
    calculator.current = new Calculator(
      () => new Worker(new URL('./calculation-worker.ts', import.meta.url), { type: 'module' }),
      {
        onChoices: setChoices,
        onProgress: (part, what) => {
          setOutcome((old) => ({ ...old, computing: { part, what } }));
        },
        onPreview: (answer) => {
          setOutcome((old) => ({ ...old, answer, isPreview: true }));
        },
        onAnswer: (answer) => {
          setOutcome({ answer, isPreview: false, failure: undefined, computing: undefined });
        },
        onFailure: (failure) => {
          setOutcome((old) => ({ ...old, failure, computing: undefined }));
        },
      },
      CLOCK,
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
    setOutcome((old) => ({ ...old, computing: old.computing ?? { part: 0, what: '' } }));
    timer.current ??= setTimeout(askNow, PAUSE_MS);
  }, [whatIf, askNow]);

  return { choices, outcome, hurry };
}
