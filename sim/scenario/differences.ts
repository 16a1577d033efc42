import type { Scenario } from './scenario-schema.js';
import { pathText } from './yaml-file.js';

/** A field in which scenarios differ. */
export interface Difference {
  /** Its path, such as `stragglers[0].slowdown`. */
  readonly field: string;
  /** One per scenario; undefined where it is absent. */
  readonly values: readonly unknown[];
}

/** Fields that say nothing about the job. */
const NAMES: ReadonlySet<string> = new Set(['name', 'description']);

/** The fields in which scenarios differ, defaults filled in, in the order of the schema. O(fields). */
export function differences(scenarios: readonly Scenario[]): Difference[] {
  const leaves = scenarios.map((scenario) => leavesOf(scenario));
  const fields = new Set(leaves.flatMap((each) => [...each.keys()]));
  return [...fields]
    .filter((field) => !NAMES.has(field))
    .map((field) => ({ field, values: leaves.map((each) => each.get(field)) }))
    .filter(({ values }) => new Set(values.map((value) => JSON.stringify(value))).size > 1);
}

/** The plain values of a scenario, and lists of them, by path. */
function leavesOf(scenario: Scenario): Map<string, unknown> {
  const leaves = new Map<string, unknown>();
  const visit = (value: unknown, path: readonly (string | number)[]) => {
    const entries = entriesOf(value);
    if (entries === undefined) leaves.set(pathText(path), value);
    for (const [key, inside] of entries ?? []) visit(inside, [...path, key]);
  };
  visit(scenario, []);
  return leaves;
}

/** The parts of a value that has fields or entries; undefined for others, and for lists of plain values. */
function entriesOf(value: unknown): (readonly [string | number, unknown])[] | undefined {
  if (value === undefined) return [];
  if (typeof value !== 'object' || value === null) return undefined;
  if (!Array.isArray(value)) return Object.entries(value);
  const isPlain = (each: unknown) => typeof each !== 'object' || each === null;
  if (value.length > 0 && value.every(isPlain)) return undefined;
  return value.map((each: unknown, k) => [k, each] as const);
}
