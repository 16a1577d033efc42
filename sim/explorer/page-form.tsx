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
  const { asked, choices, onChange, onFiles, onSettle } = props;
  /** The control that moved last: a field that was typed into is only left when the next one moves. */
  const moved = useRef<EventTarget | null>(null);
  const { whatIf, step, assumed } = asked;
  return (
    <form
      class="form"
      aria-label="What if"
      onInputCapture={({ target }) => {
        if (target !== moved.current) onSettle();
        moved.current = target;
      }}
      onChange={({ target }) => {
        if (target === moved.current) onSettle();
        props.onRelease();
      }}
      onSubmit={stay}
    >
      {step < LAST_STEP ? (
        <StepForm
          {...{ step, scenario: whatIf.scenario }}
          onChange={(scenario) => {
            onChange({ whatIf: { ...whatIf, scenario } }, true);
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
              onChange({ whatIf: { ...whatIf, scenario }, assumed: remaining }, true);
            }}
          />
          {choices === undefined ? (
            <p class="quiet loading">loading the catalog…</p>
          ) : (
            <WhatIfForm
              {...{ whatIf, choices, onFiles }}
              onChange={(next) => {
                onChange({ whatIf: next }, true);
              }}
            />
          )}
        </>
      )}
    </form>
  );
}

/** A known job instead of what was asked: nothing is assumed of it. */
function ofPreset(scenario: Scenario): Partial<Asked> {
  return { whatIf: { scenario }, assumed: [] };
}

/** Keeps the page: there is no server to send a form to. */
function stay(event: Event): void {
  event.preventDefault();
}
