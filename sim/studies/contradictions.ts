import { transformerLayers } from '../../src/pipeline/layer-costs.js';
import { modelStageCount, scheduleLinkCount, shapeProblems } from '../../src/pipeline/schedules.js';
import { implausible } from '../../src/plausible.js';
import type { ScenarioPath, ScenarioProblem } from './scenario-problems.js';
import type { Scenario } from './scenario-schema.js';

/** Instructions of one pipeline: with more, planning takes hours and gigabytes. */
export const MOST_INSTRUCTIONS = 1_000_000;
/** Instructions that a run simulates with jitter, where no two iterations are alike. */
const MOST_SIMULATED = 1e10;

/** What the schema cannot say: fields that contradict each other. */
export function contradictions(scenario: Scenario): ScenarioProblem[] {
  const shape = pipelineProblems(scenario);
  return [
    ...(shape.length > 0 ? [] : timingProblems(scenario)),
    ...(shape.length > 0 ? [] : stragglerProblems(scenario)),
    ...drawnProblems(scenario),
    ...imbalanceProblems(scenario),
    ...rangeProblems(scenario),
    ...shape,
    ...sizeProblems(scenario),
    ...policyProblems(scenario),
    ...priceProblems(scenario),
  ];
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

function timingProblems(scenario: Scenario): ScenarioProblem[] {
  const { timing, pipeline, communication } = scenario;
  const wrongLength = (key: 'loadingS' | 'transferS', expected: number, of: string) => {
    const list = timing[key];
    if (!Array.isArray(list) || list.length === expected) return [];
    const message = `found a list of ${list.length}, expected ${expected} numbers: one per ${of}`;
    return [problem(['timing', key], message)];
  };
  const isGiven = [timing.transferS ?? 0].flat().some((timeS) => timeS > 0);
  const hasSynchronisation = timing.synchronisationS !== undefined || 'catalog' in scenario.profile;
  return [
    ...(scenario.power.synchronisationW === undefined || hasSynchronisation
      ? []
      : [
          problem(
            ['power', 'synchronisationW'],
            'is the power during timing.synchronisationS, which is missing; give both or none',
          ),
        ]),
    ...wrongLength('loadingS', pipeline.stages, 'stage'),
    ...wrongLength(
      'transferS',
      scheduleLinkCount(pipeline.schedule, pipeline),
      'link between neighbouring stages',
    ),
    ...(isGiven && communication !== undefined
      ? [
          problem(
            ['timing', 'transferS'],
            'does not go with communication, from which transfer times are worked out; leave one of the two out',
          ),
        ]
      : []),
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
  const { pipeline } = scenario;
  const links = scheduleLinkCount(pipeline.schedule, pipeline);
  const again = repeated(scenario.stragglers);
  return scenario.stragglers.flatMap((straggler, k) => [
    ...fieldsOfCause(straggler, ['stragglers', k]),
    ...placeOfStraggler(scenario, straggler, links, k),
    ...(again.has(k)
      ? [
          problem(
            ['stragglers', k, 'pipeline'],
            `pipeline ${straggler.pipeline} is a straggler already; name it once`,
          ),
        ]
      : []),
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
  links: number,
  k: number,
): ScenarioProblem[] {
  const { stage, link, cause, fromS = 0, untilS = Infinity } = straggler;
  const problems: ScenarioProblem[] = [];
  const refuse = (field: string, message: string) =>
    problems.push(problem(['stragglers', k, field], message));
  const below = (field: string, value: number | undefined, count: number, of: string) => {
    if (value !== undefined && value >= count) {
      refuse(
        field,
        `found ${value}, expected a number below ${count}, the number of ${of} (the first one is 0)`,
      );
    }
  };
  below('pipeline', straggler.pipeline, scenario.pipelines, 'pipelines');
  below('stage', stage, scenario.pipeline.stages, 'stages');
  below('link', link, links, 'links');
  if (untilS <= fromS) refuse('untilS', `found ${untilS}, expected more than fromS, ${fromS}`);
  if (cause === 'slow-link' && !hasTransfers(scenario)) refuse('cause', NO_TRANSFERS);
  return problems;
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
    let low = 0;
    let high = known.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (known[middle]!.fromS < untilS) low = middle + 1;
      else high = middle;
    }
    // Of those that begin before this one ends only the last may reach into it.
    const before = known[low - 1];
    if (before !== undefined && before.untilS > fromS) again.add(k);
    else known.splice(low, 0, { fromS, untilS });
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
function rangeProblems(scenario: Scenario): ScenarioProblem[] {
  const { clocks, power, randomStragglers, sequenceLengths } = scenario;
  const atLeast = (path: ScenarioPath, value = Infinity, other = 0, name = '') =>
    value >= other ? [] : [problem(path, `found ${value}, expected at least ${name}, ${other}`)];
  const sequences = sequenceLengths === undefined ? [] : sequenceProblems(sequenceLengths);
  return [
    ...atLeast(['clocks', 'highestMHz'], clocks.highestMHz, clocks.lowestMHz, 'lowestMHz'),
    ...atLeast(
      ['power', 'blockingAtHighestClockW'],
      power.blockingAtHighestClockW,
      power.blockingW,
      'blockingW',
    ),
    ...atLeast(
      ['randomStragglers', 'longestS'],
      randomStragglers?.longestS,
      randomStragglers?.shortestS,
      'shortestS',
    ),
    ...sequences,
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

function policyProblems({ policies, pipeline }: Scenario): ScenarioProblem[] {
  const problems: ScenarioProblem[] = [];
  if (!policies.includes('max-frequency')) {
    problems.push(
      problem(['policies'], 'lacks "max-frequency", which every saving is compared with; add it'),
    );
  }
  policies.forEach((policy, k) => {
    if (policies.indexOf(policy) < k) {
      problems.push(problem(['policies', k], `"${policy}" is there already; name it once`));
    }
    if (policy === 'envpipe' && pipeline.schedule !== '1f1b') {
      problems.push(
        problem(
          ['policies', k],
          `"envpipe" plans only the schedule "1f1b", found "${pipeline.schedule}"`,
        ),
      );
    }
  });
  return problems;
}
