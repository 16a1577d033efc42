import { DuckDBTypeId, type DuckDBResultReader } from '@duckdb/node-api';

/** Rows as objects: numbers, texts, nulls, and lists and objects of those. */
export function objectsOf(reader: DuckDBResultReader): Record<string, unknown>[] {
  const rows = reader.getRowObjectsJson() as Record<string, unknown>[];
  const names = reader.deduplicatedColumnNames();
  const numeric = names.filter((_, k) => TEXTUAL_NUMBERS.has(reader.columnTypeId(k)));
  for (const row of rows) {
    for (const name of numeric) {
      if (row[name] !== null) row[name] = Number(row[name]);
    }
  }
  return rows;
}

/** Types of numbers that DuckDB gives as texts. */
const TEXTUAL_NUMBERS: ReadonlySet<DuckDBTypeId> = new Set([
  DuckDBTypeId.BIGINT,
  DuckDBTypeId.UBIGINT,
  DuckDBTypeId.HUGEINT,
  DuckDBTypeId.UHUGEINT,
  DuckDBTypeId.DECIMAL,
]);
