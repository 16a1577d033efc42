import { SpoiltFieldError } from '../../src/errors.js';
import type { ComputationDag } from '../../src/pipeline/dag.js';
import { linkCount } from '../../src/pipeline/links.js';
import { scheduleDag, scheduleLinkCount } from '../../src/pipeline/schedules.js';
import type { PlanningProblem } from '../../src/planner/planner.js';
import { planningProblem, type PlanningSettings } from '../../src/planner/planning-problem.js';
import { extremes } from '../../src/extremes.js';
import { ProblemGathering } from '../../src/problem-list.js';
import {
  checkUnitTime,
  defaultUnitTime,
  measuredOptions,
} from '../../src/profile/operation-costs.js';
import type { Derivation } from '../../src/profile/operation.js';
import { withinClocks, withinPower } from '../../src/profile/restrict.js';
import { scaleProfile, type StageProfile } from '../../src/profile/stage-profile.js';
import type { GpuCounting } from '../energy/gpu-powers.js';
import { ringReductionTime, transferTime } from '../hardware/link.js';
import { profilePhysics, type OperationPhysics } from '../hardware/operation-physics.js';
import type { DataParallelSetup, Straggler } from '../training/data-parallel.js';
import { afterMeetingS, overheadLags, type TimingOverheads } from '../training/timing.js';
import { checkAgainstProfile } from './against-profile.js';
import type { DescribedJob } from './described-job.js';
import type { Cutting } from './cutting.js';
import type { Estimate } from './estimate.js';
import { gpusPerStage } from './gpus-per-stage.js';
import { modelStages } from './model-stages.js';
import { plainJob, type PlainJob } from './plain-stragglers.js';
import type { Scenario } from './scenario-schema.js';

/** A scenario's profile, read from its file or catalog entry. */
export interface ScenarioProfile {
  /** The scenario's file, for messages. */
  readonly askedBy: string;
  /** Unscaled. */
  readonly profile: StageProfile;
  /** Default of the scenario's `scale`. */
  readonly scale: number;
  readonly blockingPowerW: number;
  /** Overheads of a measured job, unless the scenario says otherwise. */
  readonly overheads?: Omit<TimingOverheads, 'transferRule'>;
  /** Of a measured job: of one GPU during its gradient reduction and optimizer step. */
  readonly synchronisationPowerW?: number | undefined;
  /** For the heading: model and GPU, or the file. */
  readonly title: string;
  /** Errors of fitted curves against measurements; absent for measured profiles. */
  readonly fit?: { readonly timeRmsPct: number; readonly powerRmsPct: number };
  /** Of a profile that was not measured: errors of similar ones against measurements. */
  readonly estimate?: Estimate;
  /** The job, if it is known what was profiled: model, sequences, GPU. */
  readonly job?: DescribedJob | undefined;
  /** Of profiles that were not measured: how the model would be cut if it were run otherwise. */
  readonly cutting?: Cutting;
}

/** Everything that the policies of a scenario share. */
export interface Setting {
  readonly scenario: Scenario;
  /** The scenario's file, for messages. */
  readonly askedBy: string;
  readonly dag: ComputationDag;
  /** One stage per stage of the model, in real time. */
  readonly profile: StageProfile;
  readonly planning: PlanningSettings;
  /** Length of a tick in the profile's own time, before `scale`. */
  readonly unscaledUnitS: number;
  /** Real work over profiled work: a tick is this many times the scenario's `unitTimeS`. */
  readonly scale: number;
  readonly problem: PlanningProblem;
  readonly physics: readonly OperationPhysics[];
  readonly timing: TimingOverheads;
  readonly gpus: GpuCounting;
  readonly conditions: NonNullable<DataParallelSetup['conditions']>;
  /** In the time of the run; without `fromS`, known before it began. */
  readonly stragglers: readonly Straggler[];
  /** The job, if closed forms hold for it. */
  readonly plain: PlainJob | undefined;
}

/**
 * Resolves a scenario into what the planners and the simulator need.
 * @param source its profile.
 * @param reshape changes the model's stages before they are used.
 * @throws InputError if its parts do not fit together.
 */
export function scenarioSetting(
  scenario: Scenario,
  source: ScenarioProfile,
  reshape: (profile: StageProfile) => StageProfile = (profile) => profile,
): Setting {
  const { pipeline, power } = scenario;
  const unscaled = reshape(stagesOf(scenario, source));
  const dag = scheduleDag(pipeline.schedule, pipeline);
  const scale = scenario.scale ?? source.scale;
  const profile = scaleProfile(unscaled, scale);
  const gpus: GpuCounting = {
    blockingPowerW: power.blockingW ?? source.blockingPowerW,
    gpusPerStage: gpusPerStage(scenario),
    ...(scenario.communication?.powerW === undefined
      ? {}
      : { communicationPowerW: scenario.communication.powerW }),
    synchronisationPowerW: power.synchronisationW ?? source.synchronisationPowerW,
  };
  const timing = timingOverheads(scenario, source.overheads, linkCount(dag));
  checkAgainstProfile(scenario, source, profile, () => timing);
  const derivation: Derivation = pipeline;
  const unscaledUnitS =
    scenario.unitTimeS ??
    defaultUnitTime(
      unscaled,
      undefined,
      measuredOptions(unscaled, dag.operations, derivation).flat(),
    );
  checkUnitTime(unscaled, unscaledUnitS, { source: source.askedBy, field: 'unitTimeS' });
  const planning: PlanningSettings = {
    unitTimeS: unscaledUnitS * scale,
    blockingPowerW: gpus.blockingPowerW,
    gpusPerStage: gpusPerStage(scenario),
    derivation,
    // Overheads after an iteration delay no instruction: planners need not know them.
    ...(delaysInstructions(timing) ? { lagS: overheadLags(dag, timing) } : {}),
  };
  return {
    scenario,
    askedBy: source.askedBy,
    dag,
    profile,
    planning,
    unscaledUnitS,
    scale,
    problem: planningProblem(dag, profile, planning),
    physics: profilePhysics(profile, dag.operations, derivation),
    timing,
    gpus,
    conditions: conditionsOf(scenario, profile, gpus),
    stragglers: scenario.stragglers,
    plain: plainJob(scenario),
  };
}

/**
 * The setting of a scenario that differs from another's only in its stragglers, name and seed: neither
 * profile nor problem is made again.
 *
 * @param known of the other scenario, with the same profile.
 * @throws InputError as `scenarioSetting` would.
 */
export function settingLike(known: Setting, scenario: Scenario, source: ScenarioProfile): Setting {
  checkAgainstProfile(scenario, source, known.profile, () => known.timing);
  return { ...known, scenario, stragglers: scenario.stragglers, plain: plainJob(scenario) };
}

/**
 * The model's stages, without the options that the scenario's limits forbid. Unscaled.
 * @throws InputError with every mismatch within a scenario and with its profile.
 */
export function stagesOf(scenario: Scenario, source: ScenarioProfile): StageProfile {
  const gathering = new ProblemGathering();
  const where = (field: string) => ({ source: source.askedBy, field });
  const all = gathering.attempt(() => modelStages(scenario, source.profile, source.askedBy));
  const withClocks = (profile: StageProfile) =>
    withinClocks(profile, scenario.clocks, where('clocks'));
  const withPower = (profile: StageProfile) =>
    scenario.power.gpuLimitW === undefined
      ? profile
      : withinPower(profile, scenario.power.gpuLimitW, where('power.gpuLimitW'));
  const clocked = all && gathering.attempt(() => withClocks(all));
  const powered = all && gathering.attempt(() => withPower(all));
  const allowed =
    clocked && powered && gathering.attempt(() => (clocked === all ? powered : withPower(clocked)));
  const known = allowed ?? all;
  if (known !== undefined) {
    gathering.attempt(() => {
      const scaled = scaleProfile(known, scenario.scale ?? source.scale);
      const { pipeline } = scenario;
      checkAgainstProfile(scenario, source, scaled, () =>
        timingOverheads(scenario, source.overheads, scheduleLinkCount(pipeline.schedule, pipeline)),
      );
    });
    gathering.attempt(() => {
      const { unitTimeS } = scenario;
      if (unitTimeS !== undefined) checkUnitTime(known, unitTimeS, where('unitTimeS'));
    });
  }
  gathering.throwIfAny();
  if (allowed === undefined) throw new SpoiltFieldError('the stages are not known');
  return allowed;
}

function timingOverheads(
  scenario: Scenario,
  measured: ScenarioProfile['overheads'],
  links: number,
): TimingOverheads {
  const { timing, pipeline, pipelines, communication } = scenario;
  const { stages } = pipeline;
  const loadingS = timing.loadingS ?? ofAnyShape(measured?.loadingS, stages);
  const transferS = timing.transferS ?? ofAnyShape(measured?.transferS, links);
  const overheads = {
    // A single loading time is that of the first stage, which reads the data.
    loadingS: Array.isArray(loadingS)
      ? loadingS
      : Array.from({ length: stages }, (_, s) => (s === 0 ? loadingS : 0)),
    transferS: Array.isArray(transferS) ? transferS : new Array<number>(stages).fill(transferS),
    iterationConstantS: timing.iterationConstantS ?? measured?.iterationConstantS ?? 0,
    synchronisationS: timing.synchronisationS ?? measured?.synchronisationS ?? 0,
  };
  if (communication === undefined) return overheads;
  const { betweenNodes, insideNode = betweenNodes, activationMB } = communication;
  const nodeOf = (stage: number) => Math.floor((stage % stages) / communication.stagesPerNode);
  return {
    ...overheads,
    transferS: Array.from({ length: links }, (_, link) =>
      activationMB === 0
        ? 0
        : transferTime(nodeOf(link) === nodeOf(link + 1) ? insideNode : betweenNodes, activationMB),
    ),
    transferRule: communication.rule,
    gradientReductionS: gradientReductionS(scenario, pipelines),
  };
}

/** The time in which this many pipelines add up their gradients by a ring. */
export function gradientReductionS(
  { communication }: Pick<Scenario, 'communication'>,
  pipelines: number,
): number {
  if (communication === undefined || communication.gradientMB === 0) return 0;
  return ringReductionTime(communication.betweenNodes, communication.gradientMB, pipelines);
}

/** Overheads of each stage or link; of pipelines of another shape than measured, the first one's. */
function ofAnyShape(measuredS: readonly number[] | undefined, count: number): number | number[] {
  if (measuredS === undefined) return 0;
  return measuredS.length === count ? [...measuredS] : (measuredS[0] ?? 0);
}

/** Whether a job spends time on anything but computing. */
export function hasOverheads(timing: TimingOverheads): boolean {
  return delaysInstructions(timing) || afterMeetingS(timing) > 0;
}

function delaysInstructions({ loadingS, transferS }: TimingOverheads): boolean {
  return [...loadingS, ...transferS].some((timeS) => timeS > 0);
}

/** The site's clocks; blocking power grows linearly from the lowest clock to the highest. */
function conditionsOf(
  { clocks, power }: Scenario,
  profile: StageProfile,
  { blockingPowerW }: GpuCounting,
): Setting['conditions'] {
  const { blockingAtHighestClockW: highestW } = power;
  const known = profile.stages.flatMap((stage) => stage.forward.map((o) => o.frequencyMHz));
  const { least: lowestMHz, most: highestMHz } = extremes(known);
  const range = Math.max(highestMHz - lowestMHz, 1);
  return {
    clockSwitchS: clocks.switchS,
    ...(highestW === undefined
      ? {}
      : {
          waitingW: (frequencyMHz: number) =>
            blockingPowerW + ((highestW - blockingPowerW) * (frequencyMHz - lowestMHz)) / range,
        }),
  };
}
