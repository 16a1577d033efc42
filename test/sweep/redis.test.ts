import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import test from 'ava';
import { randomStream } from '../../sim/kernel/random-streams.js';
import { startWorker } from '../../sim/sweep/redis-worker.js';
import { announce, connect } from '../../sim/sweep/redis-jobs.js';
import { begin } from '../support/command.js';
import { projectFile } from '../support/files.js';
import { testWithRedis, TestRedis } from '../support/redis.js';

const LONG = projectFile('test/fixtures/sweeps/long.yaml');
const SMALL = projectFile('test/fixtures/sweeps/small.yaml');

const folder = mkdtempSync(join(tmpdir(), 'redis-'));
const inFolder = (name: string) => join(folder, name);

test.after.always(() => {
  rmSync(folder, { recursive: true });
});

function sweepArgs(file: string, name: string, ...options: string[]): string[] {
  const output = ['--output', inFolder(`${name}.duckdb`), '--export', inFolder(`${name}.csv`)];
  return ['sweep', file, ...output, ...options];
}

async function tableOf(file: string, name: string): Promise<string> {
  const { code, err } = await begin(sweepArgs(file, name)).ended;
  if (code !== 0) throw new Error(err);
  return readFileSync(inFolder(`${name}.csv`), 'utf8');
}

const read = (name: string) => readFileSync(inFolder(`${name}.csv`), 'utf8');

testWithRedis('workers on Redis give the table of a sweep on this machine', async (t) => {
  const redis = await TestRedis.start();
  const workers = [1, 2].map(() => begin(['worker', '--redis', redis.url, '--threads', '1']));
  try {
    const { code, out } = await begin(sweepArgs(SMALL, 'redis', '--redis', redis.url)).ended;
    t.is(code, 0);
    t.regex(out, /66 of 66 runs done now, 0 failed/);
    t.is(read('redis'), await tableOf(SMALL, 'local'));
  } finally {
    for (const worker of workers) worker.kill();
    await redis.stop();
  }
});

testWithRedis('workers killed with -9 in the middle of runs lose nothing', async (t) => {
  const seed = 3;
  const uniform = randomStream(seed, 'kills');
  const redis = await TestRedis.start();
  const worker = () => begin(['worker', '--redis', redis.url, '--threads', '1']);
  const swept = begin(sweepArgs(LONG, 'killed-workers', '--redis', redis.url));
  try {
    for (let k = 0; k < 3; k++) {
      const begun = worker();
      const afterMs = 1200 + 1500 * uniform();
      await sleep(afterMs);
      begun.kill();
      t.log(`seed ${seed}: a worker killed after ${afterMs.toFixed(0)} ms`);
    }
    const last = [worker(), worker()];
    const { code, out } = await swept.ended;
    for (const begun of last) begun.kill();
    t.is(code, 0);
    t.regex(out, /36 of 36 runs done now, 0 failed/);
    t.is(read('killed-workers'), await tableOf(LONG, 'long'));
  } finally {
    swept.kill();
    await redis.stop();
  }
});

testWithRedis(
  'Redis gone and back without its memory, and the coordinator killed: nothing is lost, nothing done twice',
  async (t) => {
    const redis = await TestRedis.start();
    const worker = begin(['worker', '--redis', redis.url, '--threads', '2']);
    const args = sweepArgs(LONG, 'restarted', '--redis', redis.url);
    try {
      const first = begin(args);
      await sleep(2500);
      first.kill();
      await first.ended;
      const second = begin(args);
      await sleep(2000);
      await redis.restart();
      const { code, out } = await second.ended;
      t.is(code, 0);
      t.log(out.trim());
      t.regex(out, /of 36 runs done now/);
      t.is(read('restarted'), await tableOf(LONG, 'long-again'));
      const sql = 'SELECT count(*) AS runs, count(DISTINCT run) AS distinct_runs FROM runs';
      const asked = ['results', inFolder('restarted.duckdb'), '--sql', sql, '--format', 'csv'];
      t.is((await begin(asked).ended).out.trim(), 'runs,distinct_runs\n36,36');
    } finally {
      worker.kill();
      await redis.stop();
    }
  },
);

testWithRedis(
  'a run of which three workers died is parked with its error, and the sweep ends',
  async (t) => {
    const text = readFileSync(LONG, 'utf8')
      .replace('../good', projectFile('test/fixtures/good'))
      .replace('iterations: 60', 'iterations: 20000')
      .replace(/matrix:[^]*/, 'matrix: { pipeline.microbatches: [24] }\n');
    writeFileSync(inFolder('poison.yaml'), text);
    const redis = await TestRedis.start();
    const connection = await connect(redis.url);
    const locks = async () => (await connection.keys('bull:*:lock')).length;
    const until = async (isReached: (count: number) => boolean) => {
      while (!isReached(await locks())) await sleep(50);
    };
    const swept = begin(sweepArgs(inFolder('poison.yaml'), 'poison', '--redis', redis.url));
    const worker = () => begin(['worker', '--redis', redis.url, '--threads', '1']);
    try {
      for (let k = 0; k < 3; k++) {
        const begun = worker();
        await until((count) => count > 0);
        begun.kill();
        await begun.ended;
        // A lock that outlives its worker keeps the run from others for some seconds.
        await until((count) => count === 0);
      }
      const last = worker();
      const { code, out } = await swept.ended;
      last.kill();
      t.is(code, 0);
      t.regex(out, /1 of 1 runs done now, 1 failed/);
      const sql = 'SELECT error FROM runs';
      const { out: error } = await begin(['results', inFolder('poison.duckdb'), '--sql', sql])
        .ended;
      t.regex(error, /parked after 3 tries: job stalled more than allowable limit/);
    } finally {
      swept.kill();
      connection.disconnect();
      await redis.stop();
    }
  },
);

testWithRedis('a worker of another version refuses, and so does one without a Redis', async (t) => {
  const redis = await TestRedis.start();
  const connection = await connect(redis.url);
  try {
    await announce(connection, '9.9.9');
    const error = await t.throwsAsync(startWorker(redis.url, '0.1.0', 1));
    t.regex(
      error.message,
      /runs of version 9\.9\.9 wait there, but this worker is version 0\.1\.0; install the same version/,
    );
  } finally {
    connection.disconnect();
    await redis.stop();
  }
  const { code, err } = await begin(['worker', '--redis', redis.url]).ended;
  t.is(code, 2);
  t.regex(err, /no Redis answers: .*is redis-server running there\?/);
});
