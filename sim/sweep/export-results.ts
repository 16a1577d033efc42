import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { InputError } from '../../src/errors.js';
import { csvText } from '../results/csv-text.js';
import { quotedName, quotedText } from './sql-text.js';
import type { SweepStore } from './store.js';

/** Formats of exported tables, by the ending of the file. */
export const EXPORT_FORMATS = ['parquet', 'csv', 'arrow'] as const;

/** @throws InputError when a file's name does not end in one of them. */
export function exportFormat(file: string): (typeof EXPORT_FORMATS)[number] {
  const format = EXPORT_FORMATS.find((ending) => file.endsWith(`.${ending}`));
  if (format !== undefined) return format;
  throw InputError.of({
    source: file,
    message: `expected a name that ends in ${EXPORT_FORMATS.map((f) => `.${f}`).join(', ')}`,
  });
}

/**
 * Writes the table `results` to a file that pandas, DuckDB and Arrow open as it is; all or nothing.
 * @throws InputError if its name does not end in a known format, or it cannot be written.
 */
export async function exportResults(store: SweepStore, file: string): Promise<void> {
  const format = exportFormat(file);
  const temporary = `${file}.${process.pid}.tmp`;
  try {
    if (format === 'arrow') {
      writeFileSync(temporary, await arrowBytes(store));
    } else {
      const [rows, options] =
        format === 'csv'
          ? [await safeCells(store), 'FORMAT csv, HEADER']
          : ['SELECT * FROM results', 'FORMAT parquet'];
      await store.query(`COPY (${rows}) TO ${quotedText(temporary)} (${options})`);
    }
    renameSync(temporary, file);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw InputError.of({
      source: file,
      message: `cannot be written: ${(error as Error).message}`,
    });
  }
}

/**
 * The query of all rows, with texts as `csvText` writes them: few texts need it, so those are
 * looked up first, and replaced by CASE.
 */
async function safeCells(store: SweepStore): Promise<string> {
  const described = await store.query('DESCRIBE results');
  const columns = described.map((row) => ({
    name: String(row['column_name']),
    isText: row['column_type'] === 'VARCHAR',
  }));
  const cells: string[] = [];
  for (const { name, isText } of columns) {
    const column = quotedName(name);
    const unsafe = isText ? await unsafeTexts(store, column) : [];
    const cases = unsafe.map(
      (text) => `WHEN ${quotedText(text)} THEN ${quotedText(csvText(text))}`,
    );
    const value =
      cases.length === 0 ? column : `CASE ${column} ${cases.join(' ')} ELSE ${column} END`;
    cells.push(`${value} AS ${quotedName(csvText(name))}`);
  }
  return `SELECT ${cells.join(', ')} FROM results`;
}

/** The distinct texts of a column that a CSV must not hold unchanged. */
async function unsafeTexts(store: SweepStore, column: string): Promise<string[]> {
  const rows = await store.query(
    `SELECT DISTINCT ${column} AS text FROM results WHERE regexp_matches(${column}, '^[=+@-]|[^\\x20-\\x7e]')`,
  );
  return rows.map((row) => String(row['text'])).filter((text) => csvText(text) !== text);
}

async function arrowBytes(store: SweepStore): Promise<Uint8Array> {
  const described = await store.query('DESCRIBE results');
  const names = described.map((row) => String(row['column_name']));
  const columns = await store.columns('results', names);
  const { table } = await import('arquero');
  return table(columns).toArrowIPC({ format: 'file' });
}
