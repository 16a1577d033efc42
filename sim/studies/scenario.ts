import { InputError, type Problem } from '../../src/errors.js';
import { contradictions } from './contradictions.js';
import { schemaProblems, type ScenarioProblem } from './scenario-problems.js';
import { scenarioSchema, type Scenario } from './scenario-schema.js';
import { lineOf, pathOf, pathText, readYaml } from './yaml-file.js';

/**
 * Reads a scenario from YAML.
 *
 * @param source name of the file, for messages.
 * @throws InputError with every problem: line, path, what was found and what is allowed. Problems
 *   of one field with another are looked for when each field by itself is right.
 */
export function parseScenario(text: string, source: string): Scenario {
  const file = readYaml(text, source);
  if (file.value === null || file.value === undefined) {
    throw InputError.of({
      source,
      message: 'the file is empty; a scenario needs at least a name, a profile and a pipeline',
    });
  }
  const checked = checkScenario(file.value);
  if (Array.isArray(checked)) {
    const located = checked.map(({ path, message }): Problem => ({
      source,
      ...lineOf(file, path),
      field: path.length === 0 ? 'the whole file' : pathText(path),
      message,
    }));
    throw new InputError(located.sort((a, b) => (a.line ?? 0) - (b.line ?? 0)));
  }
  return checked;
}

/** The scenario that a value is, or all that is wrong with it. */
export function checkScenario(value: unknown): Scenario | ScenarioProblem[] {
  const parsed = scenarioSchema.safeParse(value);
  if (!parsed.success) return schemaProblems(parsed.error.issues, value);
  const problems = contradictions(parsed.data);
  return problems.length > 0 ? problems : parsed.data;
}

/** What is wrong with fields by themselves, without looking whether they go together. */
export function checkFields(value: unknown): ScenarioProblem[] {
  const parsed = scenarioSchema.safeParse(value);
  return parsed.success ? [] : schemaProblems(parsed.error.issues, value);
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
