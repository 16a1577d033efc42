import { most } from '../../src/extremes.js';
import type { Setting } from '../scenario/scenario-setting.js';
import type { Straggler } from '../training/data-parallel.js';
import { isThroughout } from '../training/plain-straggler.js';
import { RunKeeper, type Keeping, type KeptRun } from './kept-run.js';
import type { LivePlans } from './live-plans.js';
import type { PolicyPlans } from './policy-plans.js';
import type { ScenarioResult } from './run-scenario.js';
import { scenarioJitter } from './scenario-jitter.js';
import { withDrawnStragglers } from './stragglers-by-chance.js';
import {
  trainingRun,
  trainingSteps,
  type IterationWatcher,
  type Jitter,
  type Knowledge,
  type RunSteps,
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

/** Watches the runs of a seed in which the plans of policies are deployed, iteration by iteration. */
export interface RunWatch {
  /**
   * Begins a policy's run, before its first iteration. A policy that began already begins anew: its
   * stragglers were not known for long enough. @returns undefined to pass it over.
   */
  begin(policy: string, setting: Setting): IterationWatcher | undefined;
  /** Receives the result of the run, and returns it, with what was seen if it belongs to it. */
  finished?<Result extends ScenarioResult>(result: Result): Result;
}

/** The plans that a run waits for: they are made elsewhere. */
export interface PlansAsked {
  readonly from: LivePlans;
  /** The stragglers known. */
  readonly known: readonly Straggler[];
  /** Whether the job runs them; otherwise it only asks itself how it would have run. */
  readonly isDeployed: boolean;
}

/** Steps of runs; they pause only for plans that are made elsewhere. */
type Steps<Result> = RunSteps<Result, PlansAsked>;

/**
 * Simulates a scenario with one seed under all plans.
 * @param plans the scenario's policies', then others'.
 * @param keep the parts to keep; none if left out.
 */
export function seedSteps(
  shared: Setting,
  plans: readonly PolicyPlans[],
  seed: number,
  keep?: Keeping,
  watch?: RunWatch,
): Steps<SeedRun> {
  const jitter = scenarioJitter(shared.scenario, shared.dag, seed);
  return withDrawnStragglers(shared, seed, function* (stragglers) {
    const setting = { ...shared, stragglers };
    const keeper = keep && new RunKeeper(setting, keep);
    const runs: PolicyRuns[] = [];
    // A keeper has to see the last policy first.
    for (const [k, ofPolicy] of [...plans.entries()].toReversed()) {
      const isOwn = k < shared.scenario.policies.length;
      const isKept = isOwn || keep?.others === true;
      runs.unshift(
        yield* runsOfPolicy(
          { setting, plans: ofPolicy, jitter },
          isKept ? keeper : undefined,
          watch?.begin(ofPolicy.policy, setting),
        ),
      );
    }
    const timesS = runs.flatMap(({ unaware, aware, oracle }) =>
      [unaware, aware, oracle].map(({ timeS }) => timeS),
    );
    return { setting, runs, kept: keeper?.kept(), longestS: most(timesS) };
  });
}

/** A policy in a setting. */
interface PolicyInSetting {
  readonly setting: Setting;
  readonly plans: PolicyPlans;
  readonly jitter: Jitter | undefined;
}

function* runsOfPolicy(
  policy: PolicyInSetting,
  keeper: RunKeeper | undefined,
  watchToo: IterationWatcher | undefined,
): Steps<PolicyRuns> {
  const { setting, plans } = policy;
  const run = (knowledge: Knowledge) => runSteps(policy, knowledge, false);
  const deployed = (knowledge: Knowledge) => {
    const steps = (watch?: IterationWatcher) =>
      runSteps(policy, knowledge, true, both(watch, watchToo));
    return keeper?.keeping(plans, steps) ?? steps();
  };
  if (setting.stragglers.length === 0) {
    const only = yield* deployed('unaware');
    return { plans, unaware: only, aware: only, oracle: only };
  }
  const unaware = yield* run('unaware');
  const aware = yield* deployed('notified');
  const oracle = isKnownThroughout(setting) ? aware : yield* run('oracle');
  return { plans, unaware, aware, oracle };
}

/** A watcher that is two: an iteration is kept if either keeps it. */
function both(
  one: IterationWatcher | undefined,
  other: IterationWatcher | undefined,
): IterationWatcher | undefined {
  if (one === undefined || other === undefined) return one ?? other;
  return (iteration) => {
    const keeps = one(iteration);
    return other(iteration) || keeps;
  };
}

/** Runs a policy's iterations; pauses for plans only if they are made elsewhere. */
function* runSteps(
  { setting, plans, jitter }: PolicyInSetting,
  knowledge: Knowledge,
  isDeployed: boolean,
  watch?: IterationWatcher,
): Steps<TrainingRun> {
  const { live } = plans;
  if (live === undefined) return trainingRun(setting, plans, knowledge, jitter, watch);
  const watchToo: IterationWatcher | undefined = isDeployed
    ? (iteration) => {
        live.ran(iteration);
        watch?.(iteration);
        // All of them are reported, those that are alike too.
        return true;
      }
    : watch;
  const steps = trainingSteps(setting, knowledge, jitter, watchToo);
  let step = steps.next();
  while (step.done !== true) {
    step = steps.next(yield { from: live, known: step.value, isDeployed });
  }
  return step.value;
}

/** Whether nothing comes or goes: notice is then as good as knowing from the beginning. */
function isKnownThroughout({ stragglers }: Setting): boolean {
  return stragglers.every(isThroughout);
}
