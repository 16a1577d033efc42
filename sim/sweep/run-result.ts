import { ACCOUNT_KEYS, accountName } from '../energy/accounts.js';
import type { Ledger } from '../energy/ledger.js';
import type { ResultRow } from '../results/columns.js';
import { runRows } from '../results/run-rows.js';
import { energyBound } from '../run/energy-bound.js';
import type { PlanCache } from '../run/plan-cache.js';
import { runScenario } from '../run/run-scenario.js';
import type { Scenario } from '../scenario/scenario-schema.js';
import type { ScenarioProfile } from '../scenario/scenario-setting.js';

/** A run to execute, with all that a worker needs. */
export interface RunTask {
  readonly index: number;
  readonly scenario: Scenario;
  readonly profile: ScenarioProfile;
  /** Hash of the planning problem: runs with the same hash share their plans. */
  readonly frontier: string;
  /** Whether the least energy possible is left out. */
  readonly noBound?: boolean | undefined;
}

/** The result of a run, or the reason why it has none. Plain data: it crosses processes and networks. */
export interface RunResult {
  readonly index: number;
  readonly error: string | null;
  readonly rows: readonly ResultRow[];
  readonly ledger: readonly LedgerRow[];
}

/** One account of a policy in a run. */
export interface LedgerRow {
  readonly policy: string;
  readonly account: string;
  readonly energyJ: number;
}

/**
 * Executes a run. Its errors become part of the result. Frontiers are planned only once enough runs have
 * asked for plans: most runs need two.
 */
export async function doRun(task: RunTask, cache: PlanCache): Promise<RunResult> {
  const { index, scenario, profile, noBound = false } = task;
  try {
    const result = await runScenario(scenario, profile, {
      cache,
      isAlone: true,
      ...(noBound ? {} : { findBound: energyBound }),
    });
    return {
      index,
      error: null,
      rows: runRows(result),
      ledger: result.policies.flatMap(({ policy, ledger }) => ledgerRows(policy, ledger)),
    };
  } catch (error) {
    return failedRun(index, (error as Error).message);
  }
}

/** The result of a failed run. */
export function failedRun(index: number, error: string): RunResult {
  return { index, error, rows: [], ledger: [] };
}

/** The accounts by their names in SQL, and their total. */
function ledgerRows(policy: string, ledger: Ledger): LedgerRow[] {
  return [...ACCOUNT_KEYS, 'totalJ' as const].map((key) => ({
    policy,
    account: accountName(key),
    energyJ: ledger[key],
  }));
}
