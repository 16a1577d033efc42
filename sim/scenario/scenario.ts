import { InputError, type Problem } from '../../src/errors.js';
import { ProblemGathering } from '../../src/problem-list.js';
import type { CatalogLibrary } from '../hardware/catalog-library.js';
import { contradictions } from './contradictions.js';
import type { ScenarioProblem } from './scenario-problems.js';
import { loadProfile } from './scenario-profile.js';
import type { Scenario } from './scenario-schema.js';
import { stagesOf, type ScenarioProfile } from './scenario-setting.js';
import { usableScenario, withoutSpoilt, type UsableScenario } from './usable-scenario.js';
import { lineOf, pathOf, pathText, readYaml } from './yaml-file.js';

/**
 * Reads a scenario from YAML.
 *
 * @param source name of the file, for messages.
 * @throws InputError with every problem: line, path, what was found and what is allowed.
 */
export function parseScenario(text: string, source: string): Scenario {
  const { scenario, problems } = readScenario(text, source);
  if (problems.length > 0 || scenario === undefined) throw new InputError(problems);
  return scenario;
}

/** The valid part of a scenario, and its problems, by line. */
interface ReadScenario {
  readonly scenario: Scenario | undefined;
  readonly problems: readonly Problem[];
}

/** @throws InputError if the text is not YAML, or empty. */
function readScenario(text: string, source: string): ReadScenario {
  const file = readYaml(text, source);
  if (file.value === null || file.value === undefined) {
    throw InputError.of({
      source,
      message: 'the file is empty; a scenario needs at least a name, a profile and a pipeline',
    });
  }
  const { scenario, problems } = checkedScenario(file.value);
  const located = problems.map(({ path, message }): Problem => ({
    source,
    ...lineOf(file, path),
    field: path.length === 0 ? 'the whole file' : pathText(path),
    message,
  }));
  return { scenario, problems: byLine(located) };
}

function byLine(problems: readonly Problem[]): Problem[] {
  return [...problems].sort((a, b) => (a.line ?? 0) - (b.line ?? 0));
}

/** A scenario and the profile that it names. */
export interface LoadedScenario {
  readonly scenario: Scenario;
  readonly profile: ScenarioProfile;
}

/** Reads the profile that a scenario names; `loadProfile`, unless what was read before is kept. */
export type ProfileLoader = typeof loadProfile;

/**
 * Reads a scenario from YAML, and the profile that it names.
 *
 * @param source name of the file, for messages.
 * @throws InputError with every problem: of single fields, of one field with another, of names that
 *   the catalog does not have, of the profile's file, and of the scenario with its profile.
 */
export function loadScenario(
  text: string,
  source: string,
  library: CatalogLibrary,
  load: ProfileLoader = loadProfile,
): LoadedScenario {
  const read = readScenario(text, source);
  try {
    return withProfile(read, source, library, load);
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    const located = withLines(error, text, source).problems;
    const isOfFile = (one: Problem) => one.source === source;
    throw new InputError([
      ...byLine(located.filter(isOfFile)),
      ...located.filter((one) => !isOfFile(one)),
    ]);
  }
}

/**
 * Checks a scenario that is an object, not a file, and reads the profile that it names.
 *
 * @param source names the object in messages; files that it names are relative to its folder.
 * @throws InputError with every problem, as `loadScenario`.
 */
export function loadScenarioObject(
  value: unknown,
  source: string,
  library: CatalogLibrary,
  load: ProfileLoader = loadProfile,
): LoadedScenario {
  const { scenario, problems } = checkedScenario(value);
  const placed = problems.map(({ path, message }): Problem => ({
    source,
    ...(path.length === 0 ? {} : { field: pathText(path) }),
    message,
  }));
  return withProfile({ scenario, problems: placed }, source, library, load);
}

/** @throws InputError with the scenario's problems, its profile's, and those of both together. */
function withProfile(
  { scenario, problems }: ReadScenario,
  source: string,
  library: CatalogLibrary,
  load: ProfileLoader,
): LoadedScenario {
  if (scenario === undefined) throw new InputError(problems);
  const gathering = new ProblemGathering();
  gathering.add(...problems);
  const profile = gathering.attempt(() => load(scenario, source, library));
  if (profile !== undefined) gathering.attempt(() => stagesOf(scenario, profile));
  gathering.throwIfAny();
  return { scenario, profile: profile! };
}

/**
 * The valid part of a value read as a scenario, and all its problems: of single fields, and of
 * fields that contradict each other.
 */
export function checkedScenario(value: unknown): UsableScenario {
  const { scenario, problems } = usableScenario(value);
  if (scenario === undefined) return { scenario, problems };
  const contradicting = contradictions(scenario);
  return {
    // The consequences of a contradiction are not reported.
    scenario: withoutSpoilt(
      scenario,
      contradicting.map(({ path }) => path),
    ),
    problems: [...problems, ...contradicting],
  };
}

/** The value as a scenario, or all its problems. */
export function checkScenario(value: unknown): Scenario | readonly ScenarioProblem[] {
  const { scenario, problems } = checkedScenario(value);
  return problems.length > 0 || scenario === undefined ? problems : scenario;
}

/** Finds the problems of single fields, without checking whether they fit together. */
export function checkFields(value: unknown): readonly ScenarioProblem[] {
  return usableScenario(value).ofSingleFields;
}

/**
 * Adds the lines to problems that were found after parsing: those of this source that name a field
 * and no line yet.
 */
export function withLines(error: InputError, text: string, source: string): InputError {
  const file = readYaml(text, source);
  return new InputError(
    error.problems.map((problem): Problem => {
      const isHere = problem.source === source && problem.line === undefined;
      if (!isHere || problem.field === undefined) return problem;
      return { ...problem, ...lineOf(file, pathOf(problem.field)) };
    }),
  );
}
