import { withPrices } from '../edits.js';
import { OptionalNumberField, TextField } from './fields.js';
import type { FormPart } from './what-if-form.js';

/** Prices of a kilowatt-hour. */
export function PriceFields({ scenario, onChange }: FormPart) {
  const { prices } = scenario;
  const currency = prices?.currency ?? 'USD';
  return (
    <fieldset>
      <legend>Price and carbon</legend>
      <div class="pairs">
        <OptionalNumberField
          label="Price of energy"
          unit={`${currency}/kWh`}
          min={0}
          step="any"
          value={prices?.perKWh}
          onChange={(perKWh) => {
            onChange(withPrices(scenario, { perKWh }));
          }}
        />
        <TextField
          label="Currency"
          value={currency}
          onChange={(changed) => {
            onChange(withPrices(scenario, { currency: changed }));
          }}
        />
        <OptionalNumberField
          label="Carbon intensity"
          unit="g/kWh"
          min={0}
          step="any"
          value={prices?.carbonGPerKWh}
          onChange={(carbonGPerKWh) => {
            onChange(withPrices(scenario, { carbonGPerKWh }));
          }}
        />
      </div>
    </fieldset>
  );
}
