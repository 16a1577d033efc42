import { plainTable } from './plain-table.js';
import { headingTexts, policyColumns, type PolicyColumn } from './policy-columns.js';
import { gridSentences, powerColumns, powerNotes } from './power-table.js';
import { unitColumns } from './unit-table.js';
import { conclusion, heading, notes, textsOf } from './run-sentences.js';
import { wrapped } from './wrapped.js';
import type { PoweredResult } from '../../power/figures/run-power.js';

/** The table of energy bloat removed, with the notes needed to trust it. At most 120 columns. */
export function runTable(result: PoweredResult): string {
  return [
    ...textsOf(heading(result)).flatMap((line) => wrapped(line)),
    '',
    tableOf(policyColumns(result)),
    '',
    ...tableLines(unitColumns(result)),
    ...tableLines(powerColumns(result)),
    ...[...textsOf(conclusion(result)), ...gridSentences(result)].flatMap((sentence) =>
      wrapped(sentence),
    ),
    '',
    ...[...textsOf(notes(result)), ...powerNotes(result)].flatMap((note) => wrapped(note, '  ')),
    '',
  ].join('\n');
}

function tableOf(columns: readonly PolicyColumn[]): string {
  const rows = columns[0]!.cells.map((_, k) => columns.map(({ cells }) => cells[k]!));
  return plainTable(headingTexts(columns), rows);
}

function tableLines(columns: readonly PolicyColumn[]): string[] {
  return columns.length === 0 ? [] : [tableOf(columns), ''];
}
