import { ticks } from 'd3-array';

/**
 * Round numbers within a domain: as many as there is room for, and no more than this many. None if not
 * even one has room.
 */
export function fewTicks(
  [from, until]: readonly [number, number],
  most: number,
  haveRoom: (values: readonly number[]) => boolean = () => true,
): number[] {
  // More come than are asked for, up to 1.6 times as many and one: √10 / 2, for steps of 2.
  for (let count = most; count > 0; count--) {
    const values = ticks(from, until, count);
    if (values.length > 0 && values.length <= most && haveRoom(values)) return values;
  }
  return [];
}
