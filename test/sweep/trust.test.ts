import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import test from 'ava';
import { randomStream } from '../../sim/kernel/random-streams.js';
import { checkedResults, isBatchOf } from '../../sim/sweep/checked-results.js';
import { makeFinalTable } from '../../sim/sweep/final-table.js';
import { quotedName, quotedText } from '../../sim/sweep/sql-text.js';
import { SweepStore } from '../../sim/sweep/store.js';
import { runInProcess } from '../support/in-process.js';
import { resultRow } from '../support/result-rows.js';

const folder = mkdtempSync(join(tmpdir(), 'trust-'));
const inFolder = (name: string) => join(folder, name);

test.after.always(() => {
  rmSync(folder, { recursive: true });
});

const run = (...args: string[]) => runInProcess(args);

/** A finished sweep of two runs, without working them out. */
async function sweptFile(name: string): Promise<string> {
  const store = await SweepStore.open(inFolder(name));
  const identity = {
    name: 's',
    version: '1',
    runs: 2,
    hash: 'h',
    fields: ['pipelines'],
    policies: ['perseus'],
  };
  await store.setIdentity(identity);
  for (const index of [0, 1]) {
    const rows = [
      resultRow({ scenario: 's', policy: 'perseus', simulated_saving_pct: 10 + index }),
    ];
    const provenance = { version: '1', commit: 'c', scenarioHash: `h${index}`, seed: 1 };
    const result = { index, error: null, rows, ledger: [] };
    await store.add([{ result, provenance, parameters: { pipelines: index } }]);
  }
  await makeFinalTable(store, identity);
  store.close();
  return inFolder(name);
}

async function alter(file: string, sql: string): Promise<void> {
  const instance = await DuckDBInstance.create(file);
  const connection = await instance.connect();
  await connection.run(sql);
  connection.closeSync();
  instance.closeSync();
}

/** Queries that want more than to look at the tables, and what is said of them. */
const OTHER_FILES = /--sql: found a query that needs another file, or an extension/;
const NO_QUERY =
  /--sql: found a statement that is not a query, expected one; results are only read/;

test('a query reads the tables of its file, and nothing else; it changes nothing', async (t) => {
  mkdirSync(inFolder('asked'));
  const file = await sweptFile('asked/asked.duckdb');
  writeFileSync(inFolder('asked/secret.csv'), 'a,b\n1,2\n');
  const [secret, written] = [inFolder('asked/secret.csv'), inFolder('asked/written.csv')].map(
    quotedText,
  );
  const refused: readonly (readonly [string, RegExp])[] = [
    [`SELECT * FROM read_text(${secret!})`, OTHER_FILES],
    [`SELECT * FROM read_blob(${secret!})`, OTHER_FILES],
    [`FROM ${secret!}`, OTHER_FILES],
    [`SELECT * FROM read_csv(${secret!})`, OTHER_FILES],
    [`SELECT * FROM sniff_csv(${secret!})`, OTHER_FILES],
    [`SELECT * FROM glob('/etc/*')`, OTHER_FILES],
    [`COPY results TO ${written!}`, OTHER_FILES],
    [`COPY (SELECT 'x') TO ${quotedText(file)}`, /--sql: found a/],
    [`EXPORT DATABASE ${quotedText(inFolder('all'))}`, /--sql: found a/],
    [`EXPLAIN ANALYZE COPY results TO ${written!}`, OTHER_FILES],
    [`ATTACH ${quotedText(inFolder('new.duckdb'))} AS other`, /--sql: found a/],
    [`ATTACH ':memory:' AS other`, /--sql: /],
    ['INSTALL httpfs', /--sql: found a/],
    ['LOAD httpfs', /--sql: found a/],
    ['SET enable_external_access = true', /--sql: /],
    ['SET threads = 1', /--sql: /],
    ["PRAGMA memory_limit = '1GB'", /--sql: /],
    ['PRAGMA enable_profiling', /--sql: /],
    ['CHECKPOINT', NO_QUERY],
    ['CALL duckdb_settings()', NO_QUERY],
    ['DROP TABLE runs', NO_QUERY],
    ['DELETE FROM runs', NO_QUERY],
    ['INSERT INTO results SELECT * FROM results', NO_QUERY],
    ['CREATE TEMPORARY TABLE x AS SELECT 1', NO_QUERY],
    ['SELECT 1; DROP TABLE runs', /--sql: found 2 statements, expected one/],
    ['', /--sql: found no statement, expected a query/],
    ['-- nothing', /--sql: found (?:no|0) statements?, expected/],
  ];
  const before = readFileSync(file);
  const files = readdirSync(inFolder('asked'));
  for (const [sql, expected] of refused) {
    const { code, out, err } = await run('results', file, '--sql', sql);
    t.deepEqual([code, out], [2, ''], sql);
    t.regex(err, expected, sql);
  }
  t.true(readFileSync(file).equals(before));
  t.deepEqual(readdirSync(inFolder('asked')), files, 'no file was written');
  for (const sql of [
    'SELECT count(*) AS n FROM results;',
    'FROM runs',
    'DESCRIBE results',
    'SUMMARIZE runs',
    'EXPLAIN SELECT 1',
    'WITH x AS (SELECT 1 AS y) SELECT y FROM x',
  ]) {
    t.is((await run('results', file, '--sql', sql, '--format', 'json')).code, 0, sql);
  }
  // What is exported on the way is written all the same.
  const exported = ['--export', inFolder('out.parquet'), '--sql', `FROM ${written!}`];
  t.is((await run('results', file, ...exported)).code, 2);
  t.true(existsSync(inFolder('out.parquet')));
});

test('files of other versions or sweeps are not put together', async (t) => {
  const [first, other] = [await sweptFile('v1.duckdb'), await sweptFile('v9.duckdb')];
  const changes: readonly (readonly [string, RegExp])[] = [
    [
      "UPDATE sweep SET version = '9'",
      /v9\.duckdb: is of sweep s, version 9; the files before it are of s, version 1/,
    ],
    [
      "UPDATE sweep SET version = '1', name = 'r'",
      /v9\.duckdb: is of sweep r, version 1; the files before it/,
    ],
    [
      "UPDATE sweep SET name = 's', hash = 'i'",
      /v9\.duckdb: is of other scenarios than the files before it/,
    ],
    ["UPDATE sweep SET hash = 'h'", /v9\.duckdb: holds 2 runs that are in a file before it/],
  ];
  for (const [sql, expected] of changes) {
    await alter(other, sql);
    const { code, out, err } = await run('results', 'merge', inFolder('both.duckdb'), first, other);
    t.deepEqual([code, out], [2, ''], sql);
    t.regex(err, expected, sql);
    t.false(existsSync(inFolder('both.duckdb')));
  }
});

/** What a file of results from elsewhere might hold, and what is said of it. */
const STRANGE: Readonly<Record<string, readonly [string, RegExp]>> = {
  view: [
    "DROP TABLE results; CREATE VIEW results AS SELECT * FROM read_text('/etc/hostname')",
    /holds what no sweep makes: "results" is a view/,
  ],
  macro: ['CREATE MACRO count(x) AS 77', /holds what no sweep makes: "count" is a view, a macro/],
  schema: [
    'CREATE SCHEMA o; CREATE TABLE o.runs (x INTEGER)',
    /"runs" is a view, a macro or a table of another schema/,
  ],
  column: ['ALTER TABLE policies ADD COLUMN more VARCHAR', /its table policies has other columns/],
  type: ['ALTER TABLE runs ALTER status TYPE BLOB', /its table runs has other columns/],
  'no table': ['DROP TABLE ledger', /holds no results of a sweep: it has no table ledger/],
  'no sweep': ['DELETE FROM sweep', /holds no runs yet/],
  'no names': ["UPDATE sweep SET fields = '[1'", /is damaged: its table sweep does not say/],
  'no texts': ["UPDATE sweep SET policies = '[1]'", /is damaged: its table sweep does not say/],
  'no number': ['UPDATE sweep SET runs = NULL', /is damaged: its table sweep does not say/],
};

for (const [name, [sql, expected]] of Object.entries(STRANGE)) {
  test(`a file that is no sweep's is refused in a sentence: ${name}`, async (t) => {
    const file = await sweptFile(`${name.replace(' ', '-')}.duckdb`);
    await alter(file, sql);
    const asked = await run('results', file);
    t.deepEqual([asked.code, asked.out], [2, ''], asked.err);
    t.regex(asked.err, expected);
    const merged = inFolder(`${name}-merged.duckdb`);
    const put = await run('results', 'merge', merged, file);
    t.is(put.code, 2, put.err);
    t.notRegex(put.err, /bug in pipewatt|\n {4}at /);
    t.false(existsSync(merged));
  });
}

test('damaged files are refused in a sentence, or show what they showed before', async (t) => {
  const file = await sweptFile('whole.duckdb');
  const whole = readFileSync(file);
  const { out: table } = await run('results', file);
  const uniform = randomStream(5, 'damage');
  const path = inFolder('damaged.duckdb');
  const damaged = (k: number): Buffer => {
    if (k < 8) return whole.subarray(0, Math.floor((whole.length * k) / 8));
    const bytes = Buffer.from(whole);
    for (let n = 0; n < 2000; n++) bytes[Math.floor(uniform() * bytes.length)] = 256 * uniform();
    return bytes;
  };
  for (let k = 0; k < 24; k++) {
    writeFileSync(path, damaged(k));
    const { code, out, err } = await run('results', path);
    t.true(code === 2 || (code === 0 && out === table), `${k}: ${code} ${err}${out}`);
    t.notRegex(err, /bug in pipewatt|\n {4}at /, String(k));
  }
});

const GOOD = {
  index: 3,
  error: null,
  rows: [resultRow({ scenario: 's', policy: 'perseus', gpus: 8 })],
  ledger: [{ policy: 'perseus', account: 'total', energyJ: 1 }],
};

test('what a peer on Redis gives is taken if it is a result, and else has failed', (t) => {
  const [row] = GOOD.rows;
  const wrong: unknown[] = [
    null,
    7,
    'x',
    [],
    {},
    { results: 1 },
    { results: [] },
    { results: [null] },
    { results: [{ ...GOOD, index: 4 }] },
    { results: [{ ...GOOD, more: 1 }] },
    { results: [{ ...GOOD, error: 'x'.repeat(100_000) }] },
    { results: [{ ...GOOD, rows: [{ ...row, "x DOUBLE); COPY (SELECT 1) TO 'f'; --": 1 }] }] },
    { results: [{ ...GOOD, rows: [{ scenario: 's', policy: 'perseus' }] }] },
    { results: [{ ...GOOD, rows: [{ ...row, gpus: '8' }] }] },
    { results: [{ ...GOOD, rows: [{ ...row, policy: 8 }] }] },
    { results: [{ ...GOOD, rows: [{ ...row, policy: 'x'.repeat(100_000) }] }] },
    { results: [{ ...GOOD, rows: Array.from({ length: 1000 }, () => row) }] },
    { results: [{ ...GOOD, ledger: [{ policy: 'perseus', account: 'total', energyJ: '1' }] }] },
    { deaths: -1 },
    { deaths: 1e9 },
  ];
  for (const given of wrong) {
    const checked = checkedResults(given, [3]);
    t.true('results' in checked, JSON.stringify(given).slice(0, 80));
    if (!('results' in checked)) continue;
    t.is(checked.results.length, 1);
    t.is(checked.results[0]!.index, 3);
    t.regex(checked.results[0]!.error!, /is not a result of this version; --rerun-failed/);
  }
  t.deepEqual(checkedResults({ results: [GOOD] }, [3]), { results: [GOOD] });
  t.deepEqual(checkedResults({ deaths: 2 }, [3]), { deaths: 2 });
  const two = checkedResults({ results: [GOOD] }, [3, 4]);
  const errors = 'results' in two ? two.results.map(({ error }) => error === null) : [];
  t.deepEqual(errors, [true, false]);
  t.true(isBatchOf('h', { sweep: 'h', runs: [{ index: 0 }], triesBefore: 0 }));
  for (const job of [null, {}, { sweep: 'i', runs: [], triesBefore: 0 }, { sweep: 'h', runs: 7 }]) {
    t.false(isBatchOf('h', job));
  }
});

test('names and texts stay what they are, whatever is in them', async (t) => {
  const instance = await DuckDBInstance.create();
  const connection = await instance.connect();
  for (const text of [
    `it's`,
    `"quoted"`,
    `a"); DROP TABLE x; --`,
    `'; SELECT 1; '`,
    '',
    'ä\n€\t\\',
  ]) {
    const name = text === '' ? 'x' : text;
    const sql = `SELECT ${quotedText(text)} AS ${quotedName(name)}`;
    const rows = (await connection.runAndReadAll(sql)).getRowObjectsJson();
    t.deepEqual(rows, [{ [name]: text }]);
  }
  connection.closeSync();
  instance.closeSync();
});
