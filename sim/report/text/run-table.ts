import { visibleLine } from '../../../src/visible.js';
import { plainTable } from './plain-table.js';
import { headingTexts, policyColumns, type PolicyColumn } from './policy-columns.js';
import { unitColumns } from './unit-table.js';
import { conclusion, heading, notes, textsOf } from './run-sentences.js';
import type { ScenarioResult } from '../../run/run-scenario.js';

/** Widest line of a report as text. */
const COLUMNS = 120;

/** The table of energy bloat removed, with the notes needed to trust it. At most 120 columns. */
export function runTable(result: ScenarioResult): string {
  return [
    ...textsOf(heading(result)).flatMap((line) => wrap(line, '')),
    '',
    tableOf(policyColumns(result)),
    '',
    ...unitLines(result),
    ...textsOf(conclusion(result)).flatMap((sentence) => wrap(sentence, '')),
    '',
    ...textsOf(notes(result)).flatMap((note) => wrap(note, '  ')),
    '',
  ].join('\n');
}

function tableOf(columns: readonly PolicyColumn[]): string {
  const rows = columns[0]!.cells.map((_, k) => columns.map(({ cells }) => cells[k]!));
  return plainTable(headingTexts(columns), rows);
}

function unitLines(result: ScenarioResult): string[] {
  const columns = unitColumns(result);
  return columns.length === 0 ? [] : [tableOf(columns), ''];
}

/** Breaks a text at blanks; lines after the first are indented twice. */
function wrap(text: string, indent: string): string[] {
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
