import type { Scenario } from '../../scenario/scenario-schema.js';
import { SliderField } from '../form/fields.js';
import { STEPS } from './steps.js';

/** The one control of a step. */
export function StepForm(props: {
  step: number;
  scenario: Scenario;
  onChange: (scenario: Scenario) => void;
}) {
  const { step, scenario, onChange } = props;
  const { control, task } = STEPS[step]!;
  if (control === undefined) return null;
  const { label, unit, min, max, step: by, value, change } = control;
  return (
    <fieldset class="step-control">
      <legend>{task}</legend>
      <SliderField
        {...{ label, min, max, step: by, value: value(scenario) }}
        {...(unit === undefined ? {} : { unit })}
        onChange={(changed) => {
          onChange(change(scenario, changed));
        }}
      />
    </fieldset>
  );
}
