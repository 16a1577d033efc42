import { COLUMN_ENTRIES } from '../results/columns.js';
import type { Column } from '../results/column.js';
import { quotedName, quotedText } from './sql-text.js';

type SqlType = 'INTEGER' | 'DOUBLE' | 'VARCHAR';

const SQL_TYPES = { number: 'DOUBLE', text: 'VARCHAR' } as const satisfies Record<
  Column['type'],
  SqlType
>;

const POLICY_COLUMNS = COLUMN_ENTRIES.map(([name, { type }]): [string, SqlType] => [
  name,
  SQL_TYPES[type],
]);

/** Columns of the tables that every file of results has, in order. */
const STORE_COLUMNS: Readonly<Record<string, Readonly<Record<string, SqlType>>>> = {
  sweep: {
    ...{ name: 'VARCHAR', version: 'VARCHAR', runs: 'INTEGER', hash: 'VARCHAR' },
    ...{ fields: 'VARCHAR', policies: 'VARCHAR' },
  },
  runs: { run: 'INTEGER', status: 'VARCHAR', error: 'VARCHAR', parameters: 'VARCHAR' },
  provenance: {
    ...{ run: 'INTEGER', version: 'VARCHAR', commit: 'VARCHAR' },
    ...{ scenario_hash: 'VARCHAR', seed: 'DOUBLE' },
  },
  policies: { run: 'INTEGER', ...Object.fromEntries(POLICY_COLUMNS) },
  ledger: { run: 'INTEGER', policy: 'VARCHAR', account: 'VARCHAR', energy_j: 'DOUBLE' },
};

/** Tables that have a row for each run. */
const KEYED = ['runs', 'provenance'];

export const STORE_TABLES = Object.keys(STORE_COLUMNS);

/** Creates missing tables. */
export const MAKE_TABLES = Object.entries(STORE_COLUMNS)
  .map(([table, columns]) => {
    const key = KEYED.includes(table) ? ' PRIMARY KEY' : '';
    const list = Object.entries(columns).map(
      ([name, type]) => `${quotedName(name)} ${type}${name === 'run' ? key : ''}`,
    );
    return `CREATE TABLE IF NOT EXISTS ${table} (${list.join(', ')});`;
  })
  .join('\n');

/** Gives the rows of a query, values as texts. */
export type TextRows = (sql: string) => Promise<readonly (readonly unknown[])[]>;

/**
 * The reason why a database does not hold results of a sweep: tables or columns that are missing or
 * differ from those that a sweep makes; or views and macros, which a sweep never makes and which might
 * hide anything. Undefined if it does hold results.
 *
 * @param database its name; system functions are named in full, so that no macro takes their place.
 */
export async function storeProblem(rows: TextRows, database: string): Promise<string | undefined> {
  const here = `database_name = ${quotedText(database)} AND NOT internal`;
  const list = async (what: string, from: string, and = '') =>
    (await rows(`SELECT ${what} FROM system.main.${from}() WHERE ${here}${and}`)) as string[][];
  const tables = (await list('table_name', 'duckdb_tables', " AND schema_name = 'main'")).flat();
  const missing = STORE_TABLES.filter((table) => !tables.includes(table));
  if (missing.length > 0) {
    return `holds no results of a sweep: it has no table ${missing.join(', ')}`;
  }
  const strange = [
    ...(await list('view_name', 'duckdb_views')),
    ...(await list('function_name', 'duckdb_functions')),
    ...(await list('table_name', 'duckdb_tables', " AND schema_name <> 'main'")),
  ].flat();
  if (strange.length > 0) {
    return `holds what no sweep makes: ${quotedName(strange[0]!)} is a view, a macro or a table of another schema`;
  }
  const columns = await list('table_name, column_name, data_type', 'duckdb_columns');
  const wrong = STORE_TABLES.find((table) => {
    const found = columns.filter(([name]) => name === table).map(([, ...column]) => column);
    return JSON.stringify(found) !== JSON.stringify(Object.entries(STORE_COLUMNS[table]!));
  });
  if (wrong === undefined) return undefined;
  return `its table ${wrong} has other columns than this version of pipewatt gives it; use the version that wrote it, or another file`;
}
