import { jitterFactor, stragglerSlowdown, withJitter, withStraggler } from '../edits.js';
import { NumberField, SliderField } from './fields.js';
import type { FormPart } from './what-if-form.js';

/** Deviations from the plan. */
export function TroubleFields({ scenario, onChange }: FormPart) {
  return (
    <fieldset>
      <legend>Straggler and jitter</legend>
      <SliderField
        label="Straggler slowdown"
        unit="×"
        min={1}
        max={2.5}
        step={0.05}
        value={stragglerSlowdown(scenario)}
        onChange={(slowdown) => {
          onChange(withStraggler(scenario, slowdown));
        }}
      />
      <SliderField
        label="Jitter, of what was measured"
        unit="×"
        min={0}
        max={5}
        step={0.25}
        value={jitterFactor(scenario)}
        onChange={(factor) => {
          onChange(withJitter(scenario, factor));
        }}
      />
      <NumberField
        label="Seed of the random numbers"
        value={scenario.seed}
        min={0}
        onChange={(seed) => {
          onChange({ ...scenario, seed });
        }}
      />
    </fieldset>
  );
}
