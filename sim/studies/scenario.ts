import {
  isMap,
  isNode,
  isScalar,
  LineCounter,
  parseDocument,
  type Document,
  type Range,
} from 'yaml';
import { InputError, type Problem } from '../../src/errors.js';
import { contradictions } from './contradictions.js';
import { schemaProblems, type ScenarioPath } from './scenario-problems.js';
import { scenarioSchema, type Scenario } from './scenario-schema.js';

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
  const parsed = scenarioSchema.safeParse(file.value);
  const problems = parsed.success
    ? contradictions(parsed.data)
    : schemaProblems(parsed.error.issues, file.value);
  if (problems.length > 0 || !parsed.success) {
    const located = problems.map(({ path, message }): Problem => ({
      source,
      ...lineOf(file, path),
      field: path.length === 0 ? 'the whole file' : pathText(path),
      message,
    }));
    throw new InputError(located.sort((a, b) => (a.line ?? 0) - (b.line ?? 0)));
  }
  return parsed.data;
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

interface YamlFile {
  readonly document: Document;
  readonly lines: LineCounter;
  readonly value: unknown;
}

function readYaml(text: string, source: string): YamlFile {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  if (document.errors.length > 0) {
    throw new InputError(
      document.errors.map((error) => ({
        source,
        line: lines.linePos(error.pos[0]).line,
        message: `not readable as YAML: ${error.message}`,
      })),
    );
  }
  try {
    return { document, lines, value: document.toJS() as unknown };
  } catch (error) {
    // An alias without its anchor, or so many aliases that they are an attack.
    throw InputError.of({ source, message: `not readable as YAML: ${(error as Error).message}` });
  }
}

/** `stragglers[0].pipeline` */
function pathText(path: ScenarioPath): string {
  return path.reduce<string>((text, key) => {
    if (typeof key === 'number') return `${text}[${key}]`;
    return text === '' ? String(key) : `${text}.${String(key)}`;
  }, '');
}

/** The inverse of `pathText`. */
function pathOf(text: string): ScenarioPath {
  return [...text.matchAll(/\[(\d+)\]|[^.[\]]+/g)].map(([key, position]) =>
    position === undefined ? key : Number(position),
  );
}

/** Line of the innermost part of a path that the file has. */
function lineOf({ document, lines }: YamlFile, path: ScenarioPath): { line?: number } {
  for (let length = path.length; length > 0; length--) {
    const range = rangeOf(document, path.slice(0, length));
    if (range) return { line: lines.linePos(range[0]).line };
  }
  return {};
}

/** Of a field where its name stands: the value may begin lines below. */
function rangeOf(document: Document, path: ScenarioPath): Range | null | undefined {
  const parent = document.getIn(path.slice(0, -1), true);
  if (isMap(parent)) {
    const name = String(path.at(-1));
    const keys = parent.items.map((pair) => pair.key).filter(isScalar);
    return keys.find((key) => String(key.value) === name)?.range;
  }
  const node = document.getIn(path, true);
  return isNode(node) ? node.range : undefined;
}
