import { perAccount } from '../energy/accounts.js';
import type { ScenarioResult } from '../run/run-scenario.js';
import { COLUMN_ENTRIES, type ResultRow } from './columns.js';

/** Rows of the machine-readable table, one per policy. */
export function runRows(result: ScenarioResult): ResultRow[] {
  return result.policies.map((row) => {
    const values = COLUMN_ENTRIES.map(([name, { of }]): [string, unknown] => [
      name,
      of(result, row) ?? null,
    ]);
    return Object.fromEntries(values) as ResultRow;
  });
}

/** The ledger of each policy, by account. */
export function runLedgers(result: ScenarioResult): Record<string, unknown>[] {
  return result.policies.map(({ policy, ledger }) => {
    const { computeJ, totalJ } = ledger;
    return {
      policy,
      totalJ,
      ...perAccount((account) => ledger[account]),
      computeByStageJ: computeByStage(result, computeJ),
    };
  });
}

/** Per stage: energy of each kind of its instructions, over all its parts of the model. */
function computeByStage({ dag }: ScenarioResult, computeJ: Float64Array): Record<string, number>[] {
  const stages = Array.from({ length: dag.stageCount }, (): Record<string, number> => ({}));
  dag.operations.forEach(({ stage, kind }, op) => {
    const ofStage = stages[stage]!;
    ofStage[kind] = (ofStage[kind] ?? 0) + computeJ[op]!;
  });
  return stages;
}
