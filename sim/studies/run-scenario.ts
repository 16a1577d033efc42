import { InputError } from '../../src/errors.js';
import { oneFOneB } from '../../src/pipeline/one-f-one-b.js';
import type { ComputationDag } from '../../src/pipeline/dag.js';
import { planningProblem } from '../../src/planner/planning-problem.js';
import type {
  FrequencyPlan,
  PlanningProblem,
  PlanningProgress,
  Plans,
} from '../../src/planner/planner.js';
import {
  checkUnitTime,
  defaultUnitTime,
  largestRoundingPct,
} from '../../src/profile/operation-costs.js';
import { scaleProfile, type StageProfile } from '../../src/profile/stage-profile.js';
import { percent } from '../../src/units.js';
import { bloatRemoved } from '../energy/bloat.js';
import { bookEnergy, type GpuCounting, type Ledger } from '../energy/ledger.js';
import { profilePhysics, type OperationPhysics } from '../hardware/operation-physics.js';
import { dataParallelJob } from '../training/data-parallel.js';
import { simulateJob, type JobRecord } from '../training/job.js';
import { overheadLags, type TimingOverheads } from '../training/timing.js';
import { energyBound, type EnergyBound } from './energy-bound.js';
import { plannedJob, stragglerTime, type PlannedJob } from './planned-job.js';
import { POLICIES, type PolicyName } from './policies.js';
import type { Scenario } from './scenario-schema.js';

/** What a scenario's profile is, once its file or catalog entry is read. */
export interface ScenarioProfile {
  /** The scenario's file, for messages. */
  readonly askedBy: string;
  /** Unscaled. */
  readonly profile: StageProfile;
  /** Default of the scenario's `scale`. */
  readonly scale: number;
  readonly blockingPowerW: number;
  /** For the heading: model and GPU, or the file. */
  readonly title: string;
  /** How far fitted curves are from what was measured; absent for measured profiles. */
  readonly fit?: { readonly timeRmsPct: number; readonly powerRmsPct: number };
}

/** One row of the table: one iteration of the whole job under one policy. */
export interface PolicyResult {
  readonly policy: PolicyName;
  readonly planned: PlannedJob;
  readonly simulatedTimeS: number;
  readonly simulatedEnergyJ: number;
  /** Simulated time beyond that of max-frequency. */
  readonly slowdownPct: number;
  /** Simulated energy below that of max-frequency, and its two parts. */
  readonly savingPct: number;
  readonly intrinsicPct: number;
  readonly extrinsicPct: number;
  readonly averagePowerW: number;
  /** Energy of the least that the simulated iteration time needs; absent with overheads. */
  readonly boundJ: number | undefined;
  /** Simulated energy above the bound, percent of the bound. */
  readonly aboveBoundPct: number | undefined;
  readonly ledger: Ledger;
}

/** What running a scenario gives. */
export interface ScenarioResult {
  readonly scenario: Scenario;
  readonly title: string;
  /** Of every pipeline. */
  readonly dag: ComputationDag;
  readonly fit: ScenarioProfile['fit'];
  /** In real time, scaled. */
  readonly unitTimeS: number;
  /** The most that whole ticks take off an instruction. */
  readonly roundingPct: number;
  readonly gpus: number;
  /** Pipelines that had to be simulated; the others are identical to one of them. */
  readonly simulatedPipelines: number;
  readonly bound: { readonly method: EnergyBound['method'] } | undefined;
  readonly policies: readonly PolicyResult[];
}

/** Told of what is being done and how much of it is done, for a progress bar. */
export type ProgressListener = (done: number, total: number, what: string) => void;

/** Everything that the policies of a scenario share. */
interface Setting {
  readonly scenario: Scenario;
  readonly dag: ComputationDag;
  readonly problem: PlanningProblem;
  readonly profile: StageProfile;
  readonly physics: readonly OperationPhysics[];
  readonly timing: TimingOverheads;
  readonly gpus: GpuCounting;
}

/**
 * Runs a scenario: plans with each policy, simulates the job, books the energy.
 *
 * @throws InputError when profile and pipeline do not fit together.
 */
export async function runScenario(
  scenario: Scenario,
  source: ScenarioProfile,
  onProgress: ProgressListener = () => undefined,
): Promise<ScenarioResult> {
  const setting = prepare(scenario, source);
  const total = scenario.policies.length + 2;
  const report = (done: number, what: string) => (part: number) => {
    onProgress(done + part, total, what);
  };
  report(0, 'bound')(0);
  const bound = hasOverheads(setting.timing)
    ? undefined
    : await energyBound(setting.dag, setting.profile, setting.problem, report(0, 'bound'));
  const simulations = scenario.policies.map((policy, k) => {
    return simulatePolicy(setting, policy, report(k + 1, policy));
  });
  const baseline = simulations[scenario.policies.indexOf('max-frequency')]!;
  report(total - 1, 'table')(0);
  const policies = simulations.map((run) => policyResult(setting, run, baseline, bound));
  report(total, 'done')(0);
  return {
    scenario,
    title: source.title,
    dag: setting.dag,
    fit: source.fit,
    unitTimeS: setting.problem.unitTimeS,
    roundingPct: largestRoundingPct(setting.profile, setting.problem.unitTimeS),
    gpus: scenario.pipelines * scenario.pipeline.stages * scenario.tensorParallel,
    simulatedPipelines: baseline.aware.record.simulatedPipelines,
    bound: bound && { method: bound.method },
    policies,
  };
}

function prepare(scenario: Scenario, source: ScenarioProfile): Setting {
  const profiledStages = source.profile.stages.length;
  if (scenario.pipeline.stages !== profiledStages) {
    throw InputError.of({
      source: source.askedBy,
      field: 'pipeline.stages',
      message: `found ${scenario.pipeline.stages}, but ${source.profile.source} has ${profiledStages} stages; they must be the same`,
    });
  }
  const scale = scenario.scale ?? source.scale;
  const profile = scaleProfile(source.profile, scale);
  const dag = oneFOneB(scenario.pipeline.stages, scenario.pipeline.microbatches);
  const gpus = { blockingPowerW: source.blockingPowerW, gpusPerStage: scenario.tensorParallel };
  const unscaledUnitS = scenario.unitTimeS ?? defaultUnitTime(source.profile);
  checkUnitTime(source.profile, unscaledUnitS, { source: source.askedBy, field: 'unitTimeS' });
  const unitTimeS = unscaledUnitS * scale;
  const timing = overheadsOf(scenario);
  // The constant after every iteration delays no instruction: planners need not know it.
  const lagS = hasOverheads(timing) ? overheadLags(dag, timing) : undefined;
  return {
    scenario,
    dag,
    profile,
    problem: planningProblem(dag, profile, { unitTimeS, ...gpus, lagS }),
    physics: profilePhysics(profile, dag.operations),
    timing,
    gpus,
  };
}

function overheadsOf({ timing, pipeline }: Scenario): TimingOverheads {
  const { loadingS, transferS, iterationConstantS } = timing;
  return {
    // A single loading time is that of the first stage, which reads the data.
    loadingS: Array.isArray(loadingS)
      ? loadingS
      : Array.from({ length: pipeline.stages }, (_, s) => (s === 0 ? loadingS : 0)),
    transferS: Array.isArray(transferS)
      ? transferS
      : new Array<number>(pipeline.stages - 1).fill(transferS),
    iterationConstantS,
  };
}

function hasOverheads({ loadingS, transferS, iterationConstantS }: TimingOverheads): boolean {
  return [...loadingS, ...transferS, iterationConstantS].some((timeS) => timeS > 0);
}

interface SimulatedJob {
  readonly record: JobRecord;
  readonly ledger: Ledger;
}

interface PolicySimulation {
  readonly policy: PolicyName;
  readonly planned: PlannedJob;
  /** Healthy pipelines run the plan for the straggler. */
  readonly aware: SimulatedJob;
  /** All pipelines run the fastest plan. */
  readonly unaware: SimulatedJob;
}

/**
 * A straggler holds the job to T' = slowdown · T of its fastest plan; the straggler itself runs
 * that plan, the others the plan for T'.
 */
function simulatePolicy(
  setting: Setting,
  policy: PolicyName,
  onProgress: PlanningProgress,
): PolicySimulation {
  const { scenario, problem } = setting;
  const plans = POLICIES[policy].plan(problem, onProgress);
  const fastest = fastestPlan(plans);
  const slowest = Math.max(1, ...scenario.stragglers.map(({ slowdown }) => slowdown));
  const healthy =
    scenario.stragglers.length === 0
      ? fastest
      : plans.forStraggler(stragglerTime(problem, fastest, slowest));
  const unaware = simulate(setting, fastest, fastest);
  return {
    policy,
    planned: plannedJob(
      { ...setting, iterationConstantS: setting.timing.iterationConstantS },
      fastest,
      healthy,
    ),
    aware: healthy === fastest ? unaware : simulate(setting, healthy, fastest),
    unaware,
  };
}

function fastestPlan(plans: Plans): FrequencyPlan {
  return plans.forStraggler(0);
}

function simulate(
  { scenario, dag, physics, timing, gpus }: Setting,
  healthyPlan: FrequencyPlan,
  stragglerPlan: FrequencyPlan,
): SimulatedJob {
  const job = dataParallelJob({
    dag,
    physics,
    timing,
    pipelineCount: scenario.pipelines,
    plan: healthyPlan,
    stragglerPlan,
    stragglers: scenario.stragglers.map(({ pipeline, slowdown, cause }) => ({
      pipeline,
      factor: slowdown,
      cause,
    })),
  });
  const record = simulateJob(job);
  return { record, ledger: bookEnergy(job, record, gpus) };
}

function policyResult(
  setting: Setting,
  { policy, planned, aware, unaware }: PolicySimulation,
  baseline: PolicySimulation,
  bound: EnergyBound | undefined,
): PolicyResult {
  const timeS = aware.record.iterationTimeS;
  const energyJ = aware.ledger.totalJ;
  const boundJ = bound?.ofJob(setting.scenario, timeS);
  return {
    policy,
    planned,
    simulatedTimeS: timeS,
    simulatedEnergyJ: energyJ,
    slowdownPct: percent(timeS, baseline.aware.record.iterationTimeS) - 100,
    ...bloatRemoved(baseline.aware.ledger.totalJ, unaware.ledger.totalJ, energyJ),
    averagePowerW: energyJ / timeS,
    boundJ,
    aboveBoundPct: boundJ === undefined ? undefined : percent(energyJ, boundJ) - 100,
    ledger: aware.ledger,
  };
}
