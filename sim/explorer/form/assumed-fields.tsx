import type { Scenario } from '../../scenario/scenario-schema.js';
import { ASSUMABLE } from '../own-profile.js';
import { OptionalNumberField } from './fields.js';

/** Asks for what the user's own profile does not contain; until it is told, something is assumed. */
export function AssumedFields(props: {
  scenario: Scenario;
  assumed: readonly string[];
  onChange: (scenario: Scenario, assumed: readonly string[]) => void;
}) {
  const { scenario, assumed, onChange } = props;
  const { profile } = scenario;
  const open = ASSUMABLE.filter(({ field }) => assumed.includes(field));
  if (open.length === 0 || !('csv' in profile)) return null;
  return (
    <fieldset class="assumed">
      <legend>{profile.csv} does not say</legend>
      {open.map(({ field, label, why, value, change, ...range }) => (
        <div key={field} class="assumption">
          <OptionalNumberField
            {...{ label: `Assumed: ${label}`, problemsOf: label, ...range }}
            value={value(scenario)}
            onChange={(typed) => {
              onChange(change(scenario, typed ?? NaN), assumed);
            }}
          />
          <p class="hint">{why}</p>
        </div>
      ))}
      <button
        type="button"
        onClick={() => {
          onChange(scenario, []);
        }}
      >
        These are right
      </button>
    </fieldset>
  );
}
