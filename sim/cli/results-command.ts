import { InputError } from '../../src/errors.js';
import { visibleLine } from '../../src/visible.js';
import {
  bestPlaces,
  designColumns,
  groupResults,
  groupTable,
  paretoPlaces,
  rowsTable,
  type GroupRow,
  type Wish,
} from '../report/text/results-table.js';
import { exportFormat, exportResults } from '../sweep/export-results.js';
import { makeFinalTable } from '../sweep/final-table.js';
import { SweepStore, type SweepIdentity } from '../sweep/store.js';
import { CommandFiles } from './command-files.js';
import type { Call } from './declare.js';
import { checkReadable } from '../disk/files.js';
import { printed, type CsvRow } from './formats.js';
import { OptionReader } from './options.js';
import type { results as declared } from './results-options.js';
import { checkColumns, DEFAULT_METRIC, requestOf, type Request } from './results-request.js';

/** Columns shown of single rows besides those asked for. */
const SHOWN_METRICS = ['simulated_time_s', 'simulated_energy_j', 'simulated_saving_pct'];

/** `pipewatt results FILE`: queries the results of a sweep. Changes nothing in the file. */
export async function resultsCommand(call: Call<typeof declared>): Promise<void> {
  const { terminal } = call;
  const [path] = call.args;
  const options = new OptionReader(call);
  const files = new CommandFiles(call);
  files.reads(path);
  const request = requestOf(options);
  const { exportTo } = request;
  files.writes('--export', exportTo);
  const gathering = options.gathered();
  gathering.attempt(() => {
    checkReadable(path, 'results');
  });
  gathering.attempt(() => {
    if (exportTo !== undefined) exportFormat(exportTo);
  });
  files.checkOutputs(gathering);
  gathering.throwIfAny();
  const store = await SweepStore.openReadOnly(path);
  try {
    // An export is the only file written here.
    if (exportTo === undefined) await store.lock();
    const results = await openResults(store, path);
    if (results.isUnfinished) {
      terminal.err(`${path}: the sweep is not finished; these are the runs that are done\n`);
    }
    if (exportTo !== undefined) {
      await exportResults(store, exportTo);
      files.wrote(exportTo);
      await store.lock();
    }
    terminal.out(await answer(store, results, request));
    terminal.err(await estimateNote(store, results));
  } finally {
    store.close();
  }
}

/** Notes that profiles were synthesized, and the errors of similar ones. */
async function estimateNote(store: SweepStore, { columns }: Results): Promise<string> {
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

/** The table of results, and facts about it. */
interface Results {
  readonly sweep: SweepIdentity;
  readonly runs: number;
  readonly failed: number;
  /** Whether the sweep is unfinished, so that the table had to be made. */
  readonly isUnfinished: boolean;
  /** Names of columns, and whether they hold numbers. */
  readonly columns: ReadonlyMap<string, boolean>;
}

async function openResults(store: SweepStore, path: string): Promise<Results> {
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

/** Rows as DuckDB has them: numbers and texts. */
function contentsOf(rows: readonly object[]) {
  return {
    table: () => rowsTable(rows),
    csv: () => rows as readonly CsvRow[],
    json: () => rows,
  };
}

async function answer(store: SweepStore, results: Results, request: Request): Promise<string> {
  const { format, sql, best, pareto, metrics } = request;
  if (sql !== undefined) return printed(format, contentsOf(await asked(store, sql)));
  checkColumns(results.columns, request);
  const wishes = pareto ?? (best === undefined ? undefined : [best]);
  const text =
    wishes === undefined
      ? await groups(store, results, request)
      : await printed(format, contentsOf(await chosenRows(store, results, request, wishes)));
  if (format !== 'table') return text;
  const what = metrics === undefined && wishes === undefined ? otherMetrics(results) : '';
  return `${heading(results)}\n\n${text}${what}`;
}

/** @throws InputError if the query is invalid, or reads more than the tables of the file. */
async function asked(store: SweepStore, sql: string): Promise<readonly object[]> {
  try {
    return await store.ask(sql);
  } catch (error) {
    const message = (error as Error).message.trim().replace(/^Failed to extract statements: /, '');
    throw InputError.of({
      source: 'pipewatt results',
      field: '--sql',
      message: /^Permission Error: /.test(message)
        ? 'found a query that needs another file, or an extension; it can read only the tables of this file'
        : onOneLine(message),
    });
  }
}

/** DuckDB's message, which shows the place of an error by a mark below it. */
function onOneLine(message: string): string {
  const lines = message.split('\n').map((line) => line.trim());
  return lines.filter((line) => line !== '' && line !== '^').join('; ');
}

/** A heading with the fields that results can be grouped by. */
function heading({ sweep, runs, failed }: Results): string {
  const { name, version, fields } = sweep;
  const done = runs === sweep.runs ? `${runs} runs` : `${runs} of ${sweep.runs} runs`;
  const failures = failed === 0 ? '' : `, ${failed} failed`;
  const varied = fields.length === 0 ? '' : `; varied: ${fields.join(', ')}`;
  return visibleLine(`${name}: ${done}${failures}, version ${version}${varied}`);
}

function otherMetrics({ columns, sweep }: Results): string {
  const names = [...columns].filter(
    ([name, isNumber]) => isNumber && !sweep.fields.includes(name) && name !== 'run',
  );
  const listed = visibleLine(names.map(([name]) => name).join(', '));
  return `\ncolumns for --metric: ${listed}\n`;
}

async function groups(
  store: SweepStore,
  { failed, sweep }: Results,
  { groupBy = ['policy'], metrics = [DEFAULT_METRIC], format }: Request,
): Promise<string> {
  const status = failed === 0 ? [] : ['status'];
  const design = designColumns(sweep.fields);
  const names = new Set([...groupBy, ...metrics, ...status, ...design]);
  const columns = await store.columns('results', [...names]);
  const rows = groupResults(failed === 0 ? columns : doneOnly(columns), groupBy, metrics, design);
  const flatRows = () => rows.map((row) => flat(groupBy, row));
  const table = () => groupTable(groupBy, rows);
  return printed(format, { table, csv: flatRows, json: flatRows });
}

/** Runs that failed have no policies and no figures: they are counted in the heading. */
function doneOnly(columns: Record<string, unknown[]>): Record<string, unknown[]> {
  const isDone = columns['status']!.map((status) => status !== 'failed');
  return Object.fromEntries(
    Object.entries(columns).map(([name, values]) => [name, values.filter((_, k) => isDone[k])]),
  );
}

function flat(groupBy: readonly string[], { group, halfWidth, ...row }: GroupRow): CsvRow {
  const names = Object.fromEntries(groupBy.map((name, k) => [name, group[k]]));
  const { metric, count, mean, ...others } = row;
  const figures = { mean, half_width_95: halfWidth, ...others };
  // No values have no mean.
  const known = Object.entries(figures).map(([key, x]) => [key, Number.isNaN(x) ? null : x]);
  return { ...names, metric, count, ...(Object.fromEntries(known) as object) };
}

/** The best or unbeaten rows: whole for programs, a few columns for people. */
async function chosenRows(
  store: SweepStore,
  { sweep, columns: known }: Results,
  { groupBy = [], metrics = [], best, pareto, count, format }: Request,
  wishes: readonly Wish[],
): Promise<object[]> {
  const wished = wishes.map(({ column }) => column);
  const columns = await store.columns('results', [...new Set(['rowid', ...groupBy, ...wished])]);
  const places =
    pareto === undefined
      ? bestPlaces(columns, groupBy, best!, count)
      : paretoPlaces(columns, groupBy, pareto);
  const ids = places.map((place) => columns['rowid']![place] as number);
  const shown = [
    ...new Set([
      ...groupBy,
      'policy',
      'run',
      ...sweep.fields,
      ...wished,
      ...metrics,
      ...SHOWN_METRICS,
    ]),
  ];
  return store.rowsById(
    'results',
    ids,
    format === 'table' ? shown.filter((name) => known.has(name)) : [...known.keys()],
  );
}
