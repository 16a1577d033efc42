import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api';
import { InputError } from '../../src/errors.js';
import type { ResultRow, RunResult } from './run-result.js';

/** Where a sweep's results came from. */
export interface Provenance {
  readonly sweep: string;
  readonly version: string;
  readonly commit: string;
}

/** A run that the store knows. */
export interface StoredRun {
  readonly index: number;
  readonly hash: string;
  readonly isFailed: boolean;
}

/** Columns of the table `policies` that are texts; all others are numbers. */
const TEXT_COLUMNS = new Set(['scenario', 'policy']);

/**
 * The results of a sweep in a DuckDB file: tables `runs`, `policies`, `ledger` and `provenance`. A
 * run's rows are committed together: after a kill it is there whole or not at all.
 */
export class SweepStore {
  private constructor(
    private readonly instance: DuckDBInstance,
    private readonly connection: DuckDBConnection,
  ) {}

  /**
   * Opens a store, or makes it.
   * @throws InputError when the file is no DuckDB database or another process has it open.
   */
  static async open(path: string): Promise<SweepStore> {
    try {
      const instance = await DuckDBInstance.create(path);
      const connection = await instance.connect();
      await connection.run(
        `CREATE TABLE IF NOT EXISTS runs (run INTEGER PRIMARY KEY, hash VARCHAR, status VARCHAR, error VARCHAR, parameters VARCHAR);
         CREATE TABLE IF NOT EXISTS ledger (run INTEGER, policy VARCHAR, account VARCHAR, energy_j DOUBLE);
         CREATE TABLE IF NOT EXISTS provenance (name VARCHAR PRIMARY KEY, value VARCHAR);`,
      );
      return new SweepStore(instance, connection);
    } catch (error) {
      const [reason] = (error as Error).message.split('\n');
      throw InputError.of({ source: path, message: `cannot be opened as results: ${reason!}` });
    }
  }

  close(): void {
    this.connection.closeSync();
    this.instance.closeSync();
  }

  async provenance(): Promise<Partial<Provenance>> {
    const reader = await this.connection.runAndReadAll('SELECT name, value FROM provenance');
    return Object.fromEntries(reader.getRows()) as Partial<Provenance>;
  }

  async setProvenance(provenance: Provenance): Promise<void> {
    for (const [name, value] of Object.entries(provenance)) {
      await this.connection.run('INSERT OR REPLACE INTO provenance VALUES ($1, $2)', [
        name,
        String(value),
      ]);
    }
  }

  async runs(): Promise<StoredRun[]> {
    const reader = await this.connection.runAndReadAll(
      'SELECT run, hash, status FROM runs ORDER BY run',
    );
    return reader.getRows().map(([index, hash, status]) => ({
      index: Number(index),
      hash: String(hash),
      isFailed: status === 'failed',
    }));
  }

  /** Adds a run's rows, all or none. */
  async add(result: RunResult, hash: string, parameters: object): Promise<void> {
    const { connection } = this;
    const { index, error, rows, ledger } = result;
    await this.makePolicies(rows);
    await connection.run('BEGIN');
    await connection.run('INSERT INTO runs VALUES ($1, $2, $3, $4, $5)', [
      index,
      hash,
      error === null ? 'done' : 'failed',
      error,
      JSON.stringify(parameters),
    ]);
    for (const row of rows) {
      const names = ['run', ...Object.keys(row)];
      const places = names.map((_, k) => `$${k + 1}`).join(', ');
      await connection.run(`INSERT INTO policies (${names.join(', ')}) VALUES (${places})`, [
        index,
        ...Object.values(row),
      ]);
    }
    if (ledger.length > 0) {
      const values = ledger.map(
        (_, k) => `($${4 * k + 1}, $${4 * k + 2}, $${4 * k + 3}, $${4 * k + 4})`,
      );
      await connection.run(
        `INSERT INTO ledger VALUES ${values.join(', ')}`,
        ledger.flatMap(({ policy, account, energyJ }) => [index, policy, account, energyJ]),
      );
    }
    await connection.run('COMMIT');
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
    const hasPolicies = await this.hasPolicies();
    await this.connection.run('BEGIN');
    for (const table of ['ledger', ...(hasPolicies ? ['policies'] : []), 'runs']) {
      await this.connection.run(`DELETE FROM ${table} WHERE run IN (${list})`);
    }
    await this.connection.run('COMMIT');
  }

  /** Whether any run has given rows yet. */
  async hasPolicies(): Promise<boolean> {
    const reader = await this.connection.runAndReadAll(
      "SELECT count(*) FROM information_schema.tables WHERE table_name = 'policies'",
    );
    return Number(reader.getRows()[0]![0]) > 0;
  }

  /** Columns of a table, in its order of rows; whole numbers as numbers. */
  async columns(table: string, names: readonly string[]): Promise<Record<string, unknown[]>> {
    const list = names.map((name) => `"${name.replaceAll('"', '""')}"`).join(', ');
    const reader = await this.connection.runAndReadAll(`SELECT ${list} FROM ${table}`);
    const columns = reader.getColumnsJS() as unknown[][];
    const plain = (value: unknown) => (typeof value === 'bigint' ? Number(value) : value);
    return Object.fromEntries(names.map((name, k) => [name, (columns[k] ?? []).map(plain)]));
  }

  /** Fields that the runs vary, in the order of the first run's. */
  async fields(): Promise<string[]> {
    const [first] = await this.query('SELECT parameters FROM runs ORDER BY run LIMIT 1');
    const text = first?.['parameters'];
    return typeof text === 'string' ? Object.keys(JSON.parse(text) as object) : [];
  }

  /** Policies in the order of the first run's rows. */
  async policies(): Promise<string[]> {
    const rows = await this.query(
      'SELECT policy FROM policies WHERE run = (SELECT min(run) FROM policies) ORDER BY rowid',
    );
    return rows.map((row) => String(row['policy']));
  }

  /**
   * What a query gives, rows as objects.
   * @throws InputError when the query is none.
   */
  async query(sql: string): Promise<Record<string, unknown>[]> {
    try {
      const reader = await this.connection.runAndReadAll(sql);
      return reader.getRowObjectsJson();
    } catch (error) {
      throw InputError.of({
        source: 'pipewatt results',
        field: '--sql',
        message: (error as Error).message,
      });
    }
  }
}
