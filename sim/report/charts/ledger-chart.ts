import { axisX, axisY, barX, gridX, pointer, ruleX, text, tip } from '@observablehq/plot';
import { most } from '../../../src/extremes.js';
import { ACCOUNTS, type Account } from '../../energy/accounts.js';
import type { ScenarioResult } from '../../run/run-scenario.js';
import { ACCOUNT_LOOKS, DRAWN_ACCOUNTS } from '../looks.js';
import { energyUnit, fixed, type EnergyUnit } from '../numbers.js';
import type { Chart } from './chart.js';
import { framed, SCREEN_STYLE, type ChartStyle } from './chart-style.js';
import { hatchMark, hatchPaint } from './hatch.js';
import { legend } from './legend.js';
import { numberScale } from './number-scale.js';

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

/** A part of a bar, in the chart's unit. */
interface DrawnPart extends LedgerBar {
  readonly from: number;
  readonly until: number;
  readonly title: string;
}

/** The ledgers as stacked bars, a bar per policy, with its total beside it. */
export function ledgerChart(bars: readonly LedgerBar[], style: ChartStyle = SCREEN_STYLE): Chart {
  const totals = new Map<string, number>();
  for (const { policy, energyJ } of bars) totals.set(policy, (totals.get(policy) ?? 0) + energyJ);
  const unit = energyUnit(most(totals.values()));
  const policies = [...totals.keys()];
  const accounts = [...new Set(bars.map(({ account }) => account))];
  const parts = stacked(bars, totals, unit);
  const x = numberScale(
    [...totals.values()].map((energyJ) => energyJ / unit.joules),
    { label: `energy (${unit.name})`, hasZero: true },
  );
  const key = legend(accounts.map(accountEntry), style);
  const rows = [...totals].map(([policy, energyJ]) => ({ policy, total: energyJ / unit.joules }));
  return {
    ...framed(style, {
      heightPx: key.heightPx + (2.4 * policies.length + 5) * style.fontPx,
      leftChars: most(policies.map((policy) => policy.length)),
      topPx: key.heightPx - style.fontPx,
      rightChars: 8,
    }),
    x: x.scale,
    y: { domain: policies, label: null, padding: 0.25 },
    marks: [
      key.mark,
      hatchMark(accounts.flatMap((account) => ACCOUNT_LOOKS[account].hatchDeg ?? [])),
      gridX(),
      axisX(),
      axisY({ tickSize: 0 }),
      ...accounts.flatMap((account) => accountMarks(account, parts)),
      ruleX([0]),
      text(rows, {
        ...{ y: 'policy', x: 'total', textAnchor: 'start', dx: 5 },
        text: ({ total }: { total: number }) => fixed(total, 2),
      }),
      tip(
        parts,
        pointer({
          x: ({ from, until }: DrawnPart) => (from + until) / 2,
          y: 'policy',
          title: 'title',
        }),
      ),
    ],
  };
}

function accountMarks(account: Account, parts: readonly DrawnPart[]) {
  const { colour, hatchDeg } = ACCOUNT_LOOKS[account];
  const own = parts.filter((part) => part.account === account);
  const bar = (fill: string) => barX(own, { x1: 'from', x2: 'until', y: 'policy', fill });
  return [bar(colour.light), ...(hatchDeg === undefined ? [] : [bar(hatchPaint(hatchDeg))])];
}

function accountEntry(account: Account) {
  const { colour, hatchDeg } = ACCOUNT_LOOKS[account];
  const over = hatchDeg === undefined ? {} : { over: hatchPaint(hatchDeg) };
  return { name: ACCOUNTS[account].title, colour: colour.light, ...over };
}

/** Places the parts of each bar one after another. */
function stacked(
  bars: readonly LedgerBar[],
  totals: ReadonlyMap<string, number>,
  unit: EnergyUnit,
): DrawnPart[] {
  const ends = new Map<string, number>();
  return bars.map((bar) => {
    const energy = bar.energyJ / unit.joules;
    const from = ends.get(bar.policy) ?? 0;
    ends.set(bar.policy, from + energy);
    const sharePct = (100 * bar.energyJ) / (totals.get(bar.policy) || 1);
    const title = `${bar.policy}, ${ACCOUNTS[bar.account].title}\n${fixed(energy, 3)} ${unit.name}, ${fixed(sharePct, 1)} %`;
    return { ...bar, from, until: from + energy, title };
  });
}
