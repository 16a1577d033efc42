import { lastPassing } from '../../src/last-passing.js';

/** Line and column, both from 1, as the parts of a problem. */
export interface Place {
  readonly line: number;
  readonly field: string;
}

/** Lines and columns of offsets into a text; O(size) for the first, O(log lines) for the others. */
export function placesIn(text: string): (at: number) => Place {
  let starts: number[] | undefined;
  return (at) => {
    starts ??= [
      0,
      ...Array.from(text.matchAll(/\r\n|\n|\r/g), (found) => found.index + found[0].length),
    ];
    const begin = starts;
    const line = lastPassing(0, begin.length - 1, (k) => begin[k]! <= at);
    return { line: line + 1, field: `column ${at - begin[line]! + 1}` };
  };
}
