import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { table } from 'arquero';
import { InputError } from '../../src/errors.js';
import { quotedText } from './sql-text.js';
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
 * Writes the table `results` to a file that pandas, DuckDB and Arrow open as it is; whole or not at
 * all.
 * @throws InputError when its name does not end in a format that is known, or cannot be written.
 */
export async function exportResults(store: SweepStore, file: string): Promise<void> {
  const format = exportFormat(file);
  const temporary = `${file}.${process.pid}.tmp`;
  try {
    if (format === 'arrow') {
      writeFileSync(temporary, await arrowBytes(store));
    } else {
      const options = format === 'csv' ? 'FORMAT csv, HEADER' : 'FORMAT parquet';
      await store.query(`COPY results TO ${quotedText(temporary)} (${options})`);
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

async function arrowBytes(store: SweepStore): Promise<Uint8Array> {
  const described = await store.query('DESCRIBE results');
  const names = described.map((row) => String(row['column_name']));
  const columns = await store.columns('results', names);
  return table(columns).toArrowIPC({ format: 'file' });
}
