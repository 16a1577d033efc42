import { InputError } from '../../src/errors.js';
import { visibleLine } from '../../src/visible.js';
import { chosenPivot } from '../report/sweep/chosen-pivot.js';
import {
  designColumns,
  groupResults,
  type GroupRow,
  type ResultColumns,
} from '../report/sweep/group-results.js';
import { pivots } from '../report/sweep/pivot.js';
import { bestPlaces, paretoPlaces, type Wish } from '../report/sweep/wishes.js';
import { folded, pivotText } from '../report/text/pivot-table.js';
import type { DocumentFormat } from '../report/text/document-table.js';
import { pivotDocument, rowsDocument } from '../report/text/results-document.js';
import { groupTable, rowsTable } from '../report/text/results-table.js';
import type { SweepIdentity, SweepStore } from '../sweep/store.js';
import { printed, type CsvRow } from './formats.js';
import type { KnownColumns } from './results-names.js';
import { DEFAULT_METRIC, type Request } from './results-request.js';

/** The table of results, and facts about it. */
export interface Results {
  readonly sweep: SweepIdentity;
  readonly runs: number;
  readonly failed: number;
  /** Whether the sweep is unfinished, so that the table had to be made. */
  readonly isUnfinished: boolean;
  /** Whether no row was left out because of the request's conditions. */
  readonly isWhole: boolean;
  readonly columns: KnownColumns;
}

/** Columns shown of single rows besides those asked for. */
const SHOWN_METRICS = ['simulated_time_s', 'simulated_energy_j', 'simulated_saving_pct'];

/** The answer to a request, in its format. @throws InputError if its query is invalid. */
export async function answer(
  store: SweepStore,
  results: Results,
  request: Request,
): Promise<string> {
  const { format, sql, best, pareto, by, groupBy, metrics, where } = request;
  if (sql !== undefined) return printed(format, contentsOf(await asked(store, sql)));
  const wishes = pareto ?? (best === undefined ? undefined : [best]);
  if (wishes !== undefined) {
    const rows = await chosenRows(store, results, request, wishes);
    const text = await printed(format, contentsOf(rows));
    return format === 'table' ? `${heading(results)}\n\n${text}` : text;
  }
  const columns = await neededColumns(store, results, request);
  if (format !== 'table') {
    const rows =
      by === undefined ? groupsOf(columns, results, request) : cellsOf(columns, results, request);
    const pivoted = (of: DocumentFormat) =>
      pivotsOf(columns, results, request)
        .map(({ tables }) => pivotDocument(tables, of))
        .join('\n');
    const contents = contentsOf(rows);
    return printed(
      format,
      by === undefined
        ? contents
        : { ...contents, markdown: () => pivoted('markdown'), latex: () => pivoted('latex') },
    );
  }
  const isDefault =
    [by, groupBy, metrics].every((list) => list === undefined) && where.length === 0;
  const parts = [
    heading(results),
    ...(by === undefined
      ? [groupTable(groupBy ?? ['policy'], groupRows(columns, results, request))]
      : []),
    ...(groupBy === undefined ? pivotTexts(columns, results, request) : []),
    ...(isDefault ? [otherMetrics(results)] : []),
  ];
  return `${parts.map((part) => part.trimEnd()).join('\n\n')}\n`;
}

/** Rows as DuckDB has them: numbers and texts. */
function contentsOf(rows: readonly object[]) {
  return {
    table: () => rowsTable(rows),
    csv: () => rows as readonly CsvRow[],
    json: () => rows,
    markdown: () => rowsDocument(rows, 'markdown'),
    latex: () => rowsDocument(rows, 'latex'),
  };
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
function heading({ sweep, runs, failed, isWhole }: Results): string {
  const { name, version, fields } = sweep;
  const done = runs === sweep.runs ? `${runs} runs` : `${runs} of ${sweep.runs} runs`;
  const failures = failed === 0 ? '' : `, ${failed} failed`;
  const some = isWhole ? '' : '; only rows as asked for';
  const varied = fields.length === 0 ? '' : `; varied: ${fields.join(', ')}`;
  return folded(`${name}: ${done}${failures}, version ${version}${some}${varied}`);
}

function otherMetrics({ columns, sweep }: Results): string {
  const names = [...columns].filter(
    ([name, isNumber]) => isNumber && !sweep.fields.includes(name) && name !== 'run',
  );
  return folded(`columns for --metric: ${names.map(([name]) => visibleLine(name)).join(', ')}`);
}

/** The columns that groups and pivot tables need, of runs that did not fail. */
async function neededColumns(
  store: SweepStore,
  { failed, sweep }: Results,
  { groupBy = [], by = [], metrics = [DEFAULT_METRIC] }: Request,
): Promise<ResultColumns> {
  const design = designColumns(sweep.fields);
  const status = failed === 0 ? [] : ['status'];
  const names = new Set([
    ...groupBy,
    ...by,
    ...metrics,
    ...status,
    ...design,
    'run',
    DEFAULT_METRIC,
  ]);
  const columns = await store.columns('results', [...names]);
  return failed === 0 ? columns : doneOnly(columns);
}

/** Runs that failed have no policies and no figures: they are counted in the heading. */
function doneOnly(columns: ResultColumns): ResultColumns {
  const isDone = columns['status']!.map((status) => status !== 'failed');
  return Object.fromEntries(
    Object.entries(columns).map(([name, values]) => [name, values.filter((_, k) => isDone[k])]),
  );
}

function groupRows(
  columns: ResultColumns,
  { sweep }: Results,
  { groupBy = ['policy'], metrics = [DEFAULT_METRIC] }: Request,
): GroupRow[] {
  return groupResults(columns, groupBy, metrics, designColumns(sweep.fields));
}

function groupsOf(columns: ResultColumns, results: Results, request: Request): CsvRow[] {
  const { groupBy = ['policy'] } = request;
  return groupRows(columns, results, request).map((row) => flat(groupBy, row));
}

function flat(names: readonly string[], { group, metric, count, ...row }: GroupRow): CsvRow {
  const { mean, halfWidth, median, lowest, highest, lowestRun, highestRun } = row;
  const figures = { mean, half_width_95: halfWidth, median, lowest, highest };
  const values = Object.fromEntries(names.map((name, k) => [name, group[k]]));
  const runs = { lowest_run: lowestRun, highest_run: highestRun };
  return { ...values, metric, count, ...figures, ...runs };
}

function pivotTexts(columns: ResultColumns, results: Results, request: Request): string[] {
  return pivotsOf(columns, results, request).map(({ tables, chosen }) => pivotText(tables, chosen));
}

/** The pivot tables of each metric that has some. */
function pivotsOf(columns: ResultColumns, { sweep }: Results, request: Request) {
  const { by, metrics = [DEFAULT_METRIC] } = request;
  return metrics.flatMap((metric) => {
    const chosen = chosenPivot(columns, metric, sweep.fields, by);
    if (chosen === undefined) return [];
    return [{ chosen, tables: pivots(chosen.columns, metric, chosen.places, sweep.fields) }];
  });
}

/** The cells of pivot tables, a row for each. */
function cellsOf(columns: ResultColumns, { sweep }: Results, request: Request): CsvRow[] {
  const { by = [], metrics = [DEFAULT_METRIC] } = request;
  return metrics.flatMap((metric) => {
    const { places, columns: shown, policy } = chosenPivot(columns, metric, sweep.fields, by)!;
    const { down, across, tables } = places;
    const names = [...tables, down, ...(across === undefined ? [] : [across])];
    const whose = policy === undefined ? [] : ['policy'];
    const groups = [...whose, ...names];
    return groupResults(shown, groups, [metric], designColumns(sweep.fields)).map((row) =>
      flat(groups, row),
    );
  });
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
  const asked = [...groupBy, 'policy', 'run', ...sweep.fields, ...wished, ...metrics];
  const shown = [...new Set([...asked, ...SHOWN_METRICS])];
  return store.rowsById(
    'results',
    ids,
    isForPrograms(format) ? [...known.keys()] : shown.filter((name) => known.has(name)),
  );
}

/** Whether a format keeps everything. */
function isForPrograms(format: Request['format']): boolean {
  return format === 'csv' || format === 'json';
}
