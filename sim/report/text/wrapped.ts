import { visibleLine } from '../../../src/visible.js';

/** The widest line of a report as text: that of a terminal as it opens. */
export const LINE_COLUMNS = 80;

/** Blanks between the columns of a table. */
export const COLUMN_GAP = 2;

/** Breaks a text at blanks into lines of at most 80 columns; those after the first are indented twice. */
export function wrapped(text: string, indent = ''): string[] {
  return broken(visibleLine(text), LINE_COLUMNS, [indent, `${indent}  `]);
}

/** Breaks a text into lines of at most this many columns. */
export function brokenText(text: string, columns: number): string {
  return broken(text, columns, ['', '']).join('\n');
}

/** The number of characters of a line. */
export function widthOf(line: string): number {
  return [...line].length;
}

/** Breaks a text at blanks, and words that are longer than a line anywhere. */
function broken(text: string, columns: number, [first, next]: readonly [string, string]): string[] {
  const lines = [first];
  let isEmpty = true;
  const add = (word: string) => {
    lines[lines.length - 1] += isEmpty ? word : ` ${word}`;
    isEmpty = false;
  };
  const begin = () => {
    lines.push(next);
    isEmpty = true;
  };
  for (const word of text.split(' ')) {
    let rest = word;
    for (;;) {
      const left = columns - widthOf(lines.at(-1)!) - (isEmpty ? 0 : 1);
      if (widthOf(rest) <= left) break;
      if (isEmpty) {
        add([...rest].slice(0, left).join(''));
        rest = [...rest].slice(left).join('');
      }
      begin();
    }
    add(rest);
  }
  return lines;
}
