import { PolicyMark } from '../../viewer/policy-mark.js';
import type { ShownRun } from '../../viewer/shown-run.js';

/** The choice of the policy that everything on the page draws and tells of. */
export function DrawnPolicy({
  run,
  drawn = run.headline.policy,
  onChoose,
}: {
  run: ShownRun;
  /** The choice; the best policy if undefined. */
  drawn: string | undefined;
  onChoose: (policy: string) => void;
}) {
  const others = run.policies.filter((policy) => policy !== 'max-frequency');
  if (others.length < 2) return null;
  return (
    <fieldset class="drawn">
      <legend>Drawn policy</legend>
      {others.map((policy) => (
        <label key={policy} class="check">
          <input
            type="radio"
            name="drawn"
            checked={policy === drawn}
            onChange={() => {
              onChoose(policy);
            }}
          />
          <span>
            <PolicyMark policy={policy} /> {policy}
          </span>
        </label>
      ))}
    </fieldset>
  );
}
