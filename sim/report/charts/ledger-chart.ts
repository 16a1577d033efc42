import type { TopLevelSpec } from 'vega-lite';
import type { Ledger } from '../../energy/ledger.js';
import type { ScenarioResult } from '../../studies/run-scenario.js';
import { energyUnit } from '../numbers.js';
import { COLOURS } from './vega-svg.js';

/** A ledger's accounts in the words of reports, in the order of bars. */
const ACCOUNTS: readonly (readonly [name: string, energyJ: (ledger: Ledger) => number])[] = [
  ['computing', (ledger) => ledger.totalComputeJ],
  ['waiting for a stage', (ledger) => ledger.pipelineBlockingJ],
  ['waiting for a pipeline', (ledger) => ledger.stragglerBlockingJ],
  ['stalled', (ledger) => ledger.stallJ],
  ['loading', (ledger) => ledger.loadingJ],
  ['communicating', (ledger) => ledger.communicationJ],
  ['changing clock', (ledger) => ledger.clockChangeJ],
  ['between iterations', (ledger) => ledger.iterationConstantJ],
];

/** Where a policy's joules went. */
export interface LedgerBar {
  readonly policy: string;
  readonly account: string;
  readonly energyJ: number;
}

/** Accounts in which any policy has anything, policy by policy. */
export function ledgerBars({ policies }: Pick<ScenarioResult, 'policies'>): LedgerBar[] {
  const used = ACCOUNTS.filter(([, energyJ]) => policies.some(({ ledger }) => energyJ(ledger) > 0));
  return policies.flatMap(({ policy, ledger }) =>
    used.map(([account, energyJ]) => ({ policy, account, energyJ: energyJ(ledger) })),
  );
}

/** The ledgers as stacked bars, a bar per policy. */
export function ledgerChart(bars: readonly LedgerBar[]): TopLevelSpec {
  const totals = new Map<string, number>();
  for (const { policy, energyJ } of bars) totals.set(policy, (totals.get(policy) ?? 0) + energyJ);
  const unit = energyUnit(Math.max(...totals.values()));
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
  return COLOURS[ACCOUNTS.findIndex(([name]) => name === account)]!;
}
