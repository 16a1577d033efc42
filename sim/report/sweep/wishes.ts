import { entryOf } from '../../../src/groups.js';
import { keyOf, type ResultColumns } from './group-results.js';

/** A column and which way is better: `-saving` the more, `energy` the less. */
export interface Wish {
  readonly column: string;
  readonly isMore: boolean;
}

/** Reads `-saving` or `energy`. */
export function parseWish(text: string): Wish {
  return text.startsWith('-')
    ? { column: text.slice(1), isMore: true }
    : { column: text, isMore: false };
}

/** Places of the best rows of each group by a column, best first. Rows without a number are left out. */
export function bestPlaces(
  columns: ResultColumns,
  groupBy: readonly string[],
  wish: Wish,
  count: number,
): number[] {
  return chosenPlaces(columns, groupBy, [wish], () => {
    let taken = 0;
    return () => taken++ < count;
  });
}

/**
 * Places of the rows of each group that no other row of it beats in both columns; in order of the
 * first. Of rows that are equal in both, the first. O(rows · log rows).
 */
export function paretoPlaces(
  columns: ResultColumns,
  groupBy: readonly string[],
  wishes: readonly [Wish, Wish],
): number[] {
  return chosenPlaces(columns, groupBy, wishes, () => {
    let least = Infinity;
    return (costs) => {
      const isBetter = costs[1]! < least;
      if (isBetter) least = costs[1]!;
      return isBetter;
    };
  });
}

/**
 * Goes through the rows of each group in the order of wishes, and keeps what is wanted; groups are
 * in the order in which they first appear. Rows without a number are left out.
 *
 * @param begin begins a group: says of one row after the other, by its costs, whether to keep it.
 */
function chosenPlaces(
  columns: ResultColumns,
  groupBy: readonly string[],
  wishes: readonly Wish[],
  begin: () => (costs: readonly number[]) => boolean,
): number[] {
  const costs = wishes.map(({ column, isMore }) =>
    columns[column]!.map((value) => (typeof value === 'number' ? (isMore ? -value : value) : NaN)),
  );
  const groupOf = keyOf(columns, groupBy);
  const groups = new Map<string, number[]>();
  for (let place = 0; place < costs[0]!.length; place++) {
    if (costs.some((values) => Number.isNaN(values[place]))) continue;
    entryOf(groups, groupOf(place), (): number[] => []).push(place);
  }
  const order = (a: number, b: number) =>
    costs.reduce((difference, values) => difference || values[a]! - values[b]!, 0) || a - b;
  return [...groups.values()].flatMap((group) => {
    const isKept = begin();
    return group.sort(order).filter((place) => isKept(costs.map((values) => values[place]!)));
  });
}
