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
  return Array.from(line).length;
}

/** Breaks a text at blanks, and words that are longer than a line anywhere. */
function broken(text: string, columns: number, [first, next]: readonly [string, string]): string[] {
  const lines: string[] = [];
  let begun = first;
  let isEmpty = true;
  const end = () => {
    lines.push(begun);
    begun = next;
    isEmpty = true;
  };
  for (const word of text.split(' ')) {
    let rest = Array.from(word);
    while (rest.length + (isEmpty ? 0 : 1) > columns - widthOf(begun)) {
      if (isEmpty) {
        const left = columns - widthOf(begun);
        begun += rest.slice(0, left).join('');
        rest = rest.slice(left);
      }
      end();
    }
    begun += `${isEmpty ? '' : ' '}${rest.join('')}`;
    isEmpty = false;
  }
  end();
  return lines;
}
