import { DuckDBInstance } from '@duckdb/node-api';
import { InputError, type Problem } from '../../src/errors.js';
import { databaseFile } from './database-file.js';
import { databaseProblem } from './database-problem.js';
import { quotedText } from './sql-text.js';
import { WITHOUT_EXTENSIONS } from './store.js';
import { MAKE_TABLES, STORE_TABLES, storeProblem, type TextRows } from './store-tables.js';

/**
 * Puts the runs of several files of results into a new one: the shards of a sweep.
 *
 * @throws InputError with the problems of all files: no results, damaged, of different sweeps or
 *   versions, or runs that are in several.
 */
export async function mergeResults(output: string, inputs: readonly string[]): Promise<void> {
  const instance = await created(output);
  const connection = await instance.connect();
  const rows: TextRows = async (sql) => (await connection.runAndReadAll(sql)).getRowsJson();
  const run = async (sql: string) => {
    await connection.run(sql);
  };
  const problems: Problem[] = [];
  try {
    await run(MAKE_TABLES);
    for (const input of inputs) {
      try {
        const message = await addPart(run, rows, input);
        if (message !== undefined) problems.push({ source: input, message });
      } catch (error) {
        const problem = databaseProblem(input, error);
        if (!(problem instanceof InputError)) throw problem;
        problems.push(...problem.problems);
      }
      await run('DETACH DATABASE IF EXISTS part');
    }
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
  if (problems.length > 0) throw new InputError(problems);
}

async function created(output: string): Promise<DuckDBInstance> {
  try {
    return await DuckDBInstance.create(databaseFile(output), WITHOUT_EXTENSIONS);
  } catch (error) {
    throw databaseProblem(output, error);
  }
}

/**
 * Adds the runs of a file to those already there.
 * @returns the reason if they cannot be added.
 */
async function addPart(
  run: (sql: string) => Promise<void>,
  rows: TextRows,
  input: string,
): Promise<string | undefined> {
  await run(`ATTACH ${quotedText(databaseFile(input))} AS part (READ_ONLY)`);
  const problem = (await storeProblem(rows, 'part')) ?? (await partProblem(rows));
  if (problem !== undefined) return problem;
  const isFirst = (await rows('SELECT * FROM sweep')).length === 0;
  // The sweep has one row, the same in all parts.
  const tables = STORE_TABLES.filter((table) => table !== 'sweep' || isFirst);
  for (const table of tables) await run(`INSERT INTO ${table} SELECT * FROM part.${table}`);
  return undefined;
}

/** The reason why a file of results cannot be added to those before it. */
async function partProblem(rows: TextRows): Promise<string | undefined> {
  const of = async (catalog: string) =>
    (await rows(`SELECT name, version, hash FROM ${catalog}sweep`)) as string[][];
  const [[before], [now]] = [await of(''), await of('part.')];
  if (now === undefined) return 'holds no runs yet';
  if (before === undefined) return undefined;
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
