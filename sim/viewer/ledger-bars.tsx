import { most } from '../../src/extremes.js';
import { ACCOUNTS } from '../energy/accounts.js';
import { DRAWN_ACCOUNTS } from '../report/looks.js';
import { energyUnit, fixed } from '../report/numbers.js';
import { DataChart } from './data-chart.js';
import type { ShownLedger } from './shown-run.js';

/** The energy by account: a bar for each policy, a part for each account; the same as a table. */
export function LedgerBars({ ledgers }: { readonly ledgers: readonly ShownLedger[] }) {
  const unit = energyUnit(most(ledgers.map(({ totalJ }) => totalJ)));
  const used = DRAWN_ACCOUNTS.filter((name) => ledgers.some(({ accounts }) => accounts[name] > 0));
  const bars = ledgers.flatMap(({ policy, accounts }) =>
    used.map((account) => ({ policy, account, energyJ: accounts[account] })),
  );
  const inUnit = (energyJ: number) => fixed(energyJ / unit.joules, 3);
  return (
    <figure>
      <figcaption>
        <h2>Where the energy goes</h2>
        <p class="quiet">The whole job: every joule is in exactly one account.</p>
      </figcaption>
      <DataChart kind="ledger" data={bars} label="Energy of each policy by account" />
      <div class="scroll" tabIndex={0} role="region" aria-label="Where the energy goes">
        <table class="small" style={`--columns:${used.length + 2}`}>
          <thead>
            <tr>
              <th scope="col">{unit.name}</th>
              {used.map((name) => (
                <th key={name} scope="col">
                  <span class={`swatch account-${name}`} /> {ACCOUNTS[name].title}
                </th>
              ))}
              <th scope="col">total</th>
            </tr>
          </thead>
          <tbody>
            {ledgers.map(({ policy, accounts, totalJ }) => (
              <tr key={policy}>
                <th scope="row">{policy}</th>
                {used.map((name) => (
                  <td key={name}>{inUnit(accounts[name])}</td>
                ))}
                <td>{inUnit(totalJ)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </figure>
  );
}
