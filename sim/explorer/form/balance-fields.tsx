import { stageFactors, withFactor } from '../edits.js';
import { stageLabel } from '../form-labels.js';
import { SliderField } from './fields.js';
import type { FormPart } from './what-if-form.js';

/** Most sliders that are of use. */
const MOST_SLIDERS = 64;

/** The work of each stage of the model. */
export function BalanceFields({ scenario, onChange }: FormPart) {
  const factors = stageFactors(scenario);
  return (
    <fieldset>
      <legend>Imbalance: work of each stage</legend>
      {factors === undefined ? (
        <p class="hint">The scenario builds its stages from layers.</p>
      ) : (
        <div class="stages">
          {factors.slice(0, MOST_SLIDERS).map((factor, stage) => (
            <SliderField
              key={stage}
              label={stageLabel(scenario, stage)}
              unit="×"
              min={0.5}
              max={2}
              step={0.01}
              value={factor}
              onChange={(changed) => {
                onChange(withFactor(scenario, stage, changed));
              }}
            />
          ))}
        </div>
      )}
      <button
        type="button"
        onClick={() => {
          onChange({ ...scenario, imbalance: undefined });
        }}
      >
        Reset to the profile
      </button>
    </fieldset>
  );
}
