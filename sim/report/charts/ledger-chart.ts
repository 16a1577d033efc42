import { most } from '../../../src/extremes.js';
import type { TopLevelSpec } from 'vega-lite';
import type { ScenarioResult } from '../../run/run-scenario.js';
import { ACCOUNT_LOOKS, ACCOUNTS } from '../looks.js';
import { energyUnit } from '../numbers.js';
import { numberAxis } from './number-axis.js';

/** Where a policy's joules went. */
export interface LedgerBar {
  readonly policy: string;
  readonly account: string;
  readonly energyJ: number;
}

/** Accounts in which any policy has anything, policy by policy. */
export function ledgerBars({ policies }: Pick<ScenarioResult, 'policies'>): LedgerBar[] {
  const used = ACCOUNTS.filter((account) => policies.some(({ ledger }) => ledger[account] > 0));
  return policies.flatMap(({ policy, ledger }) =>
    used.map((account) => ({
      policy,
      account: ACCOUNT_LOOKS[account].title,
      energyJ: ledger[account],
    })),
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
        scale: { domain: accounts, range: accounts.map(colourOf) },
      },
      order: { field: 'order', type: 'quantitative' },
    },
  };
}

/** An account has the same colour in every report, whichever others are there. */
function colourOf(title: string): string {
  const look = Object.values(ACCOUNT_LOOKS).find((known) => known.title === title);
  return look!.colour.light;
}
