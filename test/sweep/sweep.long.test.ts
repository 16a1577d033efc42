import {
  copyFileSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { DuckDBInstance } from '@duckdb/node-api';
import { fromArrow } from 'arquero';
import test from 'ava';
import { parquetReadObjects } from 'hyparquet';
import { randomStream } from '../../sim/kernel/random-streams.js';
import { begin, type Ended } from '../support/command.js';
import { projectFile } from '../support/files.js';

const SMALL = projectFile('test/fixtures/sweeps/small.yaml');
/** 2 × 6 × 2 less 2 excluded, 3 seeds; two policies each. */
const RUNS = 66;
/** The default policies, a row each. */
const POLICIES = 3;

const folder = mkdtempSync(join(tmpdir(), 'sweep-'));
const inFolder = (name: string) => join(folder, name);

test.after.always(() => {
  rmSync(folder, { recursive: true });
});

async function sweep(name: string, ...options: string[]): Promise<Ended> {
  const output = ['--output', inFolder(`${name}.duckdb`), '--export', inFolder(`${name}.csv`)];
  return begin(['sweep', SMALL, ...output, ...options]).ended;
}

/** The table of results of an uninterrupted sweep on one thread. */
const reference = sweep('reference', '--workers', '1').then((ended) => {
  if (ended.code !== 0) throw new Error(ended.err);
  return readFileSync(inFolder('reference.csv'), 'utf8');
});

test.serial('a sweep has a row for each run and policy', async (t) => {
  const [header, ...rows] = (await reference).trimEnd().split('\n');
  t.regex(
    header!,
    /^run,pipeline\.microbatches,stragglers\[0\]\.slowdown,pipelines,tensorParallel,/,
  );
  t.is(rows.length, POLICIES * RUNS);
  t.deepEqual(
    rows.map((row) => row.split(',')[0]),
    Array.from({ length: POLICIES * RUNS }, (_, k) => String(Math.floor(k / POLICIES))),
  );
});

test.serial('several workers give the same table, to the byte', async (t) => {
  for (const workers of ['2', '8']) {
    const { code, out } = await sweep(`workers-${workers}`, '--workers', workers);
    t.is(code, 0);
    const exported = ['--export', inFolder(`workers-${workers}.parquet`)];
    t.is(
      (await begin(['results', inFolder(`workers-${workers}.duckdb`), ...exported]).ended).code,
      0,
    );
    t.regex(out, new RegExp(`small: ${RUNS} of ${RUNS} runs done now, 0 failed`));
    t.is(readFileSync(inFolder(`workers-${workers}.csv`), 'utf8'), await reference);
  }
  const parquet = (workers: string) => readFileSync(inFolder(`workers-${workers}.parquet`));
  t.true(parquet('2').equals(parquet('8')), 'also as Parquet');
});

function longSweep(): string {
  const text = readFileSync(projectFile('test/fixtures/sweeps/long.yaml'), 'utf8');
  return text.replace('../good', projectFile('test/fixtures/good'));
}

/** The small sweep, with GPUs that draw more when they wait. */
function changedSweep(name: string): string {
  const text = readFileSync(SMALL, 'utf8').replace('../good', projectFile('test/fixtures/good'));
  writeFileSync(inFolder(name), text.replace('blockingPowerW: 80', 'blockingPowerW: 81'));
  return inFolder(name);
}

/** What a query says of a file of results. */
async function rowsOf(name: string, sql: string): Promise<Record<string, unknown>[]> {
  const args = ['results', inFolder(`${name}.duckdb`), '--format', 'json', '--sql', sql];
  return JSON.parse((await begin(args).ended).out) as Record<string, unknown>[];
}

/** Waits until a file has grown by so much, or what should let it grow has ended. */
async function logGrows(path: string, bytes: number, ended: Promise<Ended>): Promise<void> {
  const size = () => statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  const beforeBytes = size();
  const watch = new AbortController();
  void ended.then(() => {
    watch.abort();
  });
  while (size() < beforeBytes + bytes && !watch.signal.aborted) await sleep(2);
}

test.serial(
  'killed with -9 at three random moments it goes on, and gives the same table',
  async (t) => {
    const seed = 7;
    const uniform = randomStream(seed, 'kills');
    const args = ['sweep', SMALL, '--output', inFolder('killed.duckdb'), '--workers', '1'];
    t.log(`seed ${seed}`);
    for (let k = 0; k < 3; k++) {
      const begun = begin(args);
      // Some runs further: their rows are in the log that the database writes ahead.
      const grownBy = 1000 + 25_000 * uniform();
      await logGrows(inFolder('killed.duckdb.wal'), grownBy, begun.ended);
      begun.kill();
      const { code } = await begun.ended;
      t.log(
        `${grownBy.toFixed(0)} bytes later: ${code === null ? 'killed' : `ended with ${code}`}`,
      );
    }
    const { code, out } = await sweep('killed', '--workers', '2');
    t.is(code, 0);
    t.log(out.trim());
    const before = Number(/(\d+) before/.exec(out)?.[1] ?? 0);
    t.true(before > 0 && before < RUNS, `${before} runs were done before the last kill`);
    t.is(readFileSync(inFolder('killed.csv'), 'utf8'), await reference);
  },
);

test.serial('shards put together give the same table', async (t) => {
  const shards = ['1/3', '2/3', '3/3'];
  for (const [k, shard] of shards.entries()) {
    const { code } = await sweep(`shard-${k}`, '--shard', shard, '--workers', '2');
    t.is(code, 0);
  }
  const inputs = shards.map((_, k) => inFolder(`shard-${k}.duckdb`));
  const merged = inFolder('merged.duckdb');
  t.is((await begin(['results', 'merge', merged, ...inputs]).ended).code, 0);
  const { code } = await begin(['results', merged, '--export', inFolder('merged.csv')]).ended;
  t.is(code, 0);
  t.is(readFileSync(inFolder('merged.csv'), 'utf8'), await reference);
  const twice = ['results', 'merge', inFolder('twice.duckdb'), inputs[0]!, inputs[0]!];
  const doubled = await begin(twice).ended;
  t.is(doubled.code, 2);
  t.regex(doubled.err, /^.*holds 22 runs that are in a file before it.*\n$/);
  const other = await begin([...twice, SMALL]).ended;
  t.is(other.code, 2);
  t.regex(other.err, /small\.yaml: is a sweep, expected a file of results \(DuckDB\)/);
});

test.serial('shards of which some are missing are completed by the sweep', async (t) => {
  const merged = inFolder('incomplete.duckdb');
  const inputs = [inFolder('shard-0.duckdb'), inFolder('shard-2.duckdb')];
  const { out } = await begin(['results', 'merge', merged, ...inputs]).ended;
  t.regex(out, /small: 44 of 66 runs from 2 files, 22 missing/);
  const asked = await begin(['results', merged]).ended;
  t.regex(asked.err, /the sweep is not finished/);
  t.regex(asked.out, /^small: 44 of 66 runs,/);
  t.regex((await sweep('incomplete', '--workers', '2')).out, /22 of 66 runs done now, 44 before/);
  t.is(readFileSync(inFolder('incomplete.csv'), 'utf8'), await reference);
});

test.serial('shards of a sweep of the same name with other scenarios are refused', async (t) => {
  const args = ['sweep', changedSweep('foreign.yaml'), '--shard', '2/3'];
  t.is((await begin([...args, '--output', inFolder('foreign.duckdb')]).ended).code, 0);
  const inputs = [inFolder('shard-0.duckdb'), inFolder('foreign.duckdb')];
  const merged = inFolder('mixed.duckdb');
  const { code, err } = await begin(['results', 'merge', merged, ...inputs]).ended;
  t.is(code, 2);
  t.regex(err, /foreign\.duckdb: is of other scenarios than the files before it, though/);
  t.false(existsSync(merged));
});

test.serial('the table is exported for others: Parquet and Arrow hold the same rows', async (t) => {
  const rows = (await reference).trimEnd().split('\n').length - 1;
  const file = inFolder('reference.duckdb');
  for (const name of ['table.parquet', 'table.arrow']) {
    t.is((await begin(['results', file, '--export', inFolder(name)]).ended).code, 0);
  }
  const parquet = readFileSync(inFolder('table.parquet'));
  const bytes = parquet.buffer.slice(parquet.byteOffset, parquet.byteOffset + parquet.byteLength);
  const read = (await parquetReadObjects({ file: bytes })) as Record<string, unknown>[];
  t.is(read.length, rows);
  const arrow = fromArrow(new Uint8Array(readFileSync(inFolder('table.arrow'))));
  t.is(arrow.numRows(), rows);
  const column = 'simulated_energy_j';
  t.deepEqual(
    read.map((row) => row[column]),
    Array.from(arrow.array(column) as ArrayLike<number>),
  );
  const instance = await DuckDBInstance.create();
  const connection = await instance.connect();
  const sql = `SELECT count(*), count(DISTINCT run) FROM '${inFolder('table.parquet')}'`;
  const counts = (await connection.runAndReadAll(sql)).getRowsJson();
  t.deepEqual(counts, [[String(rows), String(RUNS)]], 'DuckDB opens it as it is');
  connection.closeSync();
  instance.closeSync();
});

test.serial('each run says of which version, commit, scenario and seed it is', async (t) => {
  await reference;
  const [all] = await rowsOf(
    'reference',
    `SELECT count(*) AS runs, count(DISTINCT scenario_hash) AS scenarios, min(version) AS version,
            max(version) AS last_version, min(commit) AS commit, list(DISTINCT seed ORDER BY seed) AS seeds
     FROM provenance JOIN runs USING (run)`,
  );
  const { version } = JSON.parse(readFileSync(projectFile('package.json'), 'utf8')) as {
    version: string;
  };
  const { commit, ...others } = all!;
  const expected = {
    runs: RUNS,
    scenarios: RUNS,
    version,
    last_version: version,
    seeds: [1, 2, 3],
  };
  t.deepEqual(others, expected);
  t.regex(String(commit), /^([0-9a-f]{40}|unknown)$/);
  const [ledger] = await rowsOf(
    'reference',
    `SELECT max(abs(energy - simulated_energy_j) / simulated_energy_j) AS off, count(*) AS rows
     FROM results JOIN (SELECT run, policy, energy_j AS energy FROM ledger WHERE account = 'total')
     USING (run, policy)`,
  );
  t.is(ledger!['rows'], POLICIES * RUNS);
  t.true((ledger!['off'] as number) < 1e-9, 'the ledger is of the same runs');
});

test.serial('Ctrl-C and SIGTERM stop cleanly, and the same command goes on', async (t) => {
  // Never done before it is stopped, however slow the machine.
  writeFileSync(inFolder('endless.yaml'), longSweep().replace('seeds: 3', 'seeds: 40'));
  const args = ['sweep', inFolder('endless.yaml'), '--workers', '1'];
  for (const [signal, expected] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const) {
    const output = ['--output', inFolder(`${signal}.duckdb`)];
    const begun = begin([...args, ...output]);
    await logGrows(inFolder(`${signal}.duckdb.wal`), 6000, begun.ended);
    const asked = await begin(['results', inFolder(`${signal}.duckdb`)]).ended;
    t.is(asked.code, 0);
    t.regex(asked.err, /another process \(\d+\) is writing its runs into it; these are the runs/);
    t.regex(asked.out, /^long: [1-9]\d* of 480 runs, version/);
    const second = await begin([...args, ...output]).ended;
    t.is(second.code, 2, 'a second coordinator keeps its hands off');
    t.regex(second.err, /another process \(\d+\) has it open/);
    begun.stop(signal);
    const { code, out, err } = await begun.ended;
    t.deepEqual([code, err], [expected, `wrote ${inFolder(`${signal}.duckdb`)}\n`]);
    t.regex(out, /long: \d+ of 480 runs done now, 0 failed; stopped: the same command resumes it/);
    const partial = await begin(['results', inFolder(`${signal}.duckdb`)]).ended;
    t.is(partial.code, 0);
    t.regex(partial.err, /the sweep is not finished; these are the runs that are done/);
    t.regex(partial.out, /^long: \d+ of 480 runs, version/);
  }
  const again = begin([...args, '--output', inFolder('SIGINT.duckdb')]);
  await logGrows(inFolder('SIGINT.duckdb.wal'), 6000, again.ended);
  again.stop('SIGINT');
  t.regex((await again.ended).out, /of 480 runs done now, \d+ before, 0 failed; stopped/);
});

test.serial('what is asked changes nothing in the file', async (t) => {
  await reference;
  const file = inFolder('reference.duckdb');
  const before = readFileSync(file);
  for (const sql of ['DROP TABLE ledger', 'DELETE FROM runs', 'CREATE TABLE x AS SELECT 1']) {
    const { code, err } = await begin(['results', file, '--sql', sql]).ended;
    t.is(code, 2);
    t.regex(
      err,
      /--sql: found a statement that is not a query, expected one; results are only read/,
    );
  }
  t.true(readFileSync(file).equals(before));
});

test.serial('results of another sweep or version are not mixed up with it', async (t) => {
  await reference;
  copyFileSync(inFolder('reference.duckdb'), inFolder('changed.duckdb'));
  const args = ['sweep', changedSweep('other.yaml'), '--output', inFolder('changed.duckdb')];
  const refused = await begin(args).ended;
  t.is(refused.code, 2);
  t.regex(
    refused.err,
    /66 of its 66 runs are of other scenarios than small has now; --rerun-changed/,
  );
  const rerun = await begin([...args, '--rerun-changed']).ended;
  t.is(rerun.code, 0);
  t.regex(rerun.out, /66 of 66 runs done now, 0 failed/);
});

test.serial('a run that fails is recorded, and the sweep goes on', async (t) => {
  const text = readFileSync(SMALL, 'utf8')
    .replace('../good', projectFile('test/fixtures/good'))
    .replace('jitter: {}', 'power: { jobLimitW: 1.0e+6 }')
    .replace('pipeline.microbatches: [4, 8]', 'power.jobLimitW: [1.0e+6, 10]')
    .replace(/exclude:\n.*\n.*\n/, '');
  writeFileSync(inFolder('failing.yaml'), text);
  const args = ['sweep', inFolder('failing.yaml'), '--output', inFolder('failing.duckdb')];
  const { code, out, err } = await begin(args).ended;
  t.is(code, 0);
  t.regex(out, /72 of 72 runs done now, 36 failed/);
  const failures = err.trimEnd().split('\n');
  t.is(failures.pop(), `wrote ${inFolder('failing.duckdb')}`);
  t.is(failures.length, 3);
  t.regex(
    failures.pop()!,
    /^36 of 72 runs failed; every error: pipewatt results \S+ --sql "SELECT run, error FROM runs/,
  );
  for (const line of failures) {
    t.regex(line, /^18 runs failed: .*found 10 W, but max-frequency draws \d+ W/);
  }
  const sql = "SELECT DISTINCT status, error FROM results WHERE status = 'failed'";
  const asked = await begin(['results', inFolder('failing.duckdb'), '--sql', sql]).ended;
  t.regex(asked.out, /found 10 W,\s+but\s+max-frequency draws \d+ W at the lowest clocks/);
  const table = await begin(['results', inFolder('failing.duckdb')]).ended;
  t.regex(table.out, /^small: 72 runs, 36 failed, version/);
  t.regex(table.out, /^perseus +simulated_saving_pct +36 /m);
  t.notRegex(table.out, /NaN|null/);

  const goesOn = await begin(args).ended;
  t.regex(goesOn.out, /0 of 72 runs done now, 72 before/);
  const rerun = await begin([...args, '--rerun-failed']).ended;
  t.regex(rerun.out, /36 of 72 runs done now, 36 before, 36 failed/);

  // A sweep that has not one run done has come to nothing, also when it is begun again.
  const none = text.replace('[1.0e+6, 10]', '[10, 11]');
  writeFileSync(inFolder('none.yaml'), none);
  const toNone = ['sweep', inFolder('none.yaml'), '--output', inFolder('none.duckdb')];
  for (const now of ['72 of 72 runs done now, 72 failed', '0 of 72 runs done now, 72 before']) {
    const ended = await begin(toNone).ended;
    t.is(ended.code, 3);
    t.true(ended.out.includes(now), ended.out);
    t.regex(ended.err, /72 of 72 runs failed; every error: pipewatt results /);
  }
  const empty = await begin(['results', inFolder('none.duckdb')]).ended;
  t.deepEqual([empty.code, /NaN|null/.test(empty.out)], [0, false]);

  const fast = ['--fail-fast', '--output', inFolder('fast.duckdb'), '--workers', '1'];
  const stopped = await begin(['sweep', inFolder('failing.yaml'), ...fast]).ended;
  t.is(stopped.code, 3);
  t.regex(stopped.out, /1 failed; stopped: the same command resumes it/);
  t.regex(stopped.err, /^1 run failed: .*found 10 W/);
});
