import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fromArrow } from 'arquero';
import test from 'ava';
import { parquetReadObjects } from 'hyparquet';
import { randomStream } from '../../sim/kernel/random-streams.js';
import { parseShard } from '../../sim/sweep/shard.js';
import { begin, type Ended } from '../support/command.js';
import { projectFile } from '../support/files.js';

const SMALL = projectFile('test/fixtures/sweeps/small.yaml');
/** 2 × 6 × 2 less 2 excluded, 3 seeds; two policies each. */
const RUNS = 66;

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
  t.is(rows.length, 2 * RUNS);
  t.deepEqual(
    rows.map((row) => row.split(',')[0]),
    Array.from({ length: 2 * RUNS }, (_, k) => String(k >> 1)),
  );
});

test.serial('several workers give the same table, to the byte', async (t) => {
  for (const workers of ['2', '8']) {
    const { code, out } = await sweep(`workers-${workers}`, '--workers', workers);
    t.is(code, 0);
    t.regex(out, new RegExp(`small: ${RUNS} of ${RUNS} runs done now, 0 failed`));
    t.is(readFileSync(inFolder(`workers-${workers}.csv`), 'utf8'), await reference);
  }
});

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
  t.is((await begin(['merge', merged, ...inputs]).ended).code, 0);
  const { code } = await begin(['results', merged, '--export', inFolder('merged.csv')]).ended;
  t.is(code, 0);
  t.is(readFileSync(inFolder('merged.csv'), 'utf8'), await reference);
  const again = await begin(['merge', inFolder('twice.duckdb'), inputs[0]!, inputs[0]!]).ended;
  t.is(again.code, 2);
  t.regex(again.err, /holds 22 runs that are in a file before it/);
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
  const wrong = await begin(['results', file, '--export', inFolder('table.xlsx')]).ended;
  t.is(wrong.code, 2);
  t.regex(wrong.err, /expected a name that ends in \.parquet, \.csv, \.arrow/);
});

test.serial('Ctrl-C stops cleanly, and the same command goes on', async (t) => {
  const args = ['sweep', projectFile('test/fixtures/sweeps/long.yaml'), '--workers', '1'];
  const output = ['--output', inFolder('interrupted.duckdb')];
  const begun = begin([...args, ...output]);
  await logGrows(inFolder('interrupted.duckdb.wal'), 6000, begun.ended);
  begun.interrupt();
  const { code, out, err } = await begun.ended;
  t.deepEqual([code, err], [0, '']);
  t.regex(out, /long: \d+ of 36 runs done now, 0 failed; stopped: the same command goes on/);
  const again = await begin([...args, ...output, '--workers', '2']).ended;
  t.regex(again.out, /of 36 runs done now, \d+ before, 0 failed; results/);
});

test.serial('results of another sweep are not mixed up with it', async (t) => {
  await reference;
  const other = inFolder('other.yaml');
  const text = readFileSync(SMALL, 'utf8').replace('../good', projectFile('test/fixtures/good'));
  writeFileSync(other, text.replace('blockingPowerW: 80', 'blockingPowerW: 81'));
  const args = ['sweep', other, '--output', inFolder('reference.duckdb')];
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
  const { code, out } = await begin(args).ended;
  t.is(code, 0);
  t.regex(out, /72 of 72 runs done now, 36 failed/);
  const sql = "SELECT DISTINCT status, error FROM results WHERE status = 'failed'";
  const asked = await begin(['results', inFolder('failing.duckdb'), '--sql', sql]).ended;
  t.regex(asked.out, /found 10 W, but max-frequency draws \d+ W at the lowest clocks/);
  const fast = ['--fail-fast', '--output', inFolder('fast.duckdb'), '--workers', '1'];
  const stopped = await begin(['sweep', inFolder('failing.yaml'), ...fast]).ended;
  t.regex(stopped.out, /1 failed; stopped: the same command goes on/);
});

test('shards: i of n, or those of an array job', (t) => {
  t.deepEqual(parseShard('3/8', {}), { number: 3, of: 8 });
  const slurm = {
    SLURM_ARRAY_TASK_ID: '7',
    SLURM_ARRAY_TASK_COUNT: '4',
    SLURM_ARRAY_TASK_MIN: '5',
  };
  t.deepEqual(parseShard('slurm', slurm), { number: 3, of: 4 });
  for (const wrong of ['0/3', '4/3', 'x', '1/0']) t.is(typeof parseShard(wrong, {}), 'string');
  t.regex(parseShard('slurm', {}) as string, /are not those of an array/);
});
