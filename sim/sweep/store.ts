import { DuckDBInstance, DuckDBTypeId, type DuckDBConnection } from '@duckdb/node-api';
import { InputError } from '../../src/errors.js';
import { databaseProblem } from './database-problem.js';
import type { ResultRow, RunResult } from './run-result.js';

/** What is swept: the same for all shards of a sweep. */
export interface SweepIdentity {
  readonly name: string;
  readonly version: string;
  /** Of all shards. */
  readonly runs: number;
  /** Of all that decides the results of all runs. */
  readonly hash: string;
  /** What varies, in the order of the columns. */
  readonly fields: readonly string[];
  /** In the order of the rows of a run. */
  readonly policies: readonly string[];
}

/** Where a run's results came from. */
export interface Provenance {
  readonly version: string;
  readonly commit: string;
  readonly scenarioHash: string;
  readonly seed: number;
}

/** A run that the store knows. */
export interface StoredRun {
  readonly index: number;
  readonly scenarioHash: string;
  readonly isFailed: boolean;
}

/** Columns of the table `policies` that are texts; all others are numbers. */
const TEXT_COLUMNS = new Set(['scenario', 'policy']);

/** The cores are for the runs: rows are few at a time, and one thread is enough for them. */
const WRITING = { threads: '1' };

const MAKE_TABLES = `
  CREATE TABLE IF NOT EXISTS sweep (name VARCHAR, version VARCHAR, runs INTEGER, hash VARCHAR, fields VARCHAR, policies VARCHAR);
  CREATE TABLE IF NOT EXISTS runs (run INTEGER PRIMARY KEY, status VARCHAR, error VARCHAR, parameters VARCHAR);
  CREATE TABLE IF NOT EXISTS provenance (run INTEGER PRIMARY KEY, version VARCHAR, commit VARCHAR, scenario_hash VARCHAR, seed DOUBLE);
  CREATE TABLE IF NOT EXISTS ledger (run INTEGER, policy VARCHAR, account VARCHAR, energy_j DOUBLE);`;

/** Tables that every file of results has. */
export const STORE_TABLES = ['sweep', 'runs', 'provenance', 'ledger'] as const;

/**
 * The results of a sweep in a DuckDB file: tables `sweep`, `runs`, `policies`, `ledger`, `provenance`.
 * A run's rows are committed together: after a kill it is there whole or not at all.
 */
export class SweepStore {
  private constructor(
    private readonly path: string,
    private readonly instance: DuckDBInstance,
    private readonly connection: DuckDBConnection,
  ) {}

  /**
   * Opens a store to write, or makes it.
   * @throws InputError when the file is no DuckDB database, cannot be written or is open elsewhere.
   */
  static async open(path: string): Promise<SweepStore> {
    const store = await SweepStore.connect(path, WRITING);
    try {
      const tables = await store.tables();
      // What is there and is no sweep's stays as it is.
      if (tables.length > 0) checkTables(path, tables);
      await store.connection.run(MAKE_TABLES);
      return store;
    } catch (error) {
      store.close();
      throw error instanceof InputError ? error : databaseProblem(path, error);
    }
  }

  /**
   * Opens a store to read: nothing that is asked changes the file, and several may ask at once.
   * @throws InputError when it holds no results, or a sweep is writing it.
   */
  static async openReadOnly(path: string): Promise<SweepStore> {
    const store = await SweepStore.connect(path, { access_mode: 'READ_ONLY' });
    try {
      checkTables(path, await store.tables());
      return store;
    } catch (error) {
      store.close();
      throw error;
    }
  }

  private static async connect(path: string, options: Record<string, string>): Promise<SweepStore> {
    try {
      const instance = await DuckDBInstance.create(path, options);
      return new SweepStore(path, instance, await instance.connect());
    } catch (error) {
      throw databaseProblem(path, error);
    }
  }

  close(): void {
    this.connection.closeSync();
    this.instance.closeSync();
  }

  /** What was swept; undefined in a new file. */
  async identity(): Promise<SweepIdentity | undefined> {
    const [row] = await this.query('SELECT * FROM sweep');
    if (row === undefined) return undefined;
    const { name, version, runs, hash, fields, policies } = row as Record<string, string>;
    const listed = (text: string | undefined) => JSON.parse(text!) as string[];
    return {
      ...{ name: name!, version: version!, runs: Number(runs), hash: hash! },
      ...{ fields: listed(fields), policies: listed(policies) },
    };
  }

  async setIdentity(sweep: SweepIdentity): Promise<void> {
    const { name, version, runs, hash, fields, policies } = sweep;
    await this.transaction(async () => {
      await this.connection.run('DELETE FROM sweep');
      await this.connection.run('INSERT INTO sweep VALUES ($1, $2, $3, $4, $5, $6)', [
        ...[name, version, runs, hash, JSON.stringify(fields), JSON.stringify(policies)],
      ]);
    });
  }

  async runs(): Promise<StoredRun[]> {
    const rows = await this.query(
      'SELECT run, scenario_hash, status FROM runs JOIN provenance USING (run) ORDER BY run',
    );
    return rows.map((row) => ({
      index: Number(row['run']),
      scenarioHash: String(row['scenario_hash']),
      isFailed: row['status'] === 'failed',
    }));
  }

  /** Adds a run's rows, all or none. */
  async add(result: RunResult, provenance: Provenance, parameters: object): Promise<void> {
    const { index, error, rows, ledger } = result;
    const { version, commit, scenarioHash, seed } = provenance;
    const status = error === null ? 'done' : 'failed';
    await this.transaction(async () => {
      await this.makePolicies(rows);
      await this.append('runs', [[index, status, error, JSON.stringify(parameters)]]);
      await this.append('provenance', [[index, version, commit, scenarioHash, seed]]);
      if (rows.length > 0) {
        await this.append(
          'policies',
          rows.map((row) => [index, ...Object.values(row)]),
        );
      }
      await this.append(
        'ledger',
        ledger.map(({ policy, account, energyJ }) => [index, policy, account, energyJ]),
      );
    });
  }

  /** Many times faster than inserting: a statement for each row would cost as much as planning. */
  private async append(
    table: string,
    rows: readonly (readonly (number | string | null)[])[],
  ): Promise<void> {
    const appender = await this.connection.createAppender(table);
    for (const [run, ...values] of rows) {
      appender.appendInteger(Number(run));
      for (const value of values) {
        if (value === null) appender.appendNull();
        else if (typeof value === 'number') appender.appendDouble(value);
        else appender.appendVarchar(value);
      }
      appender.endRow();
    }
    appender.closeSync();
  }

  /** The table of policies has the columns of the first row that is added. */
  private async makePolicies(rows: readonly ResultRow[]): Promise<void> {
    const [first] = rows;
    if (first === undefined) return;
    const columns = Object.keys(first).map((name) => {
      return `${name} ${TEXT_COLUMNS.has(name) ? 'VARCHAR' : 'DOUBLE'}`;
    });
    await this.connection.run(
      `CREATE TABLE IF NOT EXISTS policies (run INTEGER, ${columns.join(', ')})`,
    );
  }

  /** Takes runs out, with all their rows. */
  async remove(indices: readonly number[]): Promise<void> {
    if (indices.length === 0) return;
    const list = indices.join(', ');
    const policies = (await this.hasTable('policies')) ? ['policies'] : [];
    await this.transaction(async () => {
      for (const table of ['ledger', ...policies, 'provenance', 'runs']) {
        await this.connection.run(`DELETE FROM ${table} WHERE run IN (${list})`);
      }
    });
  }

  /** @throws InputError when it cannot be written, for instance because the disk is full. */
  private async transaction(body: () => Promise<void>): Promise<void> {
    try {
      await this.connection.run('BEGIN');
      await body();
      await this.connection.run('COMMIT');
    } catch (error) {
      throw databaseProblem(this.path, error);
    }
  }

  async hasTable(name: string): Promise<boolean> {
    return (await this.tables()).includes(name);
  }

  /** Tables of the file, and temporary ones. */
  private async tables(): Promise<string[]> {
    const reader = await this.connection.runAndReadAll(
      'SELECT table_name FROM duckdb_tables() WHERE NOT internal',
    );
    return reader.getRows().map(([name]) => String(name));
  }

  /** Columns of a table, in its order of rows. */
  async columns(table: string, names: readonly string[]): Promise<Record<string, unknown[]>> {
    const list = names.map(quotedName).join(', ');
    const reader = await this.connection.runAndReadAll(`SELECT ${list} FROM ${table}`);
    const columns = reader.getColumnsJS() as unknown[][];
    const plain = (value: unknown) => (typeof value === 'bigint' ? Number(value) : value);
    return Object.fromEntries(names.map((name, k) => [name, (columns[k] ?? []).map(plain)]));
  }

  /** Some rows of a table, in the order in which they are asked for. */
  async rowsById(
    table: string,
    ids: readonly number[],
    names: readonly string[],
  ): Promise<Record<string, unknown>[]> {
    const list = names.map(quotedName).join(', ');
    const rows = await this.query(
      `SELECT rowid AS "(id)", ${list} FROM ${table} WHERE rowid IN (${[-1, ...ids].join(', ')})`,
    );
    const byId = new Map(rows.map(({ '(id)': id, ...row }) => [id, row]));
    return ids.map((id) => byId.get(id)!);
  }

  /** What a query gives, rows as objects: numbers, texts, nulls, and lists and objects of those. */
  async query(sql: string): Promise<Record<string, unknown>[]> {
    const reader = await this.connection.runAndReadAll(sql);
    const rows = reader.getRowObjectsJson() as Record<string, unknown>[];
    const names = reader.deduplicatedColumnNames();
    const numeric = names.filter((_, k) => TEXTUAL_NUMBERS.has(reader.columnTypeId(k)));
    for (const row of rows) {
      for (const name of numeric) {
        if (row[name] !== null) row[name] = Number(row[name]);
      }
    }
    return rows;
  }
}

/** Types of numbers that DuckDB gives as texts. */
const TEXTUAL_NUMBERS: ReadonlySet<DuckDBTypeId> = new Set([
  DuckDBTypeId.BIGINT,
  DuckDBTypeId.UBIGINT,
  DuckDBTypeId.HUGEINT,
  DuckDBTypeId.UHUGEINT,
  DuckDBTypeId.DECIMAL,
]);

function checkTables(path: string, tables: readonly string[]): void {
  const missing = STORE_TABLES.filter((table) => !tables.includes(table));
  if (missing.length === 0) return;
  throw InputError.of({
    source: path,
    message: `holds no results of a sweep: it has no table ${missing.join(', ')}`,
  });
}

/** A name as SQL takes it whatever is in it. */
export function quotedName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** A text as SQL takes it whatever is in it. */
export function quotedText(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
