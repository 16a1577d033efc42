import { chosenOf, usualBlockingPower, type ModelOnGpu } from '../choices.js';
import { blockingPower, microbatchOf, withBlockingPower, withModel } from '../edits.js';
import { FileButton } from '../file-drop.js';
import { NumberField, OptionalNumberField, SelectField } from './fields.js';
import type { FormPart } from './what-if-form.js';

/** The profile of stages: a model on a GPU, or the user's own measurements. */
export function ProfileFields(part: FormPart & { onFiles: (files: readonly File[]) => void }) {
  const { scenario, choices, onChange, onFiles } = part;
  const { profile } = scenario;
  const chosen = chosenOf(choices, profile);
  return (
    <fieldset>
      <legend>Model and GPU</legend>
      {chosen === undefined ? <OwnProfile {...part} /> : <ModelFields {...part} chosen={chosen} />}
      {'microbatch' in profile && (
        <NumberField
          label="Sequences per microbatch"
          value={microbatchOf(scenario)}
          min={1}
          onChange={(microbatch) => {
            onChange({ ...scenario, profile: { ...profile, microbatch } });
          }}
        />
      )}
      <OptionalNumberField
        label="Power of a GPU that waits"
        unit="W"
        min={0}
        step="any"
        value={blockingPower(scenario)}
        usual={usualBlockingPower(choices, profile)}
        onChange={(blockingW) => {
          onChange(withBlockingPower(scenario, blockingW));
        }}
      />
      <FileButton label="Use your own stage profile (CSV)" accept=".csv" onFiles={onFiles} />
    </fieldset>
  );
}

function ModelFields({ scenario, choices, onChange, chosen }: FormPart & { chosen: ModelOnGpu }) {
  const choose = (change: Partial<ModelOnGpu>) => {
    onChange(withModel(scenario, choices, { ...chosen, ...change }));
  };
  const { profile } = scenario;
  const entry =
    'catalog' in profile
      ? choices.measured.find(({ name }) => name === profile.catalog)
      : undefined;
  return (
    <>
      <SelectField
        label="Model"
        value={chosen.model}
        options={choices.models}
        onChange={(model) => {
          choose({ model });
        }}
      />
      <SelectField
        label="GPU"
        value={chosen.gpu}
        options={choices.gpus}
        onChange={(gpu) => {
          choose({ gpu });
        }}
      />
      <p class="hint">
        {entry === undefined ? (
          <>
            <b>Synthesized</b>: this model was not measured on this GPU in this many stages.{' '}
            {measuredHint(choices.measured, chosen)}
          </>
        ) : (
          <>
            <b>Measured</b>: {entry.source}.
          </>
        )}
      </p>
    </>
  );
}

function measuredHint(measured: FormPart['choices']['measured'], chosen: ModelOnGpu): string {
  const known = measured.filter(({ model, gpu }) => model === chosen.model && gpu === chosen.gpu);
  return known.length === 0
    ? ''
    : `It was measured in ${known.map(({ stages }) => stages).join(' and ')} stages.`;
}

/** A profile that is not in the catalog's lists. */
function OwnProfile({ scenario, choices, onChange }: FormPart) {
  const { profile } = scenario;
  const [first] = choices.measured;
  const what =
    'csv' in profile
      ? profile.csv
      : 'catalog' in profile
        ? profile.catalog
        : `${profile.model} on ${profile.gpu}`;
  return (
    <div class="own-profile">
      <p>
        Profile: <b>{what}</b>
      </p>
      <button
        type="button"
        onClick={() => {
          onChange(withModel(scenario, choices, first!));
        }}
      >
        Choose from the catalog instead
      </button>
    </div>
  );
}
