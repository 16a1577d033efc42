import type { FlattenedRun } from '../../sim/power/flatten/flattened-run.js';
import { RunFlattening } from '../../sim/power/flatten/flattened-run.js';
import { runScenario } from '../../sim/run/run-scenario.js';
import type { Scenario } from '../../sim/scenario/scenario-schema.js';
import type { ScenarioProfile } from '../../sim/scenario/scenario-setting.js';
import type { Ledger } from '../../sim/energy/ledger.js';

/** A policy's run with its series, and its ledger. */
export interface FlattenedPolicyRun {
  readonly policy: string;
  readonly run: FlattenedRun;
  readonly ledger: Ledger;
  readonly timeS: number;
}

/** Runs a scenario, and flattens all policies. */
export async function flattenedRuns(
  scenario: Scenario,
  profile: ScenarioProfile,
): Promise<FlattenedPolicyRun[]> {
  const flattenings = new Map<string, RunFlattening>();
  const { policies } = await runScenario(scenario, profile, {
    watch: {
      begin(policy, setting, plans) {
        const flattening = new RunFlattening(scenario.flatten!, setting, plans);
        flattenings.set(policy, flattening);
        return (iteration) => {
          flattening.add(iteration);
          return true;
        };
      },
    },
  });
  return policies.map(({ policy, ledger, simulatedTimeS }) => ({
    ...{ policy, ledger, timeS: simulatedTimeS },
    run: flattenings.get(policy)!.finish(),
  }));
}
