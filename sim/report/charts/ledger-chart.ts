import { most } from '../../../src/extremes.js';
import type { TopLevelSpec } from 'vega-lite';
import { ACCOUNTS, type Account } from '../../energy/accounts.js';
import type { ScenarioResult } from '../../run/run-scenario.js';
import { ACCOUNT_LOOKS, DRAWN_ACCOUNTS } from '../looks.js';
import { energyUnit } from '../numbers.js';
import { numberAxis } from './number-axis.js';

/** A policy's energy in one account. */
export interface LedgerBar {
  readonly policy: string;
  readonly account: Account;
  readonly energyJ: number;
}

/** Accounts that are not empty in every policy, policy by policy. */
export function ledgerBars({ policies }: Pick<ScenarioResult, 'policies'>): LedgerBar[] {
  const used = DRAWN_ACCOUNTS.filter((account) =>
    policies.some(({ ledger }) => ledger[account] > 0),
  );
  return policies.flatMap(({ policy, ledger }) =>
    used.map((account) => ({ policy, account, energyJ: ledger[account] })),
  );
}

/** The ledgers as stacked bars, a bar per policy. */
export function ledgerChart(bars: readonly LedgerBar[]): TopLevelSpec {
  const totals = new Map<string, number>();
  for (const { policy, energyJ } of bars) totals.set(policy, (totals.get(policy) ?? 0) + energyJ);
  const unit = energyUnit(most(totals.values()));
  const accounts = [...new Set(bars.map(({ account }) => account))];
  const x = numberAxis(
    [...totals.values()].map((energyJ) => energyJ / unit.joules),
    { title: `energy (${unit.name})`, hasZero: true, tickCount: 8 },
  );
  return {
    width: 620,
    height: { step: 30 },
    data: {
      values: bars.map((bar) => ({
        ...bar,
        account: ACCOUNTS[bar.account].title,
        energy: bar.energyJ / unit.joules,
        order: accounts.indexOf(bar.account),
      })),
    },
    mark: { type: 'bar' },
    encoding: {
      y: { field: 'policy', type: 'nominal', title: null, sort: [...totals.keys()] },
      x: { field: 'energy', ...x, stack: 'zero' },
      color: {
        field: 'account',
        type: 'nominal',
        title: null,
        scale: {
          domain: accounts.map((account) => ACCOUNTS[account].title),
          range: accounts.map((account) => ACCOUNT_LOOKS[account].colour.light),
        },
      },
      order: { field: 'order', type: 'quantitative' },
    },
  };
}
