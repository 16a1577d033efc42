import { stringify } from 'yaml';
import { otherFields } from '../edits.js';
import type { FormPart } from './what-if-form.js';

/** Longest text shown; more would not be read, and takes long to write. */
const MOST_CHARACTERS = 5000;

/** The fields of an opened scenario that have no control. */
export function OtherFields({ scenario }: FormPart) {
  const others = otherFields(scenario);
  if (Object.keys(others).length === 0) return null;
  const text =
    JSON.stringify(others).length > MOST_CHARACTERS ? namesOf(others) : stringify(others);
  return (
    <fieldset>
      <legend>Also in this scenario</legend>
      <pre tabIndex={0} aria-label="Fields without a control">
        {text}
      </pre>
    </fieldset>
  );
}

/** Fields without their values. */
function namesOf(others: Record<string, unknown>): string {
  return Object.keys(others)
    .map((name) => `${name}: …`)
    .join('\n');
}
