import { percentMore } from '../../src/units.js';
import { bloatRemoved } from '../energy/bloat.js';
import type { Ledger } from '../energy/ledger.js';
import { LedgerSum } from '../energy/ledger-sum.js';
import type { Interval } from './bootstrap.js';
import type { PlannedResult } from './planned-job.js';
import type { PolicyRuns } from './seed-run.js';
import type { TrainingRun } from './training-run.js';

/** One policy's runs with one seed, and the runs that they are compared with: the source of figures. */
export interface ComparedRuns extends Pick<PolicyRuns, 'unaware' | 'aware' | 'oracle'> {
  /** The run of max-frequency that `aware` is compared with. */
  readonly baseline: TrainingRun;
  /** The promise of the cost model; absent where no closed form knows what goes wrong. */
  readonly planned: PlannedResult | undefined;
  /** Energy of the least that the simulated iteration time needs, where that is known. */
  readonly boundJ: number | undefined;
}

/** The computation of a figure from the runs of one seed, and the rule that joins several seeds. */
interface PolicyFigure<Value> {
  /** The rule by which several seeds make one figure. */
  readonly overSeeds: 'mean' | 'mean with interval' | 'same';
  readonly of: (runs: ComparedRuns) => Value;
  /** @param values one per seed, at least one. @param name for a message. */
  joined(values: readonly Value[], name: string): Value;
}

/**
 * Every figure of a policy's row. The row's type, its values and its means over seeds are loops over
 * this table; `sim/results/columns.ts` says how figures appear in tables and files.
 */
export const POLICY_FIGURES = {
  /** The cost model's promise; absent if no closed form covers what goes wrong. */
  planned: same(({ planned }) => planned),
  simulatedTimeS: meanWithInterval(({ aware }) => aware.timeS),
  simulatedEnergyJ: meanWithInterval(({ aware }) => aware.ledger.totalJ),
  /** Simulated time beyond that of max-frequency. */
  slowdownPct: mean(({ aware, baseline }) => percentMore(aware.timeS, baseline.timeS)),
  /** Simulated energy below that of max-frequency, and its two parts. */
  savingPct: meanWithInterval((runs) => bloatOf(runs).savingPct),
  intrinsicPct: mean((runs) => bloatOf(runs).intrinsicPct),
  extrinsicPct: mean((runs) => bloatOf(runs).extrinsicPct),
  averagePowerW: mean(({ aware }) => aware.ledger.totalJ / aware.timeS),
  /** Time and energy beyond those of the same policy, had it known of every straggler in time. */
  regretTimePct: mean(({ aware, oracle }) => percentMore(aware.timeS, oracle.timeS)),
  regretEnergyPct: mean(({ aware, oracle }) =>
    percentMore(aware.ledger.totalJ, oracle.ledger.totalJ),
  ),
  /** Energy of the least that the simulated iteration time needs, where that is known. */
  boundJ: same(({ boundJ }) => boundJ),
  /** Simulated energy above the bound, percent of the bound. */
  aboveBoundPct: same(({ aware, boundJ }) =>
    boundJ === undefined ? undefined : percentMore(aware.ledger.totalJ, boundJ),
  ),
  ledger: meanLedger(({ aware }) => aware.ledger),
};

type Figures = typeof POLICY_FIGURES;

/** The figures of a row, by name. */
export type PolicyFigures = {
  readonly [Name in keyof Figures]: ReturnType<Figures[Name]['of']>;
};

/** Names of the figures whose mean over seeds comes with an interval. */
export type FigureWithInterval = {
  [Name in keyof Figures]: Figures[Name]['overSeeds'] extends 'mean with interval' ? Name : never;
}[keyof Figures];

/** 95 % bootstrap intervals of the means over seeds. */
export type PolicyIntervals = { readonly [Name in FigureWithInterval]: Interval };

/** One row of the table: the whole job under one policy, over all iterations of the scenario. */
export interface PolicyResult extends PolicyFigures {
  readonly policy: string;
  /** Absent for one seed. */
  readonly intervals: PolicyIntervals | undefined;
}

/** Names and figures, for loops: a rule takes the type of its own figure. */
export const LISTED_FIGURES = Object.entries(POLICY_FIGURES) as [
  keyof Figures,
  PolicyFigure<unknown>,
][];

/** The figures of one seed. */
export function policyFigures(runs: ComparedRuns): PolicyFigures {
  const figures = LISTED_FIGURES.map(([name, { of }]): [string, unknown] => [name, of(runs)]);
  return Object.fromEntries(figures) as unknown as PolicyFigures;
}

function bloatOf({ baseline, unaware, aware }: ComparedRuns) {
  return bloatRemoved(baseline.ledger.totalJ, unaware.ledger.totalJ, aware.ledger.totalJ);
}

function mean(of: (runs: ComparedRuns) => number) {
  return { of, overSeeds: 'mean', joined: meanOf } as const;
}

function meanWithInterval(of: (runs: ComparedRuns) => number) {
  return { of, overSeeds: 'mean with interval', joined: meanOf } as const;
}

function meanLedger(of: (runs: ComparedRuns) => Ledger) {
  return { of, overSeeds: 'mean', joined: meanOfLedgers } as const;
}

/** A figure that does not depend on chance. */
function same<Value>(of: (runs: ComparedRuns) => Value) {
  return { of, overSeeds: 'same', joined: onlyValue<Value> } as const;
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, x) => sum + x, 0) / values.length;
}

function meanOfLedgers(ledgers: readonly Ledger[]): Ledger {
  const sum = new LedgerSum();
  for (const ledger of ledgers) sum.add(ledger, 1 / ledgers.length);
  return sum.value();
}

function onlyValue<Value>(values: readonly Value[], name: string): Value {
  const different = new Set(values.map((value) => JSON.stringify(value)));
  if (different.size > 1) {
    throw new Error(
      `${name} must be the same for all seeds, found ${[...different].join(' and ')}`,
    );
  }
  return values[0]!;
}
