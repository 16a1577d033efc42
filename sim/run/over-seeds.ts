import { bootstrapInterval, type Interval } from './bootstrap.js';
import {
  LISTED_FIGURES,
  type FigureWithInterval,
  type PolicyFigures,
  type PolicyResult,
} from './policy-figures.js';

/**
 * Joins a policy's rows, one per seed; the row of a single seed has no intervals.
 * @throws Error if a figure differs between seeds although its rule says that it is the same.
 */
export function overSeeds(policy: string, rows: readonly PolicyFigures[]): PolicyResult {
  const [first] = rows;
  if (rows.length === 1) return { ...first!, policy, intervals: undefined };
  const valuesOf = (name: keyof PolicyFigures) => rows.map((row) => row[name]);
  const figures = LISTED_FIGURES.map(([name, figure]): [string, unknown] => [
    name,
    figure.joined(valuesOf(name), name),
  ]);
  const intervals = LISTED_FIGURES.filter(
    ([, rule]) => rule.overSeeds === 'mean with interval',
  ).map(([name]): [string, Interval] => [
    name,
    bootstrapInterval(valuesOf(name) as readonly number[], { seed: rows.length }),
  ]);
  return {
    ...(Object.fromEntries(figures) as unknown as PolicyFigures),
    policy,
    intervals: Object.fromEntries(intervals) as Record<FigureWithInterval, Interval>,
  };
}
