import {
  isMap,
  isNode,
  isScalar,
  LineCounter,
  parseDocument,
  type Document,
  type Range,
} from 'yaml';
import { InputError } from '../../src/errors.js';
import type { ScenarioPath } from './scenario-problems.js';

/** A YAML file's content, and where in it everything stands. */
export interface YamlFile {
  readonly document: Document;
  readonly lines: LineCounter;
  readonly value: unknown;
}

/**
 * Reads YAML.
 * @param source name of the file, for messages.
 * @throws InputError when it is none.
 */
export function readYaml(text: string, source: string): YamlFile {
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
export function pathText(path: ScenarioPath): string {
  return path.reduce<string>((text, key) => {
    if (typeof key === 'number') return `${text}[${key}]`;
    return text === '' ? String(key) : `${text}.${String(key)}`;
  }, '');
}

/** The inverse of `pathText`. */
export function pathOf(text: string): (string | number)[] {
  return [...text.matchAll(/\[(\d+)\]|[^.[\]]+/g)].map(([key, position]) =>
    position === undefined ? key : Number(position),
  );
}

/** Line of the innermost part of a path that the file has. */
export function lineOf({ document, lines }: YamlFile, path: ScenarioPath): { line?: number } {
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
