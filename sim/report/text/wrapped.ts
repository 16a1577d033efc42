import { visibleLine } from '../../../src/visible.js';

/** Widest line of a report as text. */
const COLUMNS = 120;

/** Breaks a text at blanks into lines of at most 120 columns; those after the first are indented twice. */
export function wrapped(text: string, indent = ''): string[] {
  const lines = [indent];
  for (const word of visibleLine(text).split(' ')) {
    const line = lines.at(-1)!;
    const isFirst = line.trim() === '';
    if (isFirst) lines[lines.length - 1] = line + word;
    else if (line.length + 1 + word.length <= COLUMNS) lines[lines.length - 1] = `${line} ${word}`;
    else lines.push(`${indent}  ${word}`);
  }
  return lines;
}
