import { countPassing } from '../../src/last-passing.js';
import { hasTransfers, linksOf } from './pipeline-links.js';
import type { ScenarioPath, ScenarioProblem } from './scenario-problems.js';
import type { Scenario } from './scenario-schema.js';
import type { ScenarioStraggler } from './straggler-schema.js';
import { whereRight } from './usable-scenario.js';

/** Finds valid stragglers that do not fit the job or each other. */
export function stragglerContradictions(scenario: Scenario): ScenarioProblem[] {
  const checks = [
    () => scenario.stragglers.flatMap((straggler, k) => placeProblems(scenario, straggler, k)),
    () => stragglersTwice(scenario),
    () => drawnProblems(scenario),
  ];
  return checks.flatMap(whereRight);
}

function problem(path: ScenarioPath, message: string): ScenarioProblem {
  return { path, message };
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

/** The place of a slowdown: a straggler has those of these fields that its cause has. */
interface Place {
  readonly pipeline: number;
  readonly stage?: number | undefined;
  readonly link?: number | undefined;
}

function placeProblems(
  scenario: Scenario,
  straggler: ScenarioStraggler,
  k: number,
): readonly ScenarioProblem[] {
  const refuse = (field: string, message: string) => [problem(['stragglers', k, field], message)];
  const place: Place = straggler;
  const below = (field: keyof Place, countOf: () => number, of: string) => () => {
    const value = place[field];
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
      `pipeline ${stragglers[k]!.pipeline} is already a straggler; keep one`,
    ),
  );
}

/**
 * Finds stragglers with the cause, place and time of an earlier one: the same straggler, written
 * twice. O(n log n), but for moving the later ones of a place in an array.
 */
function repeated(stragglers: readonly ScenarioStraggler[]): ReadonlySet<number> {
  const again = new Set<number>();
  /** By place and cause: times that do not overlap, earliest first. */
  const times = new Map<string, { readonly fromS: number; readonly untilS: number }[]>();
  stragglers.forEach((straggler, k) => {
    const { cause, fromS = 0, untilS = Infinity } = straggler;
    const { pipeline, stage, link }: Place = straggler;
    const place = [pipeline, cause, stage, link].join(' ');
    const known = times.get(place) ?? [];
    times.set(place, known);
    const earlier = countPassing(known.length, (n) => known[n]!.fromS < untilS);
    // Of the times that begin before this one ends, only the last can overlap it.
    const before = known[earlier - 1];
    if (before !== undefined && before.untilS > fromS) again.add(k);
    else known.splice(earlier, 0, { fromS, untilS });
  });
  return again;
}
