import { InputError, type Problem, SpoiltFieldError } from '../../src/errors.js';
import { checkedScenario, checkFields } from '../scenario/scenario.js';
import type { ScenarioProblem } from '../scenario/scenario-problems.js';
import type { Scenario } from '../scenario/scenario-schema.js';
import { SEED } from './seed-field.js';
import type { Parameters, PlacedAxis } from './sweep-axes.js';
import { withFields } from './sweep-fields.js';
import { lineOf, pathOf, pathText, type YamlFile } from '../scenario/yaml-file.js';

/** One run of a sweep. */
export interface SweepRun {
  /** From 0, in the order of the matrix: its last axis varies fastest, then seeds. */
  readonly index: number;
  readonly parameters: Parameters;
  readonly scenario: Scenario;
}

/** Access to files that a sweep needs. */
export interface SweepSurroundings {
  /** Text of a scenario's file, relative to the sweep's. */
  readonly readBase: (path: string) => { readonly text: string; readonly source: string };
  /** Checks a run's profile. @throws InputError if it is missing or invalid. */
  readonly checkProfile?: (scenario: Scenario) => void;
}

/** The scenario that a sweep varies, and its file, if it is not in the sweep's. */
export interface Base {
  readonly value: Record<string, unknown>;
  readonly file?: YamlFile;
  readonly source?: string;
}

/** The parts that runs are made of, and their places. */
export interface RunMaking {
  readonly base: Base;
  readonly axes: readonly PlacedAxis[];
  readonly seeds: number;
  /** Fields whose variation in the file is invalid. */
  readonly spoilt: ReadonlySet<string>;
  readonly file: YamlFile;
  readonly source: string;
  readonly around: SweepSurroundings;
}

/** Problems of runs are alike: at most this many are listed. */
const NAMED_PROBLEMS = 20;

/** Makes a run of each combination and seed; their problems are added to `problems`. */
export function checkedRuns(
  combinations: readonly Parameters[],
  making: RunMaking,
  problems: Problem[],
): SweepRun[] {
  const { base, seeds } = making;
  const runs: SweepRun[] = [];
  const found = new Map<string, Problem>();
  const firstSeed = typeof base.value['seed'] === 'number' ? base.value['seed'] : 1;
  for (const combination of combinations) {
    for (let k = 0; k < seeds; k++) {
      const parameters = seeds === 1 ? combination : { ...combination, [SEED]: firstSeed + k };
      const checked = checkRun(parameters, making);
      if (!Array.isArray(checked)) {
        runs.push({ index: runs.length, parameters, scenario: checked });
        continue;
      }
      for (const problem of checked) {
        const key = `${problem.source} ${problem.line} ${problem.field} ${withoutRun(problem)}`;
        if (!found.has(key) && found.size < NAMED_PROBLEMS) found.set(key, problem);
      }
    }
  }
  problems.push(...found.values());
  return runs;
}

/** Runs with the same problem differ in the other fields that they vary. */
function withoutRun({ message }: Problem): string {
  return message.replace(/ \(run with .*\)$/s, '');
}

function checkRun(parameters: Parameters, making: RunMaking): SweepRun['scenario'] | Problem[] {
  const { value, problems: unset } = withFields(making.base.value, parameters);
  if (unset.length > 0) {
    const spoiltTops = new Set([...making.spoilt].map((field) => pathOf(field)[0]));
    return (
      unset
        .map(({ field, message }) => ({ path: pathOf(field), message }))
        // Entries before it might exist if their variation in the file were valid.
        .filter(({ path }) => !spoiltTops.has(path[0]))
        .map((problem) => located(problem, parameters, making))
    );
  }
  if (making.spoilt.size > 0) {
    // Problems of several fields are unknown while some of the fields are.
    return checkFields(value)
      .filter(({ path }) => !isSpoilt(path, making.spoilt))
      .map((problem) => located(problem, parameters, making));
  }
  const { scenario, problems } = checkedScenario(value);
  const found = problems.map((one) => located(one, parameters, making));
  try {
    if (scenario !== undefined) making.around.checkProfile?.(scenario);
  } catch (error) {
    if (error instanceof InputError) found.push(...profileProblems(error, parameters, making));
    else if (!(error instanceof SpoiltFieldError)) throw error;
  }
  return found.length > 0 || scenario === undefined ? found : scenario;
}

/** The problems of a run's profile, at the place where the sweep names it. */
function profileProblems(
  { problems }: InputError,
  parameters: Parameters,
  making: RunMaking,
): Problem[] {
  return problems.map((problem) => {
    const { source, field, message, line } = problem;
    const isOfSweep = source === making.source && line === undefined && field !== undefined;
    return isOfSweep ? located({ path: pathOf(field), message }, parameters, making) : problem;
  });
}

type Path = readonly PropertyKey[];

/** Whether one path leads to the other, or they are the same. */
function isRelated(a: Path, b: Path): boolean {
  return a.slice(0, b.length).every((key, k) => key === b[k]);
}

function isSpoilt(path: Path, spoilt: ReadonlySet<string>): boolean {
  return [...spoilt].some((field) => isRelated(path, pathOf(field)));
}

/** A run's problem, at the place where the sweep or its base sets the field. */
function located(
  { path, message }: ScenarioProblem,
  parameters: Parameters,
  making: RunMaking,
): Problem {
  const { base, axes, file, source } = making;
  const axis = axes.find(({ field }) => isRelated(path, pathOf(field)));
  const field = pathText(path);
  if (axis !== undefined) {
    const shown = Object.entries(parameters).map(
      ([name, value]) => `${name} ${JSON.stringify(value)}`,
    );
    return {
      source,
      ...lineOf(file, axis.path),
      field: pathText(axis.path),
      message:
        axis.field === field ? message : `${field}: ${message} (run with ${shown.join(', ')})`,
    };
  }
  if (base.file !== undefined) {
    return { source: base.source!, ...lineOf(base.file, path), field, message };
  }
  return { source, ...lineOf(file, ['base', ...path]), field: `base.${field}`, message };
}
