import {
  DuckDBInstance,
  StatementType,
  type DuckDBConnection,
  type DuckDBResultReader,
} from '@duckdb/node-api';
import { z } from 'zod';
import { InputError } from '../../src/errors.js';
import { COLUMN_NAMES } from '../results/columns.js';
import { databaseFile } from './database-file.js';
import { databaseProblem } from './database-problem.js';
import { objectsOf } from './row-objects.js';
import type { RunResult } from './run-result.js';
import { quotedName } from './sql-text.js';
import { MAKE_TABLES, storeProblem } from './store-tables.js';

/** A sweep's description: the same for all its shards. */
export interface SweepIdentity {
  readonly name: string;
  readonly version: string;
  /** Of all shards. */
  readonly runs: number;
  /** Of everything that determines the results of all runs. */
  readonly hash: string;
  /** The varied fields, in the order of the columns. */
  readonly fields: readonly string[];
  /** In the order of the rows of a run. */
  readonly policies: readonly string[];
}

/** The origin of a run's results. */
interface Provenance {
  readonly version: string;
  readonly commit: string;
  readonly scenarioHash: string;
  readonly seed: number;
}

/** A run to store. */
export interface NewRun {
  readonly result: RunResult;
  readonly provenance: Provenance;
  readonly parameters: object;
}

/** A run that the store knows. */
export interface StoredRun {
  readonly index: number;
  readonly scenarioHash: string;
  readonly isFailed: boolean;
}

/** A copy of a store's file. */
interface StoreCopy {
  readonly from: string;
  readonly onClose: () => void;
}

/** The cores are for the runs: rows come a few at a time, and one thread is enough for them. */
const WRITING = { threads: '1' };

/** No file or query can make DuckDB fetch or load anything. */
export const WITHOUT_EXTENSIONS = {
  autoload_known_extensions: 'false',
  autoinstall_known_extensions: 'false',
  allow_community_extensions: 'false',
};

/**
 * The results of a sweep in a DuckDB file: tables `sweep`, `runs`, `policies`, `ledger`, `provenance`.
 * A run's rows are committed together: after a kill it is there whole or not at all.
 */
export class SweepStore {
  private constructor(
    private readonly path: string,
    private readonly instance: DuckDBInstance,
    private readonly connection: DuckDBConnection,
    private readonly onClose: () => void = () => undefined,
  ) {}

  /**
   * Opens a store for writing, or creates it.
   * @throws InputError if the file is not a DuckDB database, cannot be written or is open elsewhere.
   */
  static async open(path: string): Promise<SweepStore> {
    const store = await SweepStore.connect(path, WRITING);
    try {
      // A file that is not a sweep's stays as it is.
      if ((await store.tables()).length > 0) await store.check();
      await store.connection.run(MAKE_TABLES);
      return store;
    } catch (error) {
      store.close();
      throw databaseProblem(path, error);
    }
  }

  /**
   * Opens a store for reading: no query changes the file, and several readers may open it at once.
   * @param copy a copy of the file, which is read instead; messages name the file.
   * @throws InputError if it holds no results, or a sweep is writing to it.
   */
  static async openReadOnly(path: string, copy?: StoreCopy): Promise<SweepStore> {
    const store = await SweepStore.connect(path, { access_mode: 'READ_ONLY' }, copy);
    try {
      await store.check();
      return store;
    } catch (error) {
      store.close();
      throw databaseProblem(path, error);
    }
  }

  /** @throws InputError if the file does not hold results of this version. */
  private async check(): Promise<void> {
    const rows = async (sql: string) => (await this.connection.runAndReadAll(sql)).getRowsJson();
    const [[database]] = (await rows('SELECT current_database()')) as [[string]];
    const message = await storeProblem(rows, database);
    if (message !== undefined) throw InputError.of({ source: this.path, message });
  }

  /**
   * From now on no query reads or writes any other file, nor changes a setting, whatever the user or
   * a file from elsewhere asks for.
   */
  async lock(): Promise<void> {
    await this.connection.run('SET enable_external_access = false');
    await this.connection.run('SET lock_configuration = true');
  }

  private static async connect(
    path: string,
    options: Record<string, string>,
    copy?: StoreCopy,
  ): Promise<SweepStore> {
    try {
      const instance = await DuckDBInstance.create(databaseFile(copy?.from ?? path), {
        ...WITHOUT_EXTENSIONS,
        ...options,
      });
      return new SweepStore(path, instance, await instance.connect(), copy?.onClose);
    } catch (error) {
      throw databaseProblem(path, error);
    }
  }

  close(): void {
    this.connection.closeSync();
    this.instance.closeSync();
    this.onClose();
  }

  /** The sweep's description; undefined in a new file. */
  async identity(): Promise<SweepIdentity | undefined> {
    const [row] = await this.query('SELECT * FROM sweep');
    if (row === undefined) return undefined;
    const identity = storedIdentity.safeParse(row);
    if (identity.success) return identity.data;
    const message = 'is damaged: its table sweep does not say what was swept';
    throw InputError.of({ source: this.path, message });
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

  /** Adds the rows of some runs, all or none. */
  async add(runs: readonly NewRun[]): Promise<void> {
    await this.transaction(async () => {
      await this.append('runs', runs.map(runValues));
      await this.append('provenance', runs.map(provenanceValues));
      await this.append('policies', runs.flatMap(policyValues));
      await this.append('ledger', runs.flatMap(ledgerValues));
    });
  }

  /** Appends rows: inserting each with a statement would cost as much as planning. */
  private async append(table: string, rows: readonly (readonly Value[])[]): Promise<void> {
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

  /** Removes runs, with all their rows. */
  async remove(indices: readonly number[]): Promise<void> {
    if (indices.length === 0) return;
    const list = indices.join(', ');
    await this.transaction(async () => {
      for (const table of ['ledger', 'policies', 'provenance', 'runs']) {
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
    const reader = await this.read('SELECT table_name FROM duckdb_tables() WHERE NOT internal');
    return reader.getRows().map(([name]) => String(name));
  }

  /** Columns of a table, in its order of rows. */
  async columns(table: string, names: readonly string[]): Promise<Record<string, unknown[]>> {
    const list = names.map(quotedName).join(', ');
    const reader = await this.read(`SELECT ${list} FROM ${quotedName(table)}`);
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
      `SELECT rowid AS "(id)", ${list} FROM ${quotedName(table)} WHERE rowid IN (${[-1, ...ids].join(', ')})`,
    );
    const byId = new Map(rows.map(({ '(id)': id, ...row }) => [id, row]));
    return ids.map((id) => byId.get(id)!);
  }

  /** The rows of a query as objects: numbers, texts, nulls, and lists and objects of those. */
  async query(sql: string): Promise<Record<string, unknown>[]> {
    return objectsOf(await this.read(sql));
  }

  /**
   * The rows of a user's query.
   * @throws Error with DuckDB's reason, or if it is not a single query: other statements
   *   change something.
   */
  async ask(sql: string): Promise<Record<string, unknown>[]> {
    const statements = await this.connection.extractStatements(`${sql}\n`).catch(noStatement);
    if (statements.count !== 1)
      throw new Error(`found ${statements.count} statements, expected one`);
    const statement = await statements.prepare(0);
    if (!QUERIES.has(statement.statementType)) {
      throw new Error('found a statement that is not a query, expected one; results are only read');
    }
    return objectsOf(await statement.runAndReadAll());
  }

  /** @throws InputError when the file is damaged. */
  private async read(sql: string): Promise<DuckDBResultReader> {
    try {
      return await this.connection.runAndReadAll(sql);
    } catch (error) {
      throw databaseProblem(this.path, error);
    }
  }
}

/** For a text without a statement, DuckDB's message does not help. */
function noStatement(error: Error): never {
  throw error.message.includes('native callback')
    ? new Error('found no statement, expected a query')
    : error;
}

function runValues({ result: { index, error }, parameters }: NewRun): Value[] {
  return [index, error === null ? 'done' : 'failed', error, JSON.stringify(parameters)];
}

function provenanceValues({ result, provenance }: NewRun): Value[] {
  const { version, commit, scenarioHash, seed } = provenance;
  return [result.index, version, commit, scenarioHash, seed];
}

function policyValues({ result: { index, rows } }: NewRun): Value[][] {
  return rows.map((row) => [index, ...COLUMN_NAMES.map((name) => row[name])]);
}

function ledgerValues({ result: { index, ledger } }: NewRun): Value[][] {
  return ledger.map(({ policy, account, energyJ }) => [index, policy, account, energyJ]);
}

/** A value of a row, for the database. */
type Value = number | string | null;

/** Statements that only read; DESCRIBE, SHOW and SUMMARIZE count as selects too. */
const QUERIES: ReadonlySet<StatementType> = new Set([StatementType.SELECT, StatementType.EXPLAIN]);

/** A list of names, as text. */
const storedNames = z
  .string()
  .transform((text, context) => {
    try {
      return JSON.parse(text) as unknown;
    } catch {
      context.addIssue('is not JSON');
      return z.NEVER;
    }
  })
  .pipe(z.array(z.string()));

const storedIdentity = z.object({
  ...{ name: z.string(), version: z.string(), runs: z.int().min(1), hash: z.string() },
  ...{ fields: storedNames, policies: storedNames },
});
