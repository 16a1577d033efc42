import { FRONTIER_POLICIES } from '../../src/planner/policy-names.js';
import { perseusOnDemand } from '../../src/planner/deadline/plans-on-demand.js';
import { slowFrontierAdvice } from '../../src/planner/perseus/frontier-size.js';
import type { Planner } from '../../src/planner/planner.js';
import {
  approximatePlanner,
  approximationOf,
  isApproximable,
  needsNoFrontier,
  type Approximate,
  type Approximation,
} from './approximation.js';
import { boundExtraTimePct, boundOfJob, isBoundKnown, plannedByPolicy } from './closed-forms.js';
import type { EnergyBound } from './energy-bound.js';
import type { Keeping, KeptRun } from './kept-run.js';
import type { LiveConnection } from './live-plans.js';
import { PlanCache } from './plan-cache.js';
import { besideBase } from './planned-job.js';
import { overSeeds } from './over-seeds.js';
import { policyFigures, type PolicyFigures, type PolicyResult } from './policy-figures.js';
import { policyPlans, type PolicyPlans } from './policy-plans.js';
import { scenarioFacts, type ScenarioFacts } from './scenario-facts.js';
import type { Scenario } from '../scenario/scenario-schema.js';
import type { ScenarioProfile, Setting } from '../scenario/scenario-setting.js';
import { seedSteps, type PlansAsked, type RunWatch, type SeedRun } from './seed-run.js';
import { sharedSetting } from './shared-setting.js';
import { slowerClocks, type SlowerClocks } from './slower-clocks.js';
import type { RunSteps } from './training-run.js';

/** The result of running a scenario. */
export interface ScenarioResult extends ScenarioFacts {
  /** Pipelines that had to be simulated; the others are identical to one of them. */
  readonly simulatedPipelines: number;
  /**
   * The method of the bound, and the extra time, percent, in which the least energy is no higher than
   * it: the largest over all policies. Absent if it was not asked for or is unknown.
   */
  readonly bound:
    { readonly method: EnergyBound['method']; readonly extraTimePct: number } | undefined;
  /** Whether there would be a bound, had it been asked for. */
  readonly isBoundKnown: boolean;
  readonly policies: readonly PolicyResult[];
  /** Per policy, if the scenario has faults: the whole job with slower plans of its frontier. */
  readonly slowerClocks?: readonly (readonly SlowerClocks[])[];
  /** Present if plans are approximate. */
  readonly approximation?: Approximation;
  /** The first seed's run, if it was to be kept. */
  readonly kept: KeptRun | undefined;
}

/** A result with its run kept. */
export interface KeptScenarioResult extends ScenarioResult {
  readonly kept: KeptRun;
}

/** Receives the current step and the part of it that is done, for a progress bar. */
export type ProgressListener = (done: number, total: number, what: string) => void;

/** Options of `runScenario` besides a scenario. */
export interface RunOptions {
  readonly onProgress?: ProgressListener;
  /** Shared by scenarios with the same planning problem; each call has its own if left out. */
  readonly cache?: PlanCache;
  /** Finds the least energy possible (`energyBound`); without it rows have no bound. */
  readonly findBound?: (setting: Setting) => EnergyBound;
  /** Receives advice on slow planning, before it begins. */
  readonly onAdvice?: (sentence: string) => void;
  /** Makes approximate plans, without frontiers; the cache must then hold no others. */
  readonly approximate?: Approximate;
  /** External planners, after the scenario's policies. */
  readonly more?: readonly Planner[];
  /**
   * Whether few plans are needed, here and in other runs with the same cache: frontiers that cost more
   * than these are not planned, but drawn in outline. The figures are the same.
   */
  readonly isAlone?: boolean;
  /** One more policy, the last, whose plans are made elsewhere while the run goes on. */
  readonly live?: LiveConnection | undefined;
  /** The parts of the run to keep for pictures and traces; none if left out. */
  readonly keep?: Keeping | undefined;
  /** Sees every iteration of the first seed's deployed runs. */
  readonly watch?: RunWatch | undefined;
}

/**
 * Runs a scenario.
 *
 * ```text
 *   Scenario, ScenarioProfile
 *       │ 1 resolve            into what planners and simulator need
 *       ▼
 *    Setting ────────────┐
 *       │ 3 plan         │ 2 bound   the least energy possible, if asked for
 *       ▼ every policy   ▼
 *   PolicyPlans     EnergyBound
 *       │ 4 simulate     │
 *       ▼ seed by seed   │
 *    SeedRun ──► KeptRun │    of the first seed, if asked for: pictures, traces, the page
 *       │ 5 rows ◄───────┘    beside max-frequency and the bound
 *       ▼ seed by seed
 *    SeedRow
 *       │ 6 mean              over seeds, with intervals
 *       ▼
 *   ScenarioResult
 * ```
 *
 * @throws InputError if profile and pipeline do not fit together.
 */
export async function runScenario(
  scenario: Scenario,
  source: ScenarioProfile,
  options: RunOptions & { readonly keep: Keeping },
): Promise<KeptScenarioResult>;
export async function runScenario(
  scenario: Scenario,
  source: ScenarioProfile,
  options?: RunOptions,
): Promise<ScenarioResult>;
export async function runScenario(
  scenario: Scenario,
  source: ScenarioProfile,
  options: RunOptions = {},
): Promise<ScenarioResult> {
  const { cache = new PlanCache(), findBound, keep, onAdvice, more = [], live } = options;
  const { approximate } = options;
  const compared = [...plannersOf(scenario, options), ...more];
  const report = phases(options.onProgress, compared.length + 2);

  // 1 resolve
  const shared = sharedSetting(cache, scenario, source);
  const { setting } = shared;
  const advice = approximate === undefined ? frontierAdvice(setting) : undefined;
  if (advice !== undefined) onAdvice?.(advice);

  // 2 bound
  const isKnown = isBoundKnown(setting);
  report(0, 'bound')(0);
  const bound =
    findBound !== undefined && isKnown
      ? cache.boundOf(scenario, () => findBound(setting))
      : undefined;

  // 3 plan
  const plans: PolicyPlans[] = compared.map((policy, k) => {
    const onPlan = report(k + 1, typeof policy === 'string' ? policy : policy.name);
    return policyPlans(setting, policy, onPlan, cache);
  });
  if (live !== undefined) plans.push(await live(setting));

  // 4 simulate, 5 rows
  report(compared.length + 1, 'simulation')(0);
  const ofSeeds: { readonly rows: SeedRow[]; readonly kept: KeptRun | undefined }[] = [];
  for (let k = 0; k < scenario.seeds; k++) {
    const [kept, watched] = k === 0 ? [keep, options.watch] : [];
    const steps = seedSteps(setting, plans, scenario.seed + k, kept, watched);
    const run = await afterWaiting(steps);
    ofSeeds.push({ rows: rowsOfSeed(run, bound), kept: run.kept });
  }
  for (const policy of plans) await policy.live?.reported();

  // 6 mean over seeds
  const policies = plans.map(({ policy }, k) => {
    const rows = ofSeeds.map((seed) => seed.rows[k]!);
    return overSeeds(policy, rows);
  });
  report(compared.length + 2, 'done')(0);
  const [{ rows, kept }] = ofSeeds as [(typeof ofSeeds)[0]];
  const meetTimesS = ofSeeds.flatMap((seed) => seed.rows.map(({ meetS }) => meetS));
  const result = {
    ...scenarioFacts(shared),
    simulatedPipelines: rows[0]!.simulatedPipelines,
    bound: bound && {
      method: bound.method,
      extraTimePct: boundExtraTimePct(setting, bound, meetTimesS),
    },
    isBoundKnown: isKnown,
    policies,
    ...(scenario.faults && {
      slowerClocks: plans.map((policy) => slowerClocks(setting, policy)),
    }),
    ...(approximate && { approximation: approximationOf(setting, plans, approximate) }),
    kept,
  };
  return options.watch?.finished?.(result) ?? result;
}

/** The scenario's policies, or planners of their approximate plans, or of no more than is needed. */
function plannersOf(scenario: Scenario, { approximate, isAlone }: RunOptions) {
  const isOnDemand = isAlone === true && needsNoFrontier(scenario);
  return scenario.policies.map((policy) => {
    if (approximate !== undefined && isApproximable(policy)) {
      return approximatePlanner(policy, approximate);
    }
    return isOnDemand && policy === perseusOnDemand.name ? perseusOnDemand : policy;
  });
}

/** The result of a run that waits for plans made elsewhere. */
async function afterWaiting<Result>(steps: RunSteps<Result, PlansAsked>): Promise<Result> {
  let step = steps.next();
  while (step.done !== true) {
    const { from, known, isDeployed } = step.value;
    step = steps.next(await (isDeployed ? from.deploy(known) : from.foresee(known)));
  }
  return step.value;
}

/** Reports the phase and the part of it that is done, of phases of equal length. */
function phases(onProgress: ProgressListener = () => undefined, total: number) {
  return (done: number, what: string) => (part: number) => {
    onProgress(done + part, total, what);
  };
}

/** Advice on a frontier that takes long to plan; undefined if none does. */
function frontierAdvice({ scenario, problem, scale }: Setting): string | undefined {
  if (!scenario.policies.some((policy) => FRONTIER_POLICIES.has(policy))) return undefined;
  return slowFrontierAdvice(problem, { scale, field: 'unitTimeS' });
}

/** One policy's row of one seed. */
interface SeedRow extends PolicyFigures {
  /** The time at which pipelines meet. */
  readonly meetS: number;
  readonly simulatedPipelines: number;
}

function rowsOfSeed({ setting, runs }: SeedRun, bound: EnergyBound | undefined): SeedRow[] {
  const baseline = runs[setting.scenario.policies.indexOf('max-frequency')]!;
  const plannedBase = plannedByPolicy(setting, baseline.plans);
  return runs.map(({ plans, ...run }) => {
    const { meetS, simulatedPipelines } = run.aware;
    const planned = plannedByPolicy(setting, plans);
    const figures = policyFigures({
      ...run,
      baseline: baseline.aware,
      planned: planned && plannedBase && besideBase(planned, plannedBase),
      boundJ: bound && boundOfJob(setting, bound, meetS),
    });
    return { ...figures, meetS, simulatedPipelines };
  });
}
