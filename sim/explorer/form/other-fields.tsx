import { stringify } from 'yaml';
import { otherFields } from '../edits.js';
import type { FormPart } from './what-if-form.js';

/** What an opened scenario says that no control is for. */
export function OtherFields({ scenario }: FormPart) {
  const others = otherFields(scenario);
  if (Object.keys(others).length === 0) return null;
  return (
    <fieldset>
      <legend>Also in this scenario</legend>
      <pre tabIndex={0} aria-label="Fields without a control">
        {stringify(others)}
      </pre>
    </fieldset>
  );
}
