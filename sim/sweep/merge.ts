import { DuckDBInstance } from '@duckdb/node-api';
import { InputError } from '../../src/errors.js';
import { databaseProblem } from './database-problem.js';
import { quotedText, STORE_TABLES } from './store.js';

/**
 * Puts the runs of several files of results into a new one: the shards of a sweep.
 *
 * @throws InputError with what is wrong with any of the files: no results, of different sweeps or
 *   versions, or runs that are in several.
 */
export async function mergeResults(output: string, inputs: readonly string[]): Promise<void> {
  const instance = await created(output);
  const connection = await instance.connect();
  const rows = async (sql: string) => (await connection.runAndReadAll(sql)).getRowsJson();
  const problems: { source: string; message: string }[] = [];
  try {
    let isFirst = true;
    for (const input of inputs) {
      try {
        await connection.run(`ATTACH ${quotedText(input)} AS part (READ_ONLY)`);
      } catch (error) {
        const problem = databaseProblem(input, error);
        if (!(problem instanceof InputError)) throw problem;
        problems.push(...(problem.problems as typeof problems));
        continue;
      }
      const tables = await tablesOf(rows);
      const message = await partProblem(rows, tables, isFirst);
      if (message === undefined) {
        for (const table of tables) await copyTable(connection, rows, table);
        isFirst = false;
      } else problems.push({ source: input, message });
      await connection.run('DETACH part');
    }
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
  if (problems.length > 0) throw new InputError(problems);
}

async function created(output: string): Promise<DuckDBInstance> {
  try {
    return await DuckDBInstance.create(output);
  } catch (error) {
    throw databaseProblem(output, error);
  }
}

type Query = (sql: string) => Promise<unknown[][]>;

/** Tables of a part that are put together; one of which all runs failed has no `policies`. */
async function tablesOf(rows: Query, database = 'part'): Promise<string[]> {
  const names = [...STORE_TABLES, 'policies'].map(quotedText).join(', ');
  const found = await rows(
    `SELECT table_name FROM duckdb_tables() WHERE database_name = ${quotedText(database)} AND table_name IN (${names})`,
  );
  return found.flat().map(String);
}

async function copyTable(
  connection: { run: (sql: string) => Promise<unknown> },
  rows: Query,
  table: string,
): Promise<void> {
  const [[main]] = (await rows('SELECT current_database()')) as [[string]];
  const isThere = (await tablesOf(rows, main)).includes(table);
  if (!isThere) await connection.run(`CREATE TABLE ${table} AS SELECT * FROM part.${table}`);
  // There is one row of the sweep, the same in all parts.
  else if (table !== 'sweep') {
    await connection.run(`INSERT INTO ${table} SELECT * FROM part.${table}`);
  }
}

/** What keeps a part from being put to those before it. */
async function partProblem(
  rows: Query,
  tables: readonly string[],
  isFirst: boolean,
): Promise<string | undefined> {
  const missing = STORE_TABLES.filter((table) => !tables.includes(table));
  if (missing.length > 0) {
    return `holds no results of a sweep: it has no table ${missing.join(', ')}`;
  }
  if (isFirst) return undefined;
  const of = async (catalog: string) =>
    (await rows(`SELECT name, version, hash FROM ${catalog}sweep`))[0] as string[];
  const [before, now] = [await of(''), await of('part.')];
  if (before[0] !== now[0] || before[1] !== now[1]) {
    return `is of sweep ${now[0]!}, version ${now[1]!}; the files before it are of ${before[0]!}, version ${before[1]!}`;
  }
  if (before[2] !== now[2]) {
    return `is of other scenarios than the files before it, though its sweep is called ${now[0]!} too`;
  }
  const [[both]] = (await rows(
    'SELECT count(*) FROM runs JOIN part.runs AS other ON runs.run = other.run',
  )) as [[string]];
  return Number(both) > 0 ? `holds ${both} runs that are in a file before it` : undefined;
}
