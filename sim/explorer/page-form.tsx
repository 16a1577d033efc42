import { useRef } from 'preact/hooks';
import type { Choices } from './choices.js';
import { AssumedFields } from './form/assumed-fields.js';
import { PresetField } from './form/preset-field.js';
import { WhatIfForm } from './form/what-if-form.js';
import type { Scenario } from '../scenario/scenario-schema.js';
import { LAST_STEP, type Asked } from './page-state.js';
import { StepForm } from './steps/step-form.js';

/** The controls of a step: one, or all of them in the last step. */
export function PageForm(props: {
  asked: Asked;
  choices: Choices | undefined;
  onChange: (change: Partial<Asked>, isDragging?: boolean) => void;
  onFiles: (files: readonly File[]) => void;
  /** The changes so far are one; the next is another one. */
  onSettle: () => void;
  /** Asks at once: a control was released. */
  onRelease: () => void;
}) {
  const { asked, choices, onFiles } = props;
  const { whatIf, step, assumed } = asked;
  const { watched, onChange } = useGestures(props);
  return (
    <form class="form" aria-label="What if" {...watched} onSubmit={stay}>
      {step < LAST_STEP ? (
        <StepForm
          {...{ step, scenario: whatIf.scenario }}
          onChange={(scenario) => {
            onChange({ whatIf: { ...whatIf, scenario } });
          }}
        />
      ) : (
        <>
          <PresetField
            onChoose={(scenario) => {
              onChange(ofPreset(scenario));
            }}
          />
          <AssumedFields
            {...{ scenario: whatIf.scenario, assumed }}
            onChange={(scenario, remaining) => {
              onChange({ whatIf: { ...whatIf, scenario }, assumed: remaining });
            }}
          />
          {choices === undefined ? (
            <p class="quiet loading">loading the catalog…</p>
          ) : (
            <WhatIfForm
              {...{ whatIf, choices, onFiles }}
              onChange={(next) => {
                onChange({ whatIf: next });
              }}
            />
          )}
        </>
      )}
    </form>
  );
}

/**
 * Changes of one control, until it is let go, are one change. A field that was typed into is let go only
 * after the next control has moved.
 */
function useGestures(props: {
  readonly onChange: (change: Partial<Asked>, isDragging?: boolean) => void;
  readonly onSettle: () => void;
  readonly onRelease: () => void;
}) {
  const { onChange, onSettle, onRelease } = props;
  const moved = useRef<EventTarget | null>(null);
  const isAnother = useRef(false);
  // These only take notes: a page drawn before the control's own listener is called would undo its input.
  const note = ({ target }: Event) => {
    if (target !== moved.current) isAnother.current = true;
    moved.current = target;
  };
  return {
    watched: {
      onInputCapture: note,
      onClickCapture: (event: Event) => {
        if (event.target instanceof HTMLButtonElement) note(event);
      },
      onChange: ({ target }: Event) => {
        if (target === moved.current) onSettle();
        onRelease();
      },
    },
    onChange: (change: Partial<Asked>) => {
      if (isAnother.current) onSettle();
      isAnother.current = false;
      onChange(change, true);
    },
  };
}

/** A known job instead of what was asked: nothing is assumed of it. */
function ofPreset(scenario: Scenario): Partial<Asked> {
  return { whatIf: { scenario }, assumed: [] };
}

/** Keeps the page: there is no server to send a form to. */
function stay(event: Event): void {
  event.preventDefault();
}
