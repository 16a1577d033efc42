import { most } from '../../../src/extremes.js';
import type { TopLevelSpec } from 'vega-lite';
import type { LedgerAccount } from '../../energy/ledger.js';
import type { ScenarioResult } from '../../studies/run-scenario.js';
import { energyUnit } from '../numbers.js';
import { COLOURS } from './vega-svg.js';

/** A ledger's accounts in the words of reports, in the order of bars. */
const NAMES: Readonly<Record<LedgerAccount, string>> = {
  totalComputeJ: 'computing',
  pipelineBlockingJ: 'waiting for a stage',
  stragglerBlockingJ: 'waiting for a pipeline',
  stallJ: 'stalled',
  loadingJ: 'loading',
  communicationJ: 'communicating',
  clockChangeJ: 'changing clock',
  iterationConstantJ: 'between iterations',
  synchronisationJ: 'gradients and optimizer',
};

const ACCOUNTS = Object.entries(NAMES) as [LedgerAccount, string][];

/** Where a policy's joules went. */
export interface LedgerBar {
  readonly policy: string;
  readonly account: string;
  readonly energyJ: number;
}

/** Accounts in which any policy has anything, policy by policy. */
export function ledgerBars({ policies }: Pick<ScenarioResult, 'policies'>): LedgerBar[] {
  const used = ACCOUNTS.filter(([account]) => policies.some(({ ledger }) => ledger[account] > 0));
  return policies.flatMap(({ policy, ledger }) =>
    used.map(([account, name]) => ({ policy, account: name, energyJ: ledger[account] })),
  );
}

/** The ledgers as stacked bars, a bar per policy. */
export function ledgerChart(bars: readonly LedgerBar[]): TopLevelSpec {
  const totals = new Map<string, number>();
  for (const { policy, energyJ } of bars) totals.set(policy, (totals.get(policy) ?? 0) + energyJ);
  const unit = energyUnit(most(totals.values()));
  const accounts = [...new Set(bars.map(({ account }) => account))];
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
      x: { field: 'energy', type: 'quantitative', title: `energy (${unit.name})`, stack: 'zero' },
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
function colourOf(account: string): string {
  return COLOURS[ACCOUNTS.findIndex(([, name]) => name === account)]!;
}
