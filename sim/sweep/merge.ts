import { DuckDBInstance } from '@duckdb/node-api';
import { InputError } from '../../src/errors.js';

/** Tables that hold a sweep's runs. */
const TABLES = ['runs', 'policies', 'ledger'];

/**
 * Puts the runs of several files of results into a new one: the shards of a sweep.
 *
 * @throws InputError when files are of different sweeps or versions, or hold the same run.
 */
export async function mergeResults(output: string, inputs: readonly string[]): Promise<void> {
  const instance = await DuckDBInstance.create(output);
  const connection = await instance.connect();
  const rows = async (sql: string) => (await connection.runAndReadAll(sql)).getRows();
  try {
    for (const [k, input] of inputs.entries()) {
      await connection.run(`ATTACH '${input.replaceAll("'", "''")}' AS part (READ_ONLY)`);
      await checkPart(input, rows, k === 0);
      for (const table of [...TABLES, ...(k === 0 ? ['provenance'] : [])]) {
        await connection.run(
          k === 0
            ? `CREATE TABLE ${table} AS SELECT * FROM part.${table}`
            : `INSERT INTO ${table} SELECT * FROM part.${table}`,
        );
      }
      await connection.run('DETACH part');
    }
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

type Query = (sql: string) => Promise<unknown[][]>;

async function checkPart(input: string, rows: Query, isFirst: boolean): Promise<void> {
  const tables = (
    await rows("SELECT table_name FROM information_schema.tables WHERE table_catalog = 'part'")
  ).flat();
  const missing = [...TABLES, 'provenance'].filter((table) => !tables.includes(table));
  if (missing.length > 0) {
    throw InputError.of({ source: input, message: `has no table ${missing.join(', ')}` });
  }
  if (isFirst) return;
  const names = "name IN ('sweep', 'version')";
  const of = async (catalog: string) =>
    JSON.stringify(await rows(`SELECT * FROM ${catalog}provenance WHERE ${names} ORDER BY name`));
  const [before, now] = [await of(''), await of('part.')];
  if (before !== now) {
    throw InputError.of({
      source: input,
      message: `is of another sweep or version than the files before it: ${now}, not ${before}`,
    });
  }
  const [[both]] = (await rows(
    'SELECT count(*) FROM runs JOIN part.runs AS other ON runs.run = other.run',
  )) as [[number | bigint]];
  if (Number(both) > 0) {
    throw InputError.of({
      source: input,
      message: `holds ${both} runs that are in a file before it`,
    });
  }
}
