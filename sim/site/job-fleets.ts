import { entryOf } from '../../src/groups.js';
import { least, most } from '../../src/extremes.js';
import { modelStageCount, MOST_INSTRUCTIONS, shapeProblems } from '../../src/pipeline/schedules.js';
import type { PlanningProgress } from '../../src/planner/planner.js';
import type { PolicyName } from '../../src/planner/policy-names.js';
import { powerLimits } from '../../src/planner/power-limit.js';
import { planOfOptions } from '../../src/planner/single-plan.js';
import type { PlanCache } from '../run/plan-cache.js';
import { policyPlans } from '../run/policy-plans.js';
import { sharedSetting } from '../run/shared-setting.js';
import { gpusPerStage } from '../scenario/gpus-per-stage.js';
import {
  gradientReductionS,
  type ScenarioProfile,
  type Setting,
} from '../scenario/scenario-setting.js';
import type { Scenario } from '../scenario/scenario-schema.js';
import type { Fleet } from './most-pipelines.js';
import { pointSimulator, simulatedPoints, type PipelinePoint } from './pipeline-points.js';
import type { PowerBudget } from './power-budget.js';
import { limitedPoints, UNIFORM_LIMIT, type LimitedPoint } from './uniform-limits.js';

/** A policy whose plans fill a site, and the power by which pipelines fit. */
export interface Lane {
  readonly policy: PolicyName | typeof UNIFORM_LIMIT;
  /** The mean over an iteration, or the limits of all GPUs: what a cautious operator sets aside. */
  readonly heldBy: 'mean' | 'limit';
}

/** The lanes that are compared: today's practice first, then the scenario's policies. */
export function lanesOf({ policies }: Pick<Scenario, 'policies'>): Lane[] {
  const ofLimits = (['max-frequency', UNIFORM_LIMIT] as const).flatMap((policy) =>
    (['limit', 'mean'] as const).map((heldBy): Lane => ({ policy, heldBy })),
  );
  const others = policies.filter((policy) => policy !== 'max-frequency');
  return [...ofLimits, ...others.map((policy): Lane => ({ policy, heldBy: 'mean' }))];
}

/** A scenario's profile, and frontiers that are planned already. */
export interface Planned {
  readonly scenario: Scenario;
  readonly source: ScenarioProfile;
  readonly cache: PlanCache;
  readonly onProgress?: PlanningProgress | undefined;
}

/** Pipelines of a job that have the same number of microbatches; their points are simulated once. */
export class PipelineKind {
  readonly setting: Setting;
  readonly gpusPerPipeline: number;
  readonly microbatches: number;
  private limited: LimitedPoint[] | undefined;
  private fastestS: number | undefined;
  private readonly points = new Map<string, readonly PipelinePoint[]>();
  /** The largest stride of its frontiers. */
  stride = 1;

  constructor(private readonly planned: Planned) {
    const { scenario, source, cache } = planned;
    this.setting = sharedSetting(cache, scenario, source).setting;
    this.gpusPerPipeline = scenario.pipeline.stages * gpusPerStage(scenario);
    this.microbatches = scenario.pipeline.microbatches;
  }

  /** Its pipelines with the points of a lane. */
  fleet(lane: Lane, budget: PowerBudget): Fleet {
    return {
      points: this.pointsOf(lane),
      gpusPerPipeline: this.gpusPerPipeline,
      reductionS: (pipelines) => this.reductionS(pipelines),
      budget,
    };
  }

  /** Points of a lane, by rising time. */
  pointsOf({ policy, heldBy }: Lane): readonly PipelinePoint[] {
    return entryOf(this.points, `${policy} ${heldBy}`, () => {
      if (policy !== UNIFORM_LIMIT) return this.plannedPoints(policy, heldBy === 'limit');
      const limited = (this.limited ??= limitedPoints(this.setting));
      return heldBy === 'limit' ? limited.filter(({ isKept }) => isKept) : limited;
    });
  }

  /** The time in which a number of pipelines add up their gradients. */
  reductionS(pipelines: number): number {
    return gradientReductionS(this.planned.scenario, pipelines);
  }

  /** Whether an iteration can take less time: with every instruction at its fastest clock it does. */
  canBeFasterThan(timeS: number, pipelines: number): boolean {
    this.fastestS ??= this.fastestPossibleS();
    return this.fastestS + this.reductionS(pipelines) < timeS;
  }

  /** No GPU of it draws less on average, whatever its clocks. */
  leastGpuW(): number {
    const { problem, gpus } = this.setting;
    const computingW = problem.operations.flatMap(({ allOptions }) =>
      allOptions.map(({ energyJ, timeS }) => energyJ / timeS),
    );
    const { blockingPowerW, communicationPowerW, synchronisationPowerW } = gpus;
    const idleW = [blockingPowerW, communicationPowerW, synchronisationPowerW];
    return least([...computingW, ...idleW.filter((powerW) => powerW !== undefined)]);
  }

  private fastestPossibleS(): number {
    const { problem } = this.setting;
    const fastest = problem.operations.map(({ allOptions }) =>
      allOptions.reduce((a, b) => (b.timeS < a.timeS ? b : a)),
    );
    const plan = planOfOptions('fastest', problem, (i) => fastest[problem.dag.operation[i]!]!);
    return pointSimulator(this.setting)(plan).timeS;
  }

  private plannedPoints(policy: PolicyName, hasLimit: boolean): PipelinePoint[] {
    const { cache, onProgress } = this.planned;
    const { plans } = policyPlans(this.setting, policy, onProgress, cache);
    const { points, stride } = simulatedPoints(this.setting, plans);
    this.stride = Math.max(this.stride, stride);
    if (!hasLimit) return [...points];
    const limitW = this.boardLimitW();
    return points.map((point) => ({ ...point, limitW }));
  }

  /** The limit of the boards; where it is unknown, or instructions draw more, one that limits nothing. */
  private boardLimitW(): number {
    const known = this.planned.source.job?.gpu?.powerLimitW ?? 0;
    return Math.max(known, most(powerLimits(this.setting.problem)));
  }
}

/** The pipelines that a site may be filled with. */
export class JobPipelines {
  /** As the scenario has them. */
  readonly own: PipelineKind;
  /** Pipelines come in multiples of this: those that share experts. */
  readonly step: number;
  readonly gpusPerPipeline: number;
  /** Of all pipelines together, if that is fixed. */
  private readonly globalBatch: number | undefined;
  private readonly kinds = new Map<number, PipelineKind>();

  constructor(private readonly planned: Planned) {
    const { scenario } = planned;
    const { site, pipelines, pipeline } = scenario;
    this.own = new PipelineKind(planned);
    this.gpusPerPipeline = this.own.gpusPerPipeline;
    this.kinds.set(pipeline.microbatches, this.own);
    this.step = pipelinesSharingExperts(scenario);
    this.globalBatch =
      site?.globalBatch === 'fixed' ? pipelines * pipeline.microbatches : undefined;
  }

  get isBatchFixed(): boolean {
    return this.globalBatch !== undefined;
  }

  /**
   * Numbers of pipelines that share the fixed global batch evenly in a shape that the schedule runs,
   * the most first.
   */
  sharedEvenly(): { readonly pipelines: number; readonly kind: () => PipelineKind }[] {
    const { pipeline } = this.planned.scenario;
    const mostMicrobatches = MOST_INSTRUCTIONS / (2 * modelStageCount(pipeline));
    return divisors(this.globalBatch!)
      .map((microbatches) => ({ microbatches, pipelines: this.globalBatch! / microbatches }))
      .filter(({ microbatches }) => microbatches <= mostMicrobatches)
      .filter(({ pipelines }) => pipelines % this.step === 0)
      .filter(
        ({ microbatches }) =>
          shapeProblems(pipeline.schedule, { ...pipeline, microbatches }).length === 0,
      )
      .map(({ microbatches, pipelines }) => ({ pipelines, kind: () => this.kind(microbatches) }));
  }

  /** The largest stride of all frontiers so far. */
  get stride(): number {
    return most([...this.kinds.values()].map(({ stride }) => stride));
  }

  private kind(microbatches: number): PipelineKind {
    const { scenario } = this.planned;
    const pipeline = { ...scenario.pipeline, microbatches };
    return entryOf(
      this.kinds,
      microbatches,
      () => new PipelineKind({ ...this.planned, scenario: { ...scenario, pipeline } }),
    );
  }
}

/** Whole numbers that divide another, in rising order. O(√n). */
function divisors(n: number): number[] {
  const small = Array.from({ length: Math.floor(Math.sqrt(n)) }, (_, k) => k + 1).filter(
    (k) => n % k === 0,
  );
  return [...new Set([...small, ...small.toReversed().map((k) => n / k)])];
}

/** The pipelines among which experts are divided; 1 if each has all of them. */
function pipelinesSharingExperts({ profile, tensorParallel }: Scenario): number {
  if (!('model' in profile) || profile.expertParallel === undefined) return 1;
  const { expertParallel, contextParallel = 1 } = profile;
  return expertParallel / commonDivisor(expertParallel, tensorParallel * contextParallel);
}

function commonDivisor(a: number, b: number): number {
  return b === 0 ? a : commonDivisor(b, a % b);
}
