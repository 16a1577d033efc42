import type { Scenario } from '../../scenario/scenario-schema.js';
import { PRESETS } from '../presets.js';

/** Every preset with the value of its choice. */
const ALL = PRESETS.flatMap(({ title, presets }) =>
  presets.map((preset) => ({ value: `${title}: ${preset.title}`, preset })),
);

/** A choice among jobs to begin with. */
export function PresetField({ onChoose }: { onChoose: (scenario: Scenario) => void }) {
  return (
    <fieldset>
      <legend>Begin with</legend>
      <select
        aria-label="A known job"
        value=""
        onInput={({ currentTarget }) => {
          const chosen = ALL.find(({ value }) => value === currentTarget.value);
          currentTarget.value = '';
          if (chosen !== undefined) onChoose(chosen.preset.scenario());
        }}
      >
        <option value="">Choose a known job…</option>
        {PRESETS.map(({ title, presets }) => (
          <optgroup key={title} label={title}>
            {presets.map((preset) => (
              <option key={preset.title} value={`${title}: ${preset.title}`}>
                {preset.title}
              </option>
            ))}
          </optgroup>
        ))}
      </select>
    </fieldset>
  );
}
