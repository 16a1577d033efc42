import { existsSync, renameSync, rmSync } from 'node:fs';
import { InputError } from '../../src/errors.js';
import { nearestName } from '../../src/nearest-name.js';
import { toCsv } from '../report/csv.js';
import {
  bestResults,
  groupResults,
  groupTable,
  paretoResults,
  rowsTable,
  type GroupRow,
} from '../report/results-table.js';
import { exportResults, makeFinalTable } from '../sweep/final-table.js';
import { mergeResults } from '../sweep/merge.js';
import { SweepStore } from '../sweep/store.js';
import { OptionReader, type RawOptions } from './options.js';
import type { Terminal } from './terminal.js';

type Format = 'table' | 'csv' | 'json';

/** What is tabulated unless one says otherwise. */
const DEFAULT_METRIC = 'simulated_saving_pct';
const BEST_ROWS = 10;

/** `pipewatt results FILE`: ask the results of a sweep. */
export async function resultsCommand(
  path: string,
  options: RawOptions,
  terminal: Terminal,
): Promise<void> {
  const reader = new OptionReader('results', options);
  const format = reader.choice('--format', ['table', 'csv', 'json']);
  const count = reader.optionalNumber('--count', { min: 1, whole: true }) ?? BEST_ROWS;
  const asked = ['sql', 'best', 'pareto', 'groupBy'].filter((name) => options[name] !== undefined);
  if (asked.length > 1) {
    reader.complain(
      '--sql, --best, --pareto, --group-by',
      `found ${asked.length} of them, expected one`,
    );
  }
  reader.finish();
  if (!existsSync(path)) {
    throw InputError.of({
      source: path,
      message: 'cannot be read: there is no such file or folder',
    });
  }
  const store = await SweepStore.open(path);
  try {
    if (options['export'] !== undefined) await exportResults(store, options['export']);
    terminal.out(await answer(store, path, options, format, count));
    terminal.err(await estimateNote(store));
  } finally {
    store.close();
  }
}

/** Says so where profiles were synthesized, and how wrong others like them were. */
async function estimateNote(store: SweepStore): Promise<string> {
  const columns = ['time', 'slowdown', 'power'].map((what) => `profile_${what}_error_pct`);
  const known = await store.query(
    `SELECT column_name FROM information_schema.columns WHERE table_name = 'results' AND column_name = '${columns[0]!}'`,
  );
  if (known.length === 0) return '';
  const [row] = await store.query(
    `SELECT ${columns.map((name) => `max(${name}) AS ${name}`).join(', ')} FROM results`,
  );
  const [time, slowdown, power] = columns.map((name) => row?.[name]);
  if (typeof time !== 'number') return '';
  const error = (value: unknown) => `${Number(value).toFixed(0)} %`;
  return `Some of the profiles nobody measured: others like them were off by ${error(time)} in time on average, ${error(slowdown)} in slowdown at the lowest clock, ${error(power)} in power.\n`;
}

async function answer(
  store: SweepStore,
  path: string,
  options: RawOptions,
  format: Format,
  count: number,
): Promise<string> {
  if (options['sql'] !== undefined) return printRows(await store.query(options['sql']), format);
  const names = await columnNames(store, path);
  const listed = (text: string | undefined) =>
    text === undefined || text === '' ? [] : text.split(',');
  if (options['best'] !== undefined) {
    const metric = options['best'];
    const name = metric.replace(/^-/, '');
    checkNames('--best', [name], names);
    const columns = await readColumns(store, names);
    return printRows(bestResults(columns, metric, count), format);
  }
  if (options['pareto'] !== undefined) {
    const [first = '', second = ''] = listed(options['pareto']);
    checkNames('--pareto', [first, second], names);
    return printRows(paretoResults(await readColumns(store, names), first, second), format);
  }
  const groupBy = options['groupBy'] === undefined ? ['policy'] : listed(options['groupBy']);
  const metrics = listed(options['metric'] ?? DEFAULT_METRIC);
  checkNames('--group-by', groupBy, names);
  checkNames('--metric', metrics, names);
  const columns = await readColumns(store, [...new Set([...groupBy, ...metrics])]);
  const rows = groupResults(columns, groupBy, metrics);
  return format === 'table'
    ? groupTable(groupBy, rows)
    : printRows(
        rows.map((row) => flat(groupBy, row)),
        format,
      );
}

function flat(groupBy: readonly string[], { group, halfWidth, ...row }: GroupRow): object {
  const names = Object.fromEntries(groupBy.map((name, k) => [name, group[k]]));
  return { ...names, ...row, half_width_95: halfWidth };
}

async function columnNames(store: SweepStore, path: string): Promise<string[]> {
  const rows = await store.query(
    "SELECT column_name FROM information_schema.columns WHERE table_name = 'results' ORDER BY ordinal_position",
  );
  if (rows.length > 0) return rows.map((row) => String(row['column_name']));
  throw InputError.of({
    source: path,
    message: 'has no table of results yet: its sweep is not finished; run the same command again',
  });
}

function checkNames(flag: string, asked: readonly string[], names: readonly string[]): void {
  const problems = asked
    .filter((name) => !names.includes(name))
    .map((name) => {
      const near = nearestName(name, names);
      const hint = near === undefined ? '' : `; did you mean "${near}"?`;
      return {
        source: 'pipewatt results',
        field: flag,
        message: `found "${name}", expected a column: ${names.join(', ')}${hint}`,
      };
    });
  if (problems.length > 0) throw new InputError(problems);
}

async function readColumns(
  store: SweepStore,
  names: readonly string[],
): Promise<Record<string, unknown[]>> {
  return store.columns('results', names);
}

function printRows(rows: readonly object[], format: Format): string {
  if (format === 'json') return `${JSON.stringify(rows, undefined, 2)}\n`;
  if (format === 'table') return rowsTable(rows);
  return toCsv(rows as Record<string, number | string | null>[]);
}

/** `pipewatt merge OUTPUT INPUT…`: the shards of a sweep as one file of results. */
export async function mergeCommand(
  output: string,
  inputs: readonly string[],
  terminal: Terminal,
): Promise<void> {
  const missing = inputs.filter((path) => !existsSync(path));
  if (missing.length > 0) {
    throw new InputError(
      missing.map((source) => ({
        source,
        message: 'cannot be read: there is no such file or folder',
      })),
    );
  }
  if (existsSync(output)) {
    throw InputError.of({ source: output, message: 'is there already; choose another name' });
  }
  const temporary = `${output}.${process.pid}.tmp`;
  try {
    await mergeResults(temporary, inputs);
    const store = await SweepStore.open(temporary);
    try {
      await makeFinalTable(store, await store.fields(), await store.policies());
    } finally {
      store.close();
    }
    renameSync(temporary, output);
  } catch (error) {
    for (const ending of ['', '.wal']) rmSync(`${temporary}${ending}`, { force: true });
    throw error;
  }
  terminal.out(`${inputs.length} files of results in ${output}\n`);
}
