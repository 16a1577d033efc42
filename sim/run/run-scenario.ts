import { most } from '../../src/extremes.js';
import { activationPeaks, type ActivationPeaks } from '../../src/pipeline/activation-peaks.js';
import { bubbleRatio } from '../../src/pipeline/bubble.js';
import type { ComputationDag } from '../../src/pipeline/dag.js';
import { slowFrontierAdvice } from '../../src/planner/perseus/frontier-size.js';
import type { FrontierPoint, Planner, PlanningProgress } from '../../src/planner/planner.js';
import { highestClock, largestRoundingPct } from '../../src/profile/operation-costs.js';
import { percentMore } from '../../src/units.js';
import { bloatRemoved } from '../energy/bloat.js';
import type { Ledger } from '../energy/ledger.js';
import { LedgerSum } from '../energy/ledger-sum.js';
import { afterMeetingS } from '../training/timing.js';
import { balanceOf, type BalanceResult } from './balance.js';
import { bootstrapInterval, type Interval } from './bootstrap.js';
import type { EnergyBound } from './energy-bound.js';
import { memoryShortage, type MemoryNeed } from './memory-need.js';
import { PlanCache } from './plan-cache.js';
import { besideBase, plannedJob, type PlannedJob, type PlannedResult } from './planned-job.js';
import { FRONTIER_POLICIES, policyPlans, type PolicyPlans } from './policy-plans.js';
import { scenarioJitter } from './scenario-jitter.js';
import type { Scenario } from '../scenario/scenario-schema.js';
import {
  hasOverheads,
  scenarioSetting,
  type ScenarioProfile,
  type Setting,
} from '../scenario/scenario-setting.js';
import { withDrawnStragglers } from './straggler-draws.js';
import { trainingRun, type Jitter, type Knowledge, type TrainingRun } from './training-run.js';

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
export interface ScenarioResult {
  readonly scenario: Scenario;
  readonly title: string;
  /** Of every pipeline. */
  readonly dag: ComputationDag;
  readonly fit: ScenarioProfile['fit'];
  readonly estimate: ScenarioProfile['estimate'];
  /** What was left out, converted or guessed when the profile was read. */
  readonly profileNotes: readonly string[];
  /** What does not fit into the memory of the GPUs, as far as that is known. */
  readonly memoryShortage: MemoryNeed | undefined;
  /** In real time, scaled. */
  readonly unitTimeS: number;
  /** The most that whole ticks take off an instruction. */
  readonly roundingPct: number;
  readonly gpus: number;
  readonly peaks: ActivationPeaks;
  /** Waiting of stages for each other over their computing, at the highest clocks. */
  readonly bubbleRatio: number;
  /** Only where the scenario's stages are not as the profile has them. */
  readonly balance: BalanceResult | undefined;
  readonly hasOverheads: boolean;
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
}

/**
 * Runs a scenario: plans with each policy, simulates the job, books the energy; once for each seed.
 *
 * @throws InputError when profile and pipeline do not fit together.
 */
export async function runScenario(
  scenario: Scenario,
  source: ScenarioProfile,
  options: RunOptions = {},
): Promise<ScenarioResult> {
  const { onProgress = () => undefined, cache = new PlanCache(), findBound, more = [] } = options;
  const setting = scenarioSetting(scenario, source);
  if (scenario.policies.some((policy) => FRONTIER_POLICIES.has(policy))) {
    const advice = slowFrontierAdvice(setting.problem, {
      scale: setting.scale,
      field: 'unitTimeS',
    });
    if (advice !== undefined) options.onAdvice?.(advice);
  }
  const compared = [...scenario.policies, ...more];
  const total = compared.length + 2;
  const report = (done: number, what: string) => (part: number) => {
    onProgress(done + part, total, what);
  };
  report(0, 'bound')(0);
  const bound =
    findBound !== undefined && isBoundKnown(setting)
      ? await cache.boundOf(scenario, () => findBound(setting, report(0, 'bound')))
      : undefined;
  const plans = compared.map((policy, k) =>
    policyPlans(
      setting,
      policy,
      report(k + 1, typeof policy === 'string' ? policy : policy.name),
      cache,
    ),
  );
  report(total - 1, 'simulation')(0);
  const seeds = Array.from({ length: scenario.seeds }, (_, k) => scenario.seed + k);
  const runs = seeds.map((seed) => runsOfSeed(setting, plans, seed, bound));
  const policies = compared.map((_, k) => meanOfSeeds(runs.map((rows) => rows[k]!)));
  report(total, 'done')(0);
  const peaks = activationPeaks(setting.dag);
  return {
    scenario,
    title: source.title,
    dag: setting.dag,
    fit: source.fit,
    estimate: source.estimate,
    profileNotes: source.profile.notes ?? [],
    memoryShortage:
      // Stages of other sizes than the model was cut into hold another part of it.
      source.memory === undefined || scenario.imbalance !== undefined
        ? undefined
        : memoryShortage(setting.dag, peaks, source.memory),
    unitTimeS: setting.problem.unitTimeS,
    roundingPct: largestRoundingPct(setting.profile, setting.problem.unitTimeS),
    gpus: scenario.pipelines * scenario.pipeline.stages * scenario.tensorParallel,
    peaks,
    bubbleRatio: bubbleRatio(setting.dag, timesAtHighestClocks(setting)),
    balance: scenario.imbalance === undefined ? undefined : balanceOf(setting, source),
    hasOverheads: hasOverheads(setting.timing),
    simulatedPipelines: runs[0]![0]!.simulatedPipelines,
    bound: bound && { method: bound.method, extraTimePct: boundExtraTimePct(setting, bound, runs) },
    isBoundKnown: isBoundKnown(setting),
    policies,
  };
}

function timesAtHighestClocks({ dag, problem }: Setting): Float64Array {
  return Float64Array.from(dag.operation, (op) => highestClock(problem.operations[op]!).timeS);
}

/** The bound knows plain stragglers and overheads, all of them at one blocking power. */
function isBoundKnown({ scenario, plain, conditions, gpus }: Setting): boolean {
  const { communicationPowerW = gpus.blockingPowerW } = gpus;
  return (
    plain !== undefined &&
    isDeterministic(scenario) &&
    scenario.iterations === 1 &&
    conditions.clockSwitchS === 0 &&
    conditions.waitingW === undefined &&
    communicationPowerW === gpus.blockingPowerW
  );
}

/** Whether nothing is drawn. */
function isDeterministic({ jitter, sequenceLengths, randomStragglers }: Scenario): boolean {
  return jitter === undefined && sequenceLengths === undefined && randomStragglers === undefined;
}

function boundExtraTimePct(
  { plain }: Setting,
  bound: EnergyBound,
  runs: readonly (readonly SeedRow[])[],
): number {
  if (plain === undefined) return 0;
  return runs
    .flat()
    .reduce((most, { meetS }) => Math.max(most, 100 * bound.extraTime(plain, meetS)), 0);
}

/** One policy's row of one seed. */
interface SeedRow extends PolicyResult {
  /** When pipelines have met. */
  readonly meetS: number;
  readonly simulatedPipelines: number;
}

/** One seed's runs: the same stragglers and jitter for every policy. */
function runsOfSeed(
  shared: Setting,
  plans: readonly PolicyPlans[],
  seed: number,
  bound: EnergyBound | undefined,
): SeedRow[] {
  const { scenario, dag } = shared;
  const jitter = scenarioJitter(scenario, dag, seed);
  const { setting, runs } = withDrawnStragglers(shared, seed, (stragglers) => {
    const setting = { ...shared, stragglers };
    const runs = plans.map((ofPolicy) => runsOfPolicy(setting, ofPolicy, jitter));
    const timesS = runs.flatMap(({ unaware, aware, oracle }) =>
      [unaware, aware, oracle].map(({ timeS }) => timeS),
    );
    return { setting, runs, longestS: most(timesS) };
  });
  const baseline = runs[scenario.policies.indexOf('max-frequency')]!;
  const plannedBase = plannedRow(setting, baseline.plans);
  return runs.map((run) => {
    const planned = plannedRow(setting, run.plans);
    return {
      ...policyRow(setting, run, baseline.aware, bound),
      planned: planned && plannedBase && besideBase(planned, plannedBase),
    };
  });
}

function runsOfPolicy(setting: Setting, plans: PolicyPlans, jitter?: Jitter): PolicyRuns {
  const run = (knowledge: Knowledge) => trainingRun(setting, plans, knowledge, jitter);
  const unaware = run('unaware');
  if (setting.stragglers.length === 0) return { plans, unaware, aware: unaware, oracle: unaware };
  const aware = run('notified');
  return { plans, unaware, aware, oracle: isKnownThroughout(setting) ? aware : run('oracle') };
}

/** Nothing comes or goes: being told is as good as having known. */
function isKnownThroughout({ stragglers }: Setting): boolean {
  return stragglers.every(({ fromS, untilS }) => fromS === undefined && untilS === undefined);
}

interface PolicyRuns {
  readonly plans: PolicyPlans;
  /** All pipelines run the fastest plan. */
  readonly unaware: TrainingRun;
  /** Healthy pipelines run the plan for the stragglers that were noticed. */
  readonly aware: TrainingRun;
  readonly oracle: TrainingRun;
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

/** What the planner promises of one iteration, where nothing but plain stragglers goes wrong. */
function plannedRow(setting: Setting, plans: PolicyPlans): PlannedJob | undefined {
  const { scenario, plain, stragglers } = setting;
  // With a limit on the job's power, max-frequency itself runs other clocks than the sums assume.
  const isSumKnown = isDeterministic(scenario) && scenario.power.jobLimitW === undefined;
  if (plain === undefined || scenario.iterations > 1 || !isSumKnown) return undefined;
  const planned = {
    problem: plans.problem,
    job: plain,
    afterMeeting: afterMeeting(setting),
  };
  const { healthy, ofStragglers } = plans.forStragglers(stragglers);
  return plannedJob(planned, plans.fastest, healthy, ofStragglers);
}

function boundOfJob(setting: Setting, bound: EnergyBound, meetS: number): number | undefined {
  const { plain, scenario } = setting;
  if (plain === undefined) return undefined;
  return bound.ofJob(plain, meetS) + scenario.pipelines * afterMeeting(setting).energyJ;
}

/** What one pipeline takes and uses after all have met, where waiting has one power. */
function afterMeeting({ timing, gpus, dag }: Setting): FrontierPoint {
  const { blockingPowerW, synchronisationPowerW = blockingPowerW, gpusPerStage } = gpus;
  const { synchronisationS = 0 } = timing;
  const timeS = afterMeetingS(timing);
  const ofOneGpuJ =
    blockingPowerW * (timeS - synchronisationS) + synchronisationPowerW * synchronisationS;
  return { timeS, energyJ: dag.stageCount * gpusPerStage * ofOneGpuJ };
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
