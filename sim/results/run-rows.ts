import { perAccount } from '../energy/accounts.js';
import { costSaved } from '../run/cost-saved.js';
import type { PolicyResult } from '../run/policy-figures.js';
import type { ScenarioResult } from '../run/run-scenario.js';
import type { ResultRow } from './result-columns.js';

/** Rows of the machine-readable table, a policy each. */
export function runRows(result: ScenarioResult): ResultRow[] {
  return result.policies.map((row) => ({
    scenario: result.scenario.name,
    policy: row.policy,
    seed: result.scenario.seed,
    seeds: result.scenario.seeds,
    iterations: result.scenario.iterations,
    gpus: result.gpus,
    planned_time_s: row.planned?.timeS ?? null,
    simulated_time_s: row.simulatedTimeS,
    simulated_time_low_s: row.intervals?.simulatedTimeS.low ?? null,
    simulated_time_high_s: row.intervals?.simulatedTimeS.high ?? null,
    slowdown_pct: row.slowdownPct,
    planned_energy_j: row.planned?.energyJ ?? null,
    simulated_energy_j: row.simulatedEnergyJ,
    simulated_energy_low_j: row.intervals?.simulatedEnergyJ.low ?? null,
    simulated_energy_high_j: row.intervals?.simulatedEnergyJ.high ?? null,
    planned_saving_pct: row.planned?.savingPct ?? null,
    simulated_saving_pct: row.savingPct,
    simulated_saving_low_pct: row.intervals?.savingPct.low ?? null,
    simulated_saving_high_pct: row.intervals?.savingPct.high ?? null,
    intrinsic_pct: row.intrinsicPct,
    extrinsic_pct: row.extrinsicPct,
    average_power_w: row.averagePowerW,
    regret_time_pct: row.regretTimePct,
    regret_energy_pct: row.regretEnergyPct,
    bound_energy_j: row.boundJ ?? null,
    above_bound_pct: row.aboveBoundPct ?? null,
    // How wrong profiles like it were, where nobody measured it.
    profile_time_error_pct: result.estimate?.leaveOneOut.time.meanPct ?? null,
    profile_slowdown_error_pct: result.estimate?.leaveOneOut.slowdown.meanPct ?? null,
    profile_power_error_pct: result.estimate?.leaveOneOut.power.meanPct ?? null,
    ...costColumns(result, row),
  }));
}

/** What the saving is worth, where the scenario says what energy costs. */
function costColumns(result: ScenarioResult, row: PolicyResult) {
  const saved = costSaved(result, row);
  return {
    currency: result.scenario.prices?.currency ?? null,
    saved_money: saved?.perIteration.money ?? null,
    saved_money_per_day: saved?.perDay.money ?? null,
    saved_carbon_kg: saved?.perIteration.carbonKg ?? null,
    saved_carbon_per_day_kg: saved?.perDay.carbonKg ?? null,
  };
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

/** Per stage: energy of each kind of instruction that it runs, all its parts of the model. */
function computeByStage({ dag }: ScenarioResult, computeJ: Float64Array): Record<string, number>[] {
  const stages = Array.from({ length: dag.stageCount }, (): Record<string, number> => ({}));
  dag.operations.forEach(({ stage, kind }, op) => {
    const ofStage = stages[stage]!;
    ofStage[kind] = (ofStage[kind] ?? 0) + computeJ[op]!;
  });
  return stages;
}
