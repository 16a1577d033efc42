import type { FlattenedResult } from '../../power/flatten/flatten-watch.js';
import { documentTable, type DocumentFormat } from './document-table.js';
import { policyColumns } from './policy-columns.js';
import { powerColumns } from './power-table.js';
import { unitColumns } from './unit-table.js';

/** The tables of a run for a document: savings, and tokens and power over time if there are any. */
export function runDocument(result: FlattenedResult, format: DocumentFormat): string {
  return [policyColumns(result), unitColumns(result), powerColumns(result)]
    .filter((columns) => columns.length > 0)
    .map((columns) =>
      documentTable(format, {
        headings: columns.map(({ heading: [over, under] }) => [withUnit(over), withUnit(under)]),
        rows: columns[0]!.cells.map((_, k) => columns.map(({ cells }) => cells[k]!)),
        leftColumns: 1,
      }),
    )
    .join('\n');
}

/** `time s` → `time (s)` */
function withUnit(line: string): string {
  return line.replace(/(^| )(s|[kMGT]?[JW]|%|[kMGT]?W\/s)$/, '$1($2)');
}
