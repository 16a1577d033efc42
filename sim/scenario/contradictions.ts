import { SpoiltFieldError } from '../../src/errors.js';
import { countPassing } from '../../src/last-passing.js';
import { transformerLayers } from '../../src/pipeline/layer-costs.js';
import {
  MOST_INSTRUCTIONS,
  modelStageCount,
  scheduleLinkCount,
  shapeProblems,
} from '../../src/pipeline/schedules.js';
import { implausible } from '../../src/plausible.js';
import type { ScenarioPath, ScenarioProblem } from './scenario-problems.js';
import type { Scenario } from './scenario-schema.js';
import { whereRight } from './usable-scenario.js';

/** Instructions that a run simulates with jitter, where no two iterations are alike. */
const MOST_SIMULATED = 1e10;

/** Each looks at one thing; one that would have to read a wrong field finds nothing. */
const CHECKS: readonly ((scenario: Scenario) => readonly ScenarioProblem[])[] = [
  timingLengths,
  timingTwice,
  synchronisationPower,
  stragglerProblems,
  stragglersTwice,
  drawnProblems,
  imbalanceProblems,
  ...rangeChecks(),
  pipelineProblems,
  sizeProblems,
  policyProblems,
  priceProblems,
];

/** What the schema cannot say: fields that contradict each other, as far as they are right. */
export function contradictions(scenario: Scenario): ScenarioProblem[] {
  return CHECKS.flatMap((check) => whereRight(() => check(scenario)));
}

/**
 * How many links the pipeline has.
 * @throws SpoiltFieldError if its shape is wrong, which `pipelineProblems` says.
 */
function linksOf({ pipeline }: Scenario): number {
  if (shapeProblems(pipeline.schedule, pipeline).length > 0) {
    throw new SpoiltFieldError('the shape of the pipeline is wrong');
  }
  return scheduleLinkCount(pipeline.schedule, pipeline);
}

/** Currencies of which a kilowatt-hour costs a part of one. */
const DOLLAR_LIKE = /^(USD|EUR|GBP|CHF|CAD|AUD|NZD|SGD|\$|€|£|US\$)$/i;

function priceProblems({ prices }: Scenario): ScenarioProblem[] {
  const { perKWh, currency = '' } = prices ?? {};
  if (perKWh === undefined || !DOLLAR_LIKE.test(currency)) return [];
  const expected = implausible('usualPricePerKWh', perKWh);
  if (expected === undefined) return [];
  return [problem(['prices', 'perKWh'], `found ${perKWh} ${currency}, expected ${expected}`)];
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
      'does not go with communication, from which transfer times are worked out; leave one of the two out',
    ),
  ];
}

type Straggler = Scenario['stragglers'][number];

/** Which fields a cause needs, and which it may have besides. */
const FIELDS_OF_CAUSE: Readonly<
  Record<Straggler['cause'], { readonly needs: keyof Straggler; readonly may: (keyof Straggler)[] }>
> = {
  busy: { needs: 'slowdown', may: ['backwardSlowdown', 'stage'] },
  stall: { needs: 'slowdown', may: ['backwardSlowdown', 'stage'] },
  throttle: { needs: 'clockLimitMHz', may: ['stage'] },
  'slow-link': { needs: 'slowdown', may: ['link'] },
  'data-stall': { needs: 'delayS', may: [] },
};

const OF_SOME_CAUSES = [
  'slowdown',
  'backwardSlowdown',
  'clockLimitMHz',
  'delayS',
  'stage',
  'link',
] as const;

function stragglerProblems(scenario: Scenario): ScenarioProblem[] {
  return scenario.stragglers.flatMap((straggler, k) => [
    ...whereRight(() => fieldsOfCause(straggler, ['stragglers', k])),
    ...placeOfStraggler(scenario, straggler, k),
  ]);
}

function fieldsOfCause(straggler: Straggler, path: ScenarioPath): ScenarioProblem[] {
  const { cause } = straggler;
  const { needs, may } = FIELDS_OF_CAUSE[cause];
  const problems = OF_SOME_CAUSES.filter(
    (field) => straggler[field] !== undefined && field !== needs && !may.includes(field),
  ).map((field) =>
    problem(
      [...path, field],
      `does not go with cause "${cause}", which has ${[needs, ...may].join(' and ')}`,
    ),
  );
  if (straggler[needs] === undefined) {
    problems.unshift(problem([...path, needs], `found nothing; cause "${cause}" needs it`));
  }
  return problems;
}

/** Whether stages hand anything on that takes time. */
function hasTransfers({ timing, communication, pipeline }: Scenario): boolean {
  const takeTime = [timing.transferS ?? 0].flat().some((timeS) => timeS > 0);
  return pipeline.stages > 1 && (takeTime || (communication?.activationMB ?? 0) > 0);
}

const NO_TRANSFERS =
  'there are no transfers that could be slow; give communication.activationMB or timing.transferS';

function drawnProblems(scenario: Scenario): ScenarioProblem[] {
  const { randomStragglers } = scenario;
  if (randomStragglers === undefined) return [];
  const { kinds } = randomStragglers;
  const path = ['randomStragglers', 'kinds'];
  if (!Object.values(kinds).some((weight = 0) => weight > 0)) {
    return [problem(path, 'found none, expected at least one kind above 0')];
  }
  return (kinds['slow-link'] ?? 0) > 0 && !hasTransfers(scenario)
    ? [problem([...path, 'slow-link'], NO_TRANSFERS)]
    : [];
}

function placeOfStraggler(
  scenario: Scenario,
  straggler: Straggler,
  k: number,
): readonly ScenarioProblem[] {
  const refuse = (field: string, message: string) => [problem(['stragglers', k, field], message)];
  const below = (field: 'pipeline' | 'stage' | 'link', countOf: () => number, of: string) => () => {
    const value = straggler[field];
    if (value === undefined || value < countOf()) return [];
    return refuse(
      field,
      `found ${value}, expected a number below ${countOf()}, the number of ${of} (the first one is 0)`,
    );
  };
  const times = () => {
    const { fromS = 0, untilS = Infinity } = straggler;
    return untilS > fromS
      ? []
      : refuse('untilS', `found ${untilS}, expected more than fromS, ${fromS}`);
  };
  const cause = () =>
    straggler.cause === 'slow-link' && !hasTransfers(scenario) ? refuse('cause', NO_TRANSFERS) : [];
  return [
    below('pipeline', () => scenario.pipelines, 'pipelines'),
    below('stage', () => scenario.pipeline.stages, 'stages'),
    below('link', () => linksOf(scenario), 'links'),
    times,
    cause,
  ].flatMap(whereRight);
}

function stragglersTwice({ stragglers }: Scenario): ScenarioProblem[] {
  return [...repeated(stragglers)].map((k) =>
    problem(
      ['stragglers', k, 'pipeline'],
      `pipeline ${stragglers[k]!.pipeline} is a straggler already; name it once`,
    ),
  );
}

/**
 * Stragglers that are slow in the same way at the same place and time as an earlier one: that is one
 * straggler, written twice. O(n log n), but for moving the later ones of a place in an array.
 */
function repeated(stragglers: readonly Straggler[]): ReadonlySet<number> {
  const again = new Set<number>();
  /** By place and cause: times that do not overlap, earliest first. */
  const times = new Map<string, { readonly fromS: number; readonly untilS: number }[]>();
  stragglers.forEach(({ pipeline, cause, stage, link, fromS = 0, untilS = Infinity }, k) => {
    const place = [pipeline, cause, stage, link].join(' ');
    const known = times.get(place) ?? [];
    times.set(place, known);
    const earlier = countPassing(known.length, (n) => known[n]!.fromS < untilS);
    // Of those that begin before this one ends only the last may reach into it.
    const before = known[earlier - 1];
    if (before !== undefined && before.untilS > fromS) again.add(k);
    else known.splice(earlier, 0, { fromS, untilS });
  });
  return again;
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
          `found ${partition.length} stages with ${sum} layers, expected ${stages} stages with ${layers} layers, embedding and head among them`,
        ),
      ];
}

/** Pairs of fields of which one must not be below the other. */
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
        ? [problem(['policies', k], `"${policy}" is there already; name it once`)]
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
