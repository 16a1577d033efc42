import { modelStageCount, scheduleOf, shapeProblems } from '../../src/pipeline/schedules.js';
import { readStageProfile } from '../../src/profile/read-csv.js';
import { POLICY_NAMES, type PolicyName } from '../../src/planner/policy-names.js';
import type { Scenario } from '../scenario/scenario-schema.js';
import { withoutDefaults } from '../scenario/scenario-yaml.js';
import { isPlain, type PlainStraggler } from '../training/plain-straggler.js';
import {
  chosenOf,
  profileOf,
  usualBlockingPower,
  type Choices,
  type ModelOnGpu,
} from './choices.js';
import type { ProfileFile, WhatIf } from './what-if.js';

/**
 * The edits of controls. Each takes a scenario and returns another; fields without a control stay
 * as they were.
 */

/** Measured scatter of instructions, of iterations, and between GPUs: the schema's defaults. */
const MEASURED_JITTER = { instructionSd: 0.02, iterationSd: 0.014, gpuSd: 0.004 };

/** Default sequences per microbatch. */
const USUAL_MICROBATCH = 1;

/** Power of a waiting GPU for profiles that do not state it: that of an A100. */
const USUAL_BLOCKING_W = 83.64;

/** Chunks per stage of a newly chosen schedule with chunks. */
const FEWEST_CHUNKS = 2;

/** Most stages that a scenario may have. */
const MOST_STAGES = 1024 * 64;

/** Another model or GPU. */
export function withModel(scenario: Scenario, choices: Choices, chosen: ModelOnGpu): Scenario {
  const profile = profileOf(choices, chosen, scenario.pipeline, microbatchOf(scenario));
  return { ...scenario, profile };
}

/** Another size or schedule; profile, chunks and imbalance follow. */
export function withPipeline(
  scenario: Scenario,
  choices: Choices,
  change: Partial<Scenario['pipeline']>,
): Scenario {
  const changed = { ...scenario.pipeline, ...change };
  const { usesChunks = false } = scheduleOf(changed.schedule);
  const isChunkedNow = usesChunks && change.schedule !== undefined && changed.chunks === 1;
  const chunks = isChunkedNow ? FEWEST_CHUNKS : usesChunks ? changed.chunks : 1;
  const pipeline = withFittingGroup({ ...changed, chunks });
  const chosen = chosenOf(choices, scenario.profile);
  return {
    ...scenario,
    pipeline,
    profile:
      chosen === undefined
        ? scenario.profile
        : withOptionsOf(
            scenario.profile,
            profileOf(choices, chosen, pipeline, microbatchOf(scenario)),
          ),
    imbalance: resized(scenario.imbalance, modelStageCount(pipeline)),
  };
}

/** The options of a modelled profile stay while it is still made of a model. */
function withOptionsOf(old: Scenario['profile'], made: Scenario['profile']): Scenario['profile'] {
  return 'model' in old && 'model' in made ? { ...old, ...made } : made;
}

/** Without a group of microbatches that was meant for another size or schedule. */
function withFittingGroup(pipeline: Scenario['pipeline']): Scenario['pipeline'] {
  const isWrong = shapeProblems(pipeline.schedule, pipeline).some(
    ({ field }) => field === 'microbatchGroup',
  );
  if (!isWrong) return pipeline;
  const { microbatchGroup, ...others } = pipeline;
  return others;
}

/** Sequences per microbatch, of a synthesized profile. */
export function microbatchOf({ profile }: Scenario): number {
  return 'microbatch' in profile ? profile.microbatch : USUAL_MICROBATCH;
}

function resized(imbalance: Scenario['imbalance'], stages: number): Scenario['imbalance'] {
  if (imbalance === undefined || 'layers' in imbalance || !isCount(stages)) return imbalance;
  return factorsOrNone(Array.from({ length: stages }, (_, k) => imbalance.factors[k] ?? 1));
}

function factorsOrNone(factors: number[]): Scenario['imbalance'] {
  return factors.every((factor) => factor === 1) ? undefined : { factors };
}

/** While the user types, numbers of stages may be anything. */
function isCount(stages: number): boolean {
  return Number.isInteger(stages) && stages >= 1 && stages <= MOST_STAGES;
}

/** Work of each model stage as a multiple of the profile's; undefined if layers determine it. */
export function stageFactors({ imbalance, pipeline }: Scenario): readonly number[] | undefined {
  if (imbalance === undefined) {
    const stages = modelStageCount(pipeline);
    return new Array<number>(isCount(stages) ? stages : 0).fill(1);
  }
  return 'factors' in imbalance ? imbalance.factors : undefined;
}

/** Another amount of work on one model stage. */
export function withFactor(scenario: Scenario, stage: number, factor: number): Scenario {
  const factors = (stageFactors(scenario) ?? []).map((old, k) => (k === stage ? factor : old));
  return { ...scenario, imbalance: factorsOrNone(factors) };
}

/** The straggler that the slider controls: a whole pipeline that is slow all the time. */
export function sliderStraggler({ stragglers }: Scenario): PlainStraggler | undefined {
  return stragglers.find(isPlain);
}

/** The straggler's slowdown; 1 without one. */
export function stragglerSlowdown(scenario: Scenario): number {
  return sliderStraggler(scenario)?.slowdown ?? 1;
}

/** Stragglers that the slider does not control. */
function otherStragglers(scenario: Scenario): Scenario['stragglers'] {
  const shown = sliderStraggler(scenario);
  return scenario.stragglers.filter((straggler) => straggler !== shown);
}

/** A straggler that is this many times slower; none with 1. A new one is a pipeline that is not slow yet. */
export function withStraggler(scenario: Scenario, slowdown: number): Scenario {
  const others = otherStragglers(scenario);
  if (slowdown === 1) return { ...scenario, stragglers: others };
  const old = sliderStraggler(scenario) ?? {
    pipeline: healthyPipeline(scenario),
    cause: 'busy' as const,
  };
  return { ...scenario, stragglers: [{ ...old, slowdown }, ...others] };
}

/** The first pipeline that is no straggler; 0 if all of them are. */
function healthyPipeline({ stragglers, pipelines }: Scenario): number {
  const slow = new Set(stragglers.map(({ pipeline }) => pipeline));
  for (let pipeline = 0; pipeline < pipelines; pipeline++) {
    if (!slow.has(pipeline)) return pipeline;
  }
  return 0;
}

/** Jitter of instructions as a multiple of what was measured; 0 without jitter. */
export function jitterFactor({ jitter }: Scenario): number {
  if (jitter === undefined) return 0;
  return Number((jitter.instructionSd / MEASURED_JITTER.instructionSd).toFixed(3));
}

/** This many times the measured jitter, of all three kinds. */
export function withJitter(scenario: Scenario, factor: number): Scenario {
  if (factor === 0) return { ...scenario, jitter: undefined };
  const { instructionSd, iterationSd, gpuSd } = MEASURED_JITTER;
  const scaled = (sd: number) => Number((factor * sd).toPrecision(6));
  return {
    ...scenario,
    jitter: {
      instructionSd: scaled(instructionSd),
      iterationSd: scaled(iterationSd),
      gpuSd: scaled(gpuSd),
    },
  };
}

/** Power of one waiting GPU; undefined if the profile states it. */
export function blockingPower({ profile, power }: Scenario): number | undefined {
  return power.blockingW ?? ('csv' in profile ? profile.blockingPowerW : undefined);
}

/** Another blocking power; undefined is the profile's. */
export function withBlockingPower(scenario: Scenario, blockingW: number | undefined): Scenario {
  const { profile, power } = scenario;
  if ('csv' in profile && power.blockingW === undefined) {
    return { ...scenario, profile: { ...profile, blockingPowerW: blockingW ?? NaN } };
  }
  return { ...scenario, power: { ...power, blockingW } };
}

/** One more or one less policy, in their usual order; max-frequency is always there. */
export function withPolicy(scenario: Scenario, policy: PolicyName, isWanted: boolean): Scenario {
  const policies = POLICY_NAMES.filter((name) =>
    name === policy ? isWanted : scenario.policies.includes(name) || name === 'max-frequency',
  );
  return { ...scenario, policies };
}

/** Decimals of a deadline that is dragged: more would be finer than any plan. */
const DEADLINE_DIGITS = 3;

/** Another time in which an iteration may end; undefined for no longer than at the highest clocks. */
export function withDeadline(scenario: Scenario, deadlineS: number | undefined): Scenario {
  const rounded = deadlineS === undefined ? undefined : Number(deadlineS.toFixed(DEADLINE_DIGITS));
  return { ...scenario, deadlineS: rounded };
}

/** Prices of energy; undefined without any price. */
export function withPrices(
  scenario: Scenario,
  change: Partial<NonNullable<Scenario['prices']>>,
): Scenario {
  const prices = { currency: 'USD', ...scenario.prices, ...change };
  const isPriced = prices.perKWh !== undefined || prices.carbonGPerKWh !== undefined;
  return { ...scenario, prices: isPriced ? prices : undefined };
}

/** Fields that have a control, by their parent field; '' is the scenario itself. */
const WITH_CONTROL: Readonly<Record<string, readonly string[]>> = {
  '': [
    ...['name', 'profile', 'tensorParallel', 'pipelines', 'jitter', 'deadlineS', 'prices'],
    ...['policies', 'seed'],
  ],
  pipeline: ['schedule', 'stages', 'microbatches', 'chunks'],
  power: ['blockingW'],
  imbalance: ['factors'],
};

/** The fields of a scenario that have no control; they stay as they are. */
export function otherFields(scenario: Scenario): Record<string, unknown> {
  const fields = withoutDefaults({ ...scenario, stragglers: otherStragglers(scenario) });
  return Object.fromEntries(
    Object.entries(without(fields, WITH_CONTROL['']!)).flatMap(([key, value]) => {
      const inside = WITH_CONTROL[key];
      if (inside === undefined) return [[key, value]];
      const others = without(value as object, inside);
      return Object.keys(others).length === 0 ? [] : [[key, others]];
    }),
  );
}

function without(fields: object, names: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).filter(([key]) => !names.includes(key)));
}

/**
 * The user's own profile instead of the scenario's, with as many stages as it has. Its problems are
 * found when it is run.
 */
export function withOwnProfile({ scenario }: WhatIf, choices: Choices, csv: ProfileFile): WhatIf {
  const { pipeline, profile, power } = scenario;
  const own = {
    ...scenario,
    profile: {
      csv: csv.name,
      blockingPowerW: power.blockingW ?? usualBlockingPower(choices, profile) ?? USUAL_BLOCKING_W,
    },
    power: { ...power, blockingW: undefined },
  };
  const stages = stagesOfProfile(csv);
  const fits = stages === undefined || stages === modelStageCount(pipeline);
  return { scenario: fits ? own : withPipeline(own, choices, { stages }), csv };
}

function stagesOfProfile({ text, name }: ProfileFile): number | undefined {
  try {
    return readStageProfile(text, name).stages.length;
  } catch {
    return undefined;
  }
}
