import { transformerLayers } from '../../src/pipeline/layer-costs.js';
import {
  MOST_INSTRUCTIONS,
  modelStageCount,
  scheduleOf,
  shapeProblems,
} from '../../src/pipeline/schedules.js';
import { implausible } from '../../src/plausible.js';
import { faultContradictions } from './fault-contradictions.js';
import { gridContradictions } from './grid-contradictions.js';
import type { ScenarioPath, ScenarioProblem } from './scenario-problems.js';
import { linksOf } from './pipeline-links.js';
import type { Scenario } from './scenario-schema.js';
import { stragglerContradictions } from './straggler-contradictions.js';
import { whereRight } from './usable-scenario.js';

/** Instructions that a run simulates with jitter, where no two iterations are alike. */
const MOST_SIMULATED = 1e10;

/** Each check looks at one thing; a check that needs an invalid field finds nothing. */
const CHECKS: readonly ((scenario: Scenario) => readonly ScenarioProblem[])[] = [
  timingLengths,
  timingTwice,
  synchronisationPower,
  stragglerContradictions,
  imbalanceProblems,
  ...rangeChecks(),
  pipelineProblems,
  sizeProblems,
  policyProblems,
  priceProblems,
  jobProblems,
  faultContradictions,
  recomputedTwice,
  siteProblems,
  gridContradictions,
];

/** Finds contradictions between valid fields, which the schema cannot express. */
export function contradictions(scenario: Scenario): ScenarioProblem[] {
  return CHECKS.flatMap((check) => whereRight(() => check(scenario)));
}

/** Currencies in which a kilowatt-hour costs less than one unit. */
const DOLLAR_LIKE = /^(USD|EUR|GBP|CHF|CAD|AUD|NZD|SGD|\$|€|£|US\$)$/i;

function priceProblems({ prices }: Scenario): ScenarioProblem[] {
  const { perKWh, currency = '' } = prices ?? {};
  if (perKWh === undefined || !DOLLAR_LIKE.test(currency)) return [];
  const expected = implausible('usualPricePerKWh', perKWh);
  if (expected === undefined) return [];
  return [problem(['prices', 'perKWh'], `found ${perKWh} ${currency}, expected ${expected}`)];
}

/** A site's megawatts choose the plans, so nothing else may limit the power of the same job. */
function siteProblems({ site, power }: Scenario): ScenarioProblem[] {
  if (site?.mw === undefined || power.jobLimitW === undefined) return [];
  const message = `found ${site.mw}, but power.jobLimitW limits the same job to ${power.jobLimitW} W; keep one`;
  return [problem(['site', 'mw'], message)];
}

/** Fields of the job that a synthesized profile states itself. */
const SAID_BY_PROFILE = ['model', 'gpu', 'microbatch', 'sequence'] as const;

/** The profile and `job` together say what was profiled, each thing once. */
function jobProblems({ job, profile }: Scenario): ScenarioProblem[] {
  if (job === undefined) return [];
  if (!('model' in profile)) {
    if (job.microbatch !== undefined) return [];
    const message =
      'found nothing, expected the sequences of a microbatch, which the profile does not say';
    return [problem(['job', 'microbatch'], message)];
  }
  const twice = SAID_BY_PROFILE.filter((field) => job[field] !== undefined).map((field) =>
    problem(['job', field], `is said by profile.${field}; leave it out here`),
  );
  if (job.recompute === 'none') return twice;
  const message = 'is said by profile.recompute; leave it out here';
  return [...twice, problem(['job', 'recompute'], message)];
}

/** A schedule that recomputes by itself needs to know that the profiled backward does so already. */
function recomputedTwice({ profile, pipeline }: Scenario): ScenarioProblem[] {
  const { recompute = 'none' } = 'model' in profile ? profile : {};
  if (recompute === 'none' || pipeline.recomputeInBackward) return [];
  if (scheduleOf(pipeline.schedule).recomputes !== true) return [];
  const message = `found false, expected true: the schedule "${pipeline.schedule}" recomputes, and so does the backward with profile.recompute "${recompute}"`;
  return [problem(['pipeline', 'recomputeInBackward'], message)];
}

function problem(path: ScenarioPath, message: string): ScenarioProblem {
  return { path, message };
}

function pipelineProblems({ pipeline }: Scenario): ScenarioProblem[] {
  const problems = shapeProblems(pipeline.schedule, pipeline).map(({ field, message }) =>
    problem(['pipeline', field], message),
  );
  const instructions = 2 * modelStageCount(pipeline) * pipeline.microbatches;
  if (instructions > MOST_INSTRUCTIONS) {
    problems.push(
      problem(
        ['pipeline', 'microbatches'],
        `found ${pipeline.microbatches} for ${pipeline.stages} stages, which makes ${instructions} instructions, expected at most ${MOST_INSTRUCTIONS}`,
      ),
    );
  }
  return problems;
}

function timingLengths(scenario: Scenario): ScenarioProblem[] {
  const wrongLength = (key: 'loadingS' | 'transferS', expectedOf: () => number, of: string) =>
    whereRight(() => {
      const list = scenario.timing[key];
      if (!Array.isArray(list) || list.length === expectedOf()) return [];
      const message = `found a list of ${list.length}, expected ${expectedOf()} numbers: one per ${of}`;
      return [problem(['timing', key], message)];
    });
  return [
    ...wrongLength('loadingS', () => scenario.pipeline.stages, 'stage'),
    ...wrongLength('transferS', () => linksOf(scenario), 'link between neighbouring stages'),
  ];
}

function synchronisationPower({ power, timing, profile }: Scenario): ScenarioProblem[] {
  if (power.synchronisationW === undefined) return [];
  if (timing.synchronisationS !== undefined || 'catalog' in profile) return [];
  return [
    problem(
      ['power', 'synchronisationW'],
      'is the power during timing.synchronisationS, which is missing; give both or none',
    ),
  ];
}

function timingTwice({ timing, communication }: Scenario): ScenarioProblem[] {
  const isGiven = [timing.transferS ?? 0].flat().some((timeS) => timeS > 0);
  if (!isGiven || communication === undefined) return [];
  return [
    problem(
      ['timing', 'transferS'],
      'does not go with communication, which determines transfer times; leave one of the two out',
    ),
  ];
}

function imbalanceProblems({ imbalance, pipeline }: Scenario): ScenarioProblem[] {
  if (imbalance === undefined) return [];
  const stages = modelStageCount(pipeline);
  if ('factors' in imbalance) {
    const found = imbalance.factors.length;
    if (found === stages) return [];
    const message = `found a list of ${found}, expected ${stages} numbers: one per stage of the model`;
    return [problem(['imbalance', 'factors'], message)];
  }
  const { blocks, embedding, head } = imbalance.layers;
  const layers = transformerLayers({ blocks, embeddingCost: embedding, headCost: head }).length;
  if (layers < stages) {
    const message = `makes ${layers} layers, expected at least ${stages}, one per stage of the model`;
    return [problem(['imbalance', 'layers', 'blocks'], message)];
  }
  const { partition } = imbalance;
  if (!Array.isArray(partition)) return [];
  const sum = partition.reduce((total, count) => total + count, 0);
  return partition.length === stages && sum === layers
    ? []
    : [
        problem(
          ['imbalance', 'partition'],
          `found ${partition.length} stages with ${sum} layers, expected ${stages} stages with ${layers} layers, embedding and head included`,
        ),
      ];
}

/** Pairs of fields where one must not be below the other. */
function rangeChecks(): ((scenario: Scenario) => readonly ScenarioProblem[])[] {
  const atLeast = (path: ScenarioPath, value = Infinity, other = 0, name = '') =>
    value >= other ? [] : [problem(path, `found ${value}, expected at least ${name}, ${other}`)];
  return [
    ({ clocks }) =>
      atLeast(['clocks', 'highestMHz'], clocks.highestMHz, clocks.lowestMHz, 'lowestMHz'),
    ({ power }) =>
      atLeast(
        ['power', 'blockingAtHighestClockW'],
        power.blockingAtHighestClockW,
        power.blockingW,
        'blockingW',
      ),
    ({ randomStragglers }) =>
      atLeast(
        ['randomStragglers', 'longestS'],
        randomStragglers?.longestS,
        randomStragglers?.shortestS,
        'shortestS',
      ),
    ({ sequenceLengths }) =>
      sequenceLengths === undefined ? [] : sequenceProblems(sequenceLengths),
  ];
}

/** Below that percentile of a normal distribution a spread would be skewed to the left. */
const NORMAL_P99 = 2.33;

function sequenceProblems(lengths: NonNullable<Scenario['sequenceLengths']>): ScenarioProblem[] {
  return (['forward', 'backward'] as const).flatMap((kind) => {
    const sd = lengths[`${kind}Sd`];
    const p99 = lengths[`${kind}P99`];
    const least = 1 + NORMAL_P99 * sd;
    return p99 > least
      ? []
      : [
          problem(
            ['sequenceLengths', `${kind}P99`],
            `found ${p99}, expected above ${least.toFixed(2)}, that of a normal distribution with ${kind}Sd ${sd}`,
          ),
        ];
  });
}

function sizeProblems(scenario: Scenario): ScenarioProblem[] {
  const { pipeline, pipelines, iterations, seeds, jitter, sequenceLengths } = scenario;
  if (jitter === undefined && sequenceLengths === undefined) return [];
  const perIteration = 2 * modelStageCount(pipeline) * pipeline.microbatches * pipelines;
  const instructions = perIteration * iterations * seeds;
  if (instructions <= MOST_SIMULATED) return [];
  const message = `found ${iterations}, which with ${seeds} seeds makes ${instructions.toExponential(1)} instructions to simulate, expected at most ${MOST_SIMULATED.toExponential(0)}`;
  return [problem(['iterations'], message)];
}

function policyProblems(scenario: Scenario): ScenarioProblem[] {
  const { policies } = scenario;
  const baseline = () =>
    policies.includes('max-frequency')
      ? []
      : [
          problem(
            ['policies'],
            'lacks "max-frequency", which every saving is compared with; add it',
          ),
        ];
  const each = policies.flatMap((policy, k) => [
    () =>
      policies.indexOf(policy) < k
        ? [problem(['policies', k], `"${policy}" appears twice; keep one`)]
        : [],
    () =>
      policy === 'envpipe' && scenario.pipeline.schedule !== '1f1b'
        ? [
            problem(
              ['policies', k],
              `"envpipe" plans only the schedule "1f1b", found "${scenario.pipeline.schedule}"`,
            ),
          ]
        : [],
  ]);
  return [baseline, ...each].flatMap(whereRight);
}
