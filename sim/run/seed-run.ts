import { most } from '../../src/extremes.js';
import type { Setting } from '../scenario/scenario-setting.js';
import { isThroughout } from '../training/plain-straggler.js';
import { RunKeeper, type Keeping, type KeptRun } from './kept-run.js';
import type { PolicyPlans } from './policy-plans.js';
import { scenarioJitter } from './scenario-jitter.js';
import { withDrawnStragglers } from './stragglers-by-chance.js';
import {
  trainingRun,
  type IterationWatcher,
  type Jitter,
  type Knowledge,
  type TrainingRun,
} from './training-run.js';

/** One policy's runs with one seed; they differ in what it knows of stragglers. */
export interface PolicyRuns {
  readonly plans: PolicyPlans;
  /** All pipelines run the fastest plan. */
  readonly unaware: TrainingRun;
  /** Healthy pipelines run the plan for the stragglers that were noticed. */
  readonly aware: TrainingRun;
  readonly oracle: TrainingRun;
}

/** One seed's runs: the same stragglers and jitter for every policy. */
export interface SeedRun {
  /** With the stragglers that were drawn. */
  readonly setting: Setting;
  /** Per policy, in the order of the plans. */
  readonly runs: readonly PolicyRuns[];
  /** The data kept of the runs that know the noticed stragglers. */
  readonly kept: KeptRun | undefined;
}

/**
 * Simulates a scenario with one seed under all plans.
 * @param plans the scenario's policies', then others'.
 * @param keep the parts to keep; none if left out.
 */
export function simulateSeed(
  shared: Setting,
  plans: readonly PolicyPlans[],
  seed: number,
  keep?: Keeping,
): SeedRun {
  const jitter = scenarioJitter(shared.scenario, shared.dag, seed);
  return withDrawnStragglers(shared, seed, (stragglers) => {
    const setting = { ...shared, stragglers };
    const keeper = keep && new RunKeeper(setting, keep);
    // A keeper has to see the last policy first.
    const runs = plans
      .toReversed()
      .map((ofPolicy, k) => {
        const isOwn = plans.length - 1 - k < shared.scenario.policies.length;
        const isKept = isOwn || keep?.others === true;
        return runsOfPolicy(setting, ofPolicy, jitter, isKept ? keeper : undefined);
      })
      .toReversed();
    const timesS = runs.flatMap(({ unaware, aware, oracle }) =>
      [unaware, aware, oracle].map(({ timeS }) => timeS),
    );
    return { setting, runs, kept: keeper?.kept(), longestS: most(timesS) };
  });
}

function runsOfPolicy(
  setting: Setting,
  plans: PolicyPlans,
  jitter: Jitter | undefined,
  keeper: RunKeeper | undefined,
): PolicyRuns {
  const run = (knowledge: Knowledge, watch?: IterationWatcher) =>
    trainingRun(setting, plans, knowledge, jitter, watch);
  const keptRun = (knowledge: Knowledge) =>
    keeper?.keeping(plans, (watch) => run(knowledge, watch)) ?? run(knowledge);
  if (setting.stragglers.length === 0) {
    const only = keptRun('unaware');
    return { plans, unaware: only, aware: only, oracle: only };
  }
  const unaware = run('unaware');
  const aware = keptRun('notified');
  return { plans, unaware, aware, oracle: isKnownThroughout(setting) ? aware : run('oracle') };
}

/** Whether nothing comes or goes: notice is then as good as knowing from the beginning. */
function isKnownThroughout({ stragglers }: Setting): boolean {
  return stragglers.every(isThroughout);
}
