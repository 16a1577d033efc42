import { InputError, type Problem } from '../../src/errors.js';
import { exportFormat, exportResults } from '../sweep/export-results.js';
import { conditionSql, conditionText, type Condition } from '../sweep/conditions.js';
import { makeFinalTable } from '../sweep/final-table.js';
import { quotedName } from '../sweep/sql-text.js';
import { openResults } from '../sweep/snapshot.js';
import type { SweepStore } from '../sweep/store.js';
import { CommandFiles } from './command-files.js';
import type { Call } from './declare.js';
import { checkReadable } from '../disk/files.js';
import { OptionReader } from './options.js';
import { answer, type Results } from './results-answer.js';
import type { results as declared } from './results-options.js';
import { checkedRequest, requestOf, type Request } from './results-request.js';

/** `pipewatt results FILE`: queries the results of a sweep. Changes nothing in the file. */
export async function resultsCommand(call: Call<typeof declared>): Promise<void> {
  const { terminal } = call;
  const [path] = call.args;
  const options = new OptionReader(call);
  const files = new CommandFiles(call);
  files.reads(path);
  const asked = requestOf(options);
  const { exportTo } = asked;
  files.writes('--export', exportTo);
  const gathering = options.gathered();
  gathering.attempt(() => {
    checkReadable(path, 'results');
  });
  gathering.attempt(() => {
    if (exportTo !== undefined && exportTo !== '') exportFormat(exportTo);
  });
  files.checkOutputs(gathering);
  gathering.throwIfAny();
  const { store, writer } = await openResults(path);
  try {
    // An export is the only file written here.
    if (exportTo === undefined) await store.lock();
    const results = await tabled(store, path);
    const request = asked.sql === undefined ? checkedRequest(results.columns, asked) : asked;
    if (results.isUnfinished) terminal.err(unfinishedNote(path, writer));
    const isWhole = await keepOnly(store, results, request);
    if (exportTo !== undefined) {
      await exportResults(store, exportTo);
      files.wrote(exportTo);
      await store.lock();
    }
    terminal.out(await answer(store, { ...results, isWhole }, request));
    terminal.err(await estimateNote(store, results));
  } finally {
    store.close();
  }
}

function unfinishedNote(path: string, writer: string | undefined): string {
  const why =
    writer === undefined ? 'the sweep is not finished' : `${writer} is writing its runs into it`;
  return `${path}: ${why}; these are the runs that are done\n`;
}

/** Notes that profiles were synthesized, and the errors of similar ones. */
async function estimateNote(
  store: SweepStore,
  { columns }: Pick<Results, 'columns'>,
): Promise<string> {
  const names = ['time', 'slowdown', 'power'].map((what) => `profile_${what}_error_pct`);
  if (!columns.has(names[0]!)) return '';
  const [row] = await store.query(
    `SELECT ${names.map((name) => `max(${name}) AS ${name}`).join(', ')} FROM results`,
  );
  const [time, slowdown, power] = names.map((name) => row?.[name]);
  if (typeof time !== 'number') return '';
  const error = (value: unknown) => `${Number(value).toFixed(0)} %`;
  return `Some profiles were not measured: similar ones were off by ${error(time)} in time on average, ${error(slowdown)} in slowdown at lower clocks, ${error(power)} in power.\n`;
}

/** The table of results, made if the sweep is not finished, and facts about it. */
async function tabled(store: SweepStore, path: string): Promise<Omit<Results, 'isWhole'>> {
  const sweep = await store.identity();
  if (sweep === undefined) {
    throw InputError.of({ source: path, message: 'holds no runs yet' });
  }
  const isUnfinished = !(await store.hasTable('results'));
  if (isUnfinished) await makeFinalTable(store, sweep, 'TEMPORARY TABLE');
  const [counted] = await store.query(
    "SELECT count(*) AS runs, count(*) FILTER (status = 'failed') AS failed FROM runs",
  );
  const described = await store.query('DESCRIBE results');
  const columns = new Map(
    described.map((row) => [String(row['column_name']), row['column_type'] !== 'VARCHAR']),
  );
  const { runs, failed } = counted as { runs: number; failed: number };
  return { sweep, runs, failed, isUnfinished, columns };
}

/**
 * Leaves only the rows that meet the request's conditions in the table of results, for this query.
 * @returns whether there are no conditions.
 * @throws InputError if no row meets them.
 */
async function keepOnly(
  store: SweepStore,
  { columns }: Pick<Results, 'columns'>,
  { where }: Request,
): Promise<boolean> {
  if (where.length === 0) return true;
  const sql = where.map((condition) => conditionSql(condition, columns.get(condition.column)!));
  const problems: Problem[] = [];
  for (const [k, condition] of where.entries()) {
    if (await hasRows(store, sql[k]!)) continue;
    problems.push({ ...AT_WHERE, message: await noRowMessage(store, condition) });
  }
  if (problems.length > 0) throw new InputError(problems);
  if (!(await hasRows(store, sql.join(' AND ')))) {
    const all = where.map(conditionText).join(' and ');
    throw InputError.of({ ...AT_WHERE, message: `no row has all of ${all}` });
  }
  await store.query(
    `CREATE OR REPLACE TEMPORARY TABLE results AS SELECT * FROM results WHERE ${sql.join(' AND ')}`,
  );
  return false;
}

const AT_WHERE = { source: 'pipewatt results', field: '--where' };

async function hasRows(store: SweepStore, condition: string): Promise<boolean> {
  return (await store.query(`SELECT 1 FROM results WHERE ${condition} LIMIT 1`)).length > 0;
}

/** Values listed in the message that no row has another one. */
const MOST_LISTED = 12;

async function noRowMessage(store: SweepStore, condition: Condition): Promise<string> {
  const name = quotedName(condition.column);
  const found = await store.query(
    `SELECT DISTINCT ${name} AS value FROM results WHERE ${name} IS NOT NULL ORDER BY value LIMIT ${MOST_LISTED + 1}`,
  );
  const values = found.slice(0, MOST_LISTED).map(({ value }) => String(value));
  const more = found.length > MOST_LISTED ? ' and more' : '';
  return `no row has ${conditionText(condition)}; it has ${values.join(', ')}${more}`;
}
