import {
  isMap,
  isNode,
  isScalar,
  isSeq,
  LineCounter,
  parseDocument,
  visit,
  type Document,
} from 'yaml';
import { InputError } from '../../src/errors.js';
import { isNestedTooDeeply } from '../../src/yaml-nesting.js';
import type { ScenarioPath } from './scenario-problems.js';

/** A YAML file's content, and the place of everything in it. */
export interface YamlFile {
  readonly document: Document;
  readonly lines: LineCounter;
  readonly value: unknown;
  /** Offsets of fields and entries by their path, made when they are first asked for. */
  readonly places: () => ReadonlyMap<string, number>;
}

/**
 * Reads YAML.
 * @param source name of the file, for messages.
 * @throws InputError if the text is not valid YAML.
 */
export function readYaml(text: string, source: string): YamlFile {
  const lines = new LineCounter();
  if (isNestedTooDeeply(text)) {
    throw InputError.of({ source, message: 'not readable as YAML: it is nested too deeply' });
  }
  // The parser compares every key with every other.
  const document = parseDocument(text, {
    lineCounter: lines,
    prettyErrors: false,
    uniqueKeys: false,
  });
  if (document.errors.length > 0) {
    throw new InputError(
      document.errors.map((error) => ({
        source,
        line: lines.linePos(error.pos[0]).line,
        message: `not readable as YAML: ${error.message}`,
      })),
    );
  }
  const repeated = repeatedKeys(document);
  if (repeated.length > 0) {
    throw new InputError(
      repeated.map((offset) => ({
        source,
        line: lines.linePos(offset).line,
        message: 'not readable as YAML: Map keys must be unique',
      })),
    );
  }
  try {
    let known: ReadonlyMap<string, number> | undefined;
    const places = () => (known ??= placesOf(document));
    return { document, lines, value: document.toJS() as unknown, places };
  } catch (error) {
    // An alias without its anchor, or enough aliases for an attack.
    throw InputError.of({ source, message: `not readable as YAML: ${(error as Error).message}` });
  }
}

/** Offsets of keys that appear twice in their map. O(nodes). */
function repeatedKeys(document: Document): number[] {
  const repeated: number[] = [];
  visit(document, {
    Map: (_, { items }) => {
      const known = new Set<unknown>();
      for (const { key } of items) {
        if (!isScalar(key)) continue;
        if (known.has(key.value)) repeated.push(key.range?.[0] ?? 0);
        known.add(key.value);
      }
    },
  });
  return repeated;
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

/** Line of the innermost part of a path that the file has. O(length of the path) but for the first. */
export function lineOf({ places, lines }: YamlFile, path: ScenarioPath): { line?: number } {
  for (let length = path.length; length > 0; length--) {
    const offset = places().get(placeKey(path.slice(0, length)));
    if (offset !== undefined) return { line: lines.linePos(offset).line };
  }
  return {};
}

/** A key with this character is mistaken for another path, which only costs a line number. */
const BETWEEN_KEYS = '\u0000';

function placeKey(path: ScenarioPath): string {
  return path.map(String).join(BETWEEN_KEYS);
}

/**
 * The beginning of every field and entry: a field begins at its name, since its value may begin lines
 * below. O(nodes).
 */
function placesOf(document: Document): ReadonlyMap<string, number> {
  const places = new Map<string, number>();
  const rest: [node: unknown, key: string][] = [[document.contents, '']];
  const found = (parent: string, name: string, offset: number | undefined, value: unknown) => {
    const key = parent === '' ? name : `${parent}${BETWEEN_KEYS}${name}`;
    // Of names that appear twice the first one counts, as YAML refuses the others.
    if (offset !== undefined && !places.has(key)) places.set(key, offset);
    if (isMap(value) || isSeq(value)) rest.push([value, key]);
  };
  for (let at = rest.pop(); at !== undefined; at = rest.pop()) {
    const [node, key] = at;
    if (isMap(node)) {
      for (const pair of node.items) {
        if (isScalar(pair.key)) {
          found(key, String(pair.key.value), pair.key.range?.[0], pair.value);
        }
      }
    } else if (isSeq(node)) {
      node.items.forEach((item, k) => {
        found(key, String(k), isNode(item) ? item.range?.[0] : undefined, item);
      });
    }
  }
  return places;
}
