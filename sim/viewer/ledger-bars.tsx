import { most } from '../../src/extremes.js';
import { ACCOUNTS } from '../energy/accounts.js';
import { DRAWN_ACCOUNTS } from '../report/looks.js';
import { energyUnit, fixed } from '../report/numbers.js';
import type { ShownLedger } from './shown-run.js';
import { PolicyMark } from './policy-mark.js';

/** The energy by account: a bar for each policy, a part for each account. */
export function LedgerBars({ ledgers }: { ledgers: readonly ShownLedger[] }) {
  const largestJ = most(ledgers.map(({ totalJ }) => totalJ));
  const unit = energyUnit(largestJ);
  const used = DRAWN_ACCOUNTS.filter((name) => ledgers.some(({ accounts }) => accounts[name] > 0));
  const inUnit = (energyJ: number) => fixed(energyJ / unit.joules, 2);
  return (
    <figure>
      <figcaption>
        <h2>Where the energy goes</h2>
        <p class="quiet">The whole job, in {unit.name}.</p>
      </figcaption>
      <div aria-hidden="true">
        {ledgers.map(({ policy, accounts, totalJ }) => (
          <div class="ledger" key={policy}>
            <span class="name">
              <PolicyMark policy={policy} /> {policy}
            </span>
            <span class="bar">
              {used.map((name) => (
                <span
                  key={name}
                  class={`part account-${name}`}
                  style={`width:${(100 * accounts[name]) / largestJ}%`}
                  title={`${policy}, ${ACCOUNTS[name].title}: ${inUnit(accounts[name])} ${unit.name}`}
                />
              ))}
            </span>
            <span class="total">{inUnit(totalJ)}</span>
          </div>
        ))}
      </div>
      <div class="scroll" tabIndex={0} role="region" aria-label="Where the energy goes">
        <table class="small">
          <thead>
            <tr>
              <th scope="col">{unit.name}</th>
              {used.map((name) => (
                <th key={name} scope="col">
                  <span class={`swatch account-${name}`} /> {ACCOUNTS[name].title}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {ledgers.map(({ policy, accounts }) => (
              <tr key={policy}>
                <th scope="row">{policy}</th>
                {used.map((name) => (
                  <td key={name}>{inUnit(accounts[name])}</td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </figure>
  );
}
