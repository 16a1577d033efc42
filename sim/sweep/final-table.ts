import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { table } from 'arquero';
import { InputError } from '../../src/errors.js';
import type { SweepStore } from './store.js';

/** A name as SQL takes it whatever is in it. */
function quotedName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

function quotedText(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/**
 * The table `results`: a row per run and policy, first what the run varied, then what came out, in
 * the order of runs and policies. The same runs give the same table, however they were done.
 *
 * @param fields what the sweep varies; they become columns of numbers where all values are.
 */
export async function makeFinalTable(
  store: SweepStore,
  fields: readonly string[],
  policies: readonly string[],
): Promise<void> {
  const columns: string[] = [];
  for (const field of fields) {
    const text = `json_extract_string(r.parameters, ${quotedText(`$."${field}"`)})`;
    const [counted] = await store.query(
      `SELECT count(${text}) AS n, count(try_cast(${text} AS DOUBLE)) AS numbers FROM runs r`,
    );
    const isNumber = counted!['n'] === counted!['numbers'];
    columns.push(`${isNumber ? `CAST(${text} AS DOUBLE)` : text} AS ${quotedName(field)}`);
  }
  const order = policies.map((policy, k) => `WHEN ${quotedText(policy)} THEN ${k}`).join(' ');
  await store.query('DROP TABLE IF EXISTS results');
  if (!(await store.hasPolicies())) {
    // All runs failed.
    const known = ['r.run', ...columns, 'r.status', 'r.error'].join(', ');
    await store.query(`CREATE TABLE results AS SELECT ${known} FROM runs r ORDER BY r.run`);
    return;
  }
  await store.query(
    `CREATE TABLE results AS
     SELECT r.run, ${[...columns, 'r.status', 'r.error', 'p.* EXCLUDE (run)'].join(', ')}
     FROM runs r LEFT JOIN policies p ON r.run = p.run
     ORDER BY r.run, CASE p.policy ${order} ELSE ${policies.length} END`,
  );
}

/** Formats of exported tables, by the ending of the file. */
export const EXPORT_FORMATS = ['parquet', 'csv', 'arrow'] as const;

/**
 * Writes the table `results` to a file that pandas, DuckDB and Arrow open as it is; whole or not at
 * all.
 * @throws InputError when its name does not end in a format that is known, or cannot be written.
 */
export async function exportResults(store: SweepStore, file: string): Promise<void> {
  const format = EXPORT_FORMATS.find((ending) => file.endsWith(`.${ending}`));
  if (format === undefined) {
    throw InputError.of({
      source: file,
      message: `expected a name that ends in ${EXPORT_FORMATS.map((f) => `.${f}`).join(', ')}`,
    });
  }
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
