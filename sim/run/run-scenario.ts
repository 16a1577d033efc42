import { slowFrontierAdvice } from '../../src/planner/perseus/frontier-size.js';
import type { Planner, PlanningProgress } from '../../src/planner/planner.js';
import { percentMore } from '../../src/units.js';
import { bloatRemoved } from '../energy/bloat.js';
import type { Ledger } from '../energy/ledger.js';
import { LedgerSum } from '../energy/ledger-sum.js';
import { bootstrapInterval, type Interval } from './bootstrap.js';
import { boundExtraTimePct, boundOfJob, isBoundKnown, plannedByPolicy } from './closed-forms.js';
import type { EnergyBound } from './energy-bound.js';
import type { Keeping, KeptRun } from './kept-run.js';
import { PlanCache } from './plan-cache.js';
import { besideBase, type PlannedResult } from './planned-job.js';
import { FRONTIER_POLICIES, policyPlans } from './policy-plans.js';
import { scenarioFacts, type ScenarioFacts } from './scenario-facts.js';
import type { Scenario } from '../scenario/scenario-schema.js';
import {
  scenarioSetting,
  type ScenarioProfile,
  type Setting,
} from '../scenario/scenario-setting.js';
import { simulateSeed, type PolicyRuns, type SeedRun } from './seed-run.js';
import type { TrainingRun } from './training-run.js';

/** One row of the table: the whole job under one policy, over all iterations of the scenario. */
export interface PolicyResult {
  readonly policy: string;
  /** What the cost model promises; absent where no closed form knows what goes wrong. */
  readonly planned: PlannedResult | undefined;
  readonly simulatedTimeS: number;
  readonly simulatedEnergyJ: number;
  /** Simulated time beyond that of max-frequency. */
  readonly slowdownPct: number;
  /** Simulated energy below that of max-frequency, and its two parts. */
  readonly savingPct: number;
  readonly intrinsicPct: number;
  readonly extrinsicPct: number;
  readonly averagePowerW: number;
  /** Time and energy beyond those of the same policy had it known of every straggler in time. */
  readonly regretTimePct: number;
  readonly regretEnergyPct: number;
  /** Energy of the least that the simulated iteration time needs, where that is known. */
  readonly boundJ: number | undefined;
  /** Simulated energy above the bound, percent of the bound. */
  readonly aboveBoundPct: number | undefined;
  /** 95 % bootstrap intervals of the means over seeds; absent for one seed. */
  readonly intervals: PolicyIntervals | undefined;
  readonly ledger: Ledger;
}

/** Intervals of a row's means. */
export interface PolicyIntervals {
  readonly simulatedTimeS: Interval;
  readonly simulatedEnergyJ: Interval;
  readonly slowdownPct: Interval;
  readonly savingPct: Interval;
}

/** What running a scenario gives. */
export interface ScenarioResult extends ScenarioFacts {
  /** Pipelines that had to be simulated; the others are identical to one of them. */
  readonly simulatedPipelines: number;
  /**
   * How the bound was found, and in what part of the time more the least energy is no higher than it,
   * of all policies the most, percent. Absent where it was not asked for or is not known.
   */
  readonly bound:
    { readonly method: EnergyBound['method']; readonly extraTimePct: number } | undefined;
  /** Whether there would be a bound, had it been asked for. */
  readonly isBoundKnown: boolean;
  readonly policies: readonly PolicyResult[];
  /** The first seed's run, to look at; only where it was to be kept. */
  readonly kept: KeptRun | undefined;
}

/** A result with its run kept. */
export interface KeptScenarioResult extends ScenarioResult {
  readonly kept: KeptRun;
}

/** Told of what is being done and how much of it is done, for a progress bar. */
export type ProgressListener = (done: number, total: number, what: string) => void;

/** What `runScenario` may be given besides a scenario. */
export interface RunOptions {
  readonly onProgress?: ProgressListener;
  /** Shared by scenarios that plan the same; each call has its own if left out. */
  readonly cache?: PlanCache;
  /** Finds the least energy possible (`energyBound`); without it rows have no bound. */
  readonly findBound?: (setting: Setting, onProgress: PlanningProgress) => Promise<EnergyBound>;
  /** Told what a user can do about planning that takes long, before it begins. */
  readonly onAdvice?: (sentence: string) => void;
  /** Planners from elsewhere, after the scenario's policies. */
  readonly more?: readonly Planner[];
  /** What of the run is kept for pictures and traces; nothing if left out. */
  readonly keep?: Keeping | undefined;
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
 * @throws InputError when profile and pipeline do not fit together.
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
  const { cache = new PlanCache(), findBound, keep, onAdvice, more = [] } = options;
  const compared = [...scenario.policies, ...more];
  const report = phases(options.onProgress, compared.length + 2);

  // 1 resolve
  const setting = scenarioSetting(scenario, source);
  const advice = frontierAdvice(setting);
  if (advice !== undefined) onAdvice?.(advice);

  // 2 bound
  const isKnown = isBoundKnown(setting);
  const onBound = report(0, 'bound');
  onBound(0);
  const bound =
    findBound !== undefined && isKnown
      ? await cache.boundOf(scenario, () => findBound(setting, onBound))
      : undefined;

  // 3 plan
  const plans = compared.map((policy, k) => {
    const onPlan = report(k + 1, typeof policy === 'string' ? policy : policy.name);
    return policyPlans(setting, policy, onPlan, cache);
  });

  // 4 simulate, 5 rows
  report(compared.length + 1, 'simulation')(0);
  const ofSeeds = Array.from({ length: scenario.seeds }, (_, k) => {
    const run = simulateSeed(setting, plans, scenario.seed + k, k === 0 ? keep : undefined);
    return { rows: rowsOfSeed(run, bound), kept: run.kept };
  });

  // 6 mean over seeds
  const policies = compared.map((_, k) => meanOfSeeds(ofSeeds.map(({ rows }) => rows[k]!)));
  report(compared.length + 2, 'done')(0);
  const [{ rows, kept }] = ofSeeds as [(typeof ofSeeds)[0]];
  const meetTimesS = ofSeeds.flatMap((seed) => seed.rows.map(({ meetS }) => meetS));
  return {
    ...scenarioFacts(setting, source),
    simulatedPipelines: rows[0]!.simulatedPipelines,
    bound: bound && {
      method: bound.method,
      extraTimePct: boundExtraTimePct(setting, bound, meetTimesS),
    },
    isBoundKnown: isKnown,
    policies,
    kept,
  };
}

/** Reports of phases of equal length: of the phase and the part of it that is done. */
function phases(onProgress: ProgressListener = () => undefined, total: number) {
  return (done: number, what: string) => (part: number) => {
    onProgress(done + part, total, what);
  };
}

/** What a user can do about a frontier that takes long to plan; undefined if none does. */
function frontierAdvice({ scenario, problem, scale }: Setting): string | undefined {
  if (!scenario.policies.some((policy) => FRONTIER_POLICIES.has(policy))) return undefined;
  return slowFrontierAdvice(problem, { scale, field: 'unitTimeS' });
}

/** One policy's row of one seed. */
interface SeedRow extends PolicyResult {
  /** When pipelines have met. */
  readonly meetS: number;
  readonly simulatedPipelines: number;
}

function rowsOfSeed({ setting, runs }: SeedRun, bound: EnergyBound | undefined): SeedRow[] {
  const baseline = runs[setting.scenario.policies.indexOf('max-frequency')]!;
  const plannedBase = plannedByPolicy(setting, baseline.plans);
  return runs.map((run) => {
    const planned = plannedByPolicy(setting, run.plans);
    return {
      ...policyRow(setting, run, baseline.aware, bound),
      planned: planned && plannedBase && besideBase(planned, plannedBase),
    };
  });
}

function policyRow(
  setting: Setting,
  { plans, unaware, aware, oracle }: PolicyRuns,
  baseline: TrainingRun,
  bound: EnergyBound | undefined,
): Omit<SeedRow, 'planned'> {
  const { timeS, meetS, ledger, simulatedPipelines } = aware;
  const energyJ = ledger.totalJ;
  const boundJ = bound && boundOfJob(setting, bound, meetS);
  return {
    policy: plans.policy,
    simulatedTimeS: timeS,
    simulatedEnergyJ: energyJ,
    slowdownPct: percentMore(timeS, baseline.timeS),
    ...bloatRemoved(baseline.ledger.totalJ, unaware.ledger.totalJ, energyJ),
    averagePowerW: energyJ / timeS,
    regretTimePct: percentMore(timeS, oracle.timeS),
    regretEnergyPct: percentMore(energyJ, oracle.ledger.totalJ),
    boundJ,
    aboveBoundPct: boundJ === undefined ? undefined : percentMore(energyJ, boundJ),
    intervals: undefined,
    ledger,
    meetS,
    simulatedPipelines,
  };
}

/** Means over seeds with their intervals; a single seed's row stays as it is. */
function meanOfSeeds(rows: readonly SeedRow[]): PolicyResult {
  const [first] = rows;
  if (rows.length === 1) return first!;
  const values = (value: (row: SeedRow) => number) => rows.map(value);
  const mean = (value: (row: SeedRow) => number) =>
    values(value).reduce((sum, x) => sum + x, 0) / rows.length;
  const interval = (value: (row: SeedRow) => number) =>
    bootstrapInterval(values(value), { seed: rows.length });
  const ledger = new LedgerSum();
  for (const row of rows) ledger.add(row.ledger, 1 / rows.length);
  return {
    ...first!,
    simulatedTimeS: mean((row) => row.simulatedTimeS),
    simulatedEnergyJ: mean((row) => row.simulatedEnergyJ),
    slowdownPct: mean((row) => row.slowdownPct),
    savingPct: mean((row) => row.savingPct),
    intrinsicPct: mean((row) => row.intrinsicPct),
    extrinsicPct: mean((row) => row.extrinsicPct),
    averagePowerW: mean((row) => row.averagePowerW),
    regretTimePct: mean((row) => row.regretTimePct),
    regretEnergyPct: mean((row) => row.regretEnergyPct),
    intervals: {
      simulatedTimeS: interval((row) => row.simulatedTimeS),
      simulatedEnergyJ: interval((row) => row.simulatedEnergyJ),
      slowdownPct: interval((row) => row.slowdownPct),
      savingPct: interval((row) => row.savingPct),
    },
    ledger: ledger.value(),
  };
}
