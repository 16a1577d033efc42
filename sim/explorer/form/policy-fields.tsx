import { POLICY_NAMES } from '../../../src/planner/policy-names.js';
import { withPolicy } from '../edits.js';
import { PolicyMark } from '../../viewer/policy-mark.js';
import { CheckField } from './fields.js';
import type { FormPart } from './what-if-form.js';

/** The planners to compare. */
export function PolicyFields({ scenario, onChange }: FormPart) {
  const others = POLICY_NAMES.filter((policy) => policy !== 'max-frequency');
  return (
    <fieldset>
      <legend>Policies, against max-frequency</legend>
      <div class="checks">
        {others.map((policy) => (
          <CheckField
            key={policy}
            label={
              <>
                <PolicyMark policy={policy} /> {policy}
              </>
            }
            isChecked={scenario.policies.includes(policy)}
            onChange={(isWanted) => {
              onChange(withPolicy(scenario, policy, isWanted));
            }}
          />
        ))}
      </div>
    </fieldset>
  );
}
