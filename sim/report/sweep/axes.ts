import { extremes } from '../../../src/extremes.js';
import { SEED } from '../../sweep/seed-field.js';
import { groupResults, type ResultColumns } from './group-results.js';

/** A field that a sweep varied, with those that always varied together with it. */
export interface VariedAxis {
  /** Its column. */
  readonly field: string;
  /** Its name where there is little room: the end of its path, as long as no other axis ends so. */
  readonly name: string;
  /** Columns whose value says the value of this one, and the other way round. */
  readonly together: readonly string[];
  /** Numbers in ascending order, texts in that of the runs. */
  readonly values: readonly unknown[];
}

/**
 * The axes of some results: fields with several values, without seeds. Fields that varied together, as a
 * sweep's `zip` makes them, are one axis.
 */
export function variedAxes(columns: ResultColumns, fields: readonly string[]): VariedAxis[] {
  const axes: { field: string; together: string[]; values: readonly unknown[] }[] = [];
  for (const field of fields) {
    const values = field === SEED ? [] : distinct(columns[field] ?? []);
    if (values.length < 2) continue;
    const same = axes.find((axis) => varyTogether(columns, axis.field, field));
    if (same === undefined) axes.push({ field, together: [], values });
    else same.together.push(field);
  }
  const names = shortNames(axes.map(({ field }) => field));
  return axes.map((axis, k) => ({ ...axis, name: names[k]! }));
}

/** The values of a column, each once: numbers in ascending order, others as they first appear. */
export function distinct(column: readonly unknown[]): unknown[] {
  const values = [...new Set(column)].filter((value) => value !== null && value !== undefined);
  const areNumbers = values.every((value) => typeof value === 'number');
  return areNumbers ? values.sort((a, b) => a - b) : values;
}

function varyTogether(columns: ResultColumns, one: string, other: string): boolean {
  const pairs = new Set<string>();
  const ones = new Set<unknown>();
  const others = new Set<unknown>();
  for (const [place, value] of columns[one]!.entries()) {
    const second = columns[other]![place];
    pairs.add(JSON.stringify([value, second]));
    ones.add(value);
    others.add(second);
    // Each value of one has one of the other only as long as there are as many pairs as values.
    if (pairs.size > ones.size || pairs.size > others.size) return false;
  }
  return pairs.size === ones.size && pairs.size === others.size;
}

/** The ends of paths that tell them apart: `slowdown` of `stragglers[0].slowdown`. */
export function shortNames(fields: readonly string[]): string[] {
  return fields.map((field) => {
    const parts = field.split('.');
    const ends = parts.map((_, k) => parts.slice(parts.length - 1 - k).join('.'));
    const isOwn = (end: string) =>
      !fields.some((other) => other !== field && (other === end || other.endsWith(`.${end}`)));
    return ends.find(isOwn) ?? field;
  });
}

/**
 * Axes in the order of how much they matter to a figure: by how far the middles of its ranges at their values
 * are apart. It only chooses what is drawn where.
 */
export function byEffect(
  columns: ResultColumns,
  axes: readonly VariedAxis[],
  metric: string,
): VariedAxis[] {
  const effects = new Map(axes.map((axis) => [axis, effectOf(columns, axis, metric)]));
  return [...axes].sort((a, b) => effects.get(b)! - effects.get(a)!);
}

function effectOf(columns: ResultColumns, { field }: VariedAxis, metric: string): number {
  const rows = groupResults(columns, [field, 'policy'], [metric], []);
  const middles = new Map<unknown, number[]>();
  for (const { group, lowest, highest } of rows) {
    if (lowest === null || highest === null) continue;
    const policy = group[1];
    middles.set(policy, [...(middles.get(policy) ?? []), (lowest + highest) / 2]);
  }
  const spreads = [...middles.values()].map((values) => {
    const { least, most } = extremes(values);
    return most - least;
  });
  return extremes([0, ...spreads]).most;
}

/**
 * The policy that a picture of one shows: the one that saves the most energy in most runs; of several, the
 * last.
 */
export function bestPolicy(columns: ResultColumns): string | undefined {
  const { policy = [], run = [], simulated_saving_pct: saved = [] } = columns;
  const bests = new Map<unknown, number>();
  for (const [place, value] of saved.entries()) {
    if (typeof value !== 'number') continue;
    bests.set(run[place], Math.max(bests.get(run[place]) ?? -Infinity, value));
  }
  const wins = new Map<string, number>();
  for (const [place, name] of policy.entries()) {
    if (typeof name !== 'string' || name === 'max-frequency') continue;
    const isBest = saved[place] === bests.get(run[place]);
    wins.set(name, (wins.get(name) ?? 0) + (isBest ? 1 : 0));
  }
  const most = extremes(wins.values()).most;
  const winners = [...wins].filter(([, count]) => count === most);
  return winners.at(-1)?.[0] ?? (typeof policy[0] === 'string' ? policy[0] : undefined);
}
