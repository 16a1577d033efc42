import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import test from 'ava';
import { Worker } from 'bullmq';
import type { Redis } from 'ioredis';
import { randomStream } from '../../sim/kernel/random-streams.js';
import { startWorker } from '../../sim/sweep/redis-worker.js';
import {
  announce,
  connect,
  queueName,
  withdraw,
  type BatchJob,
} from '../../sim/sweep/redis-jobs.js';
import { VERSION } from '../../sim/cli/version.js';
import { begin, type Begun } from '../support/command.js';
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

/** The batches that workers have in hand. */
function locks(connection: Redis): Promise<string[]> {
  return connection.keys('bull:*:lock');
}

async function batchesInHand(connection: Redis): Promise<number> {
  return (await locks(connection)).length;
}

async function until(isReached: () => Promise<boolean> | boolean): Promise<void> {
  while (!(await isReached())) await sleep(20);
}

testWithRedis('workers killed with -9 in the middle of runs lose nothing', async (t) => {
  const seed = 3;
  const uniform = randomStream(seed, 'kills');
  const redis = await TestRedis.start();
  const worker = () => begin(['worker', '--redis', redis.url, '--threads', '1']);
  const connection = await connect(redis.url);
  const swept = begin(sweepArgs(LONG, 'killed-workers', '--redis', redis.url));
  try {
    for (let k = 0; k < 3; k++) {
      const begun = worker();
      await until(async () => (await batchesInHand(connection)) > 0);
      const afterMs = 500 * uniform();
      await sleep(afterMs);
      const inHand = await batchesInHand(connection);
      begun.kill();
      await begun.ended;
      t.log(`seed ${seed}: killed after ${afterMs.toFixed(0)} ms with ${inHand} in hand`);
      // A lock that outlives its worker would be taken for the next one's.
      await until(async () => (await batchesInHand(connection)) === 0);
    }
    const last = [worker(), worker()];
    const { code, out } = await swept.ended;
    for (const begun of last) begun.kill();
    t.is(code, 0);
    t.regex(out, /36 of 36 runs done now, 0 failed/);
    t.is(read('killed-workers'), await tableOf(LONG, 'long'));
    const left = await connection.keys('bull:*');
    t.deepEqual(
      left.filter((key) => /:[0-9a-f]{40}/.test(key)),
      [],
      'no runs stay in Redis',
    );
  } finally {
    swept.kill();
    connection.disconnect();
    await redis.stop();
  }
});

/** Bytes of rows that a sweep has committed. */
function stored(name: string): number {
  const log = statSync(inFolder(`${name}.duckdb.wal`), { throwIfNoEntry: false })?.size ?? 0;
  // Less is there before any run is done.
  return Math.max(0, log - 6000);
}

testWithRedis(
  'Redis gone and back without its memory, and the coordinator killed: nothing is lost, nothing done twice',
  async (t) => {
    const redis = await TestRedis.start();
    const worker = begin(['worker', '--redis', redis.url, '--threads', '2']);
    const args = sweepArgs(LONG, 'restarted', '--redis', redis.url);
    try {
      // Both in the middle: some runs are done, some are in hand.
      const inHand = async (name: string) => {
        const connection = await connect(redis.url);
        await until(async () => (await batchesInHand(connection)) > 0);
        t.log(`${name} with ${await batchesInHand(connection)} batches in hand`);
        connection.disconnect();
      };
      const first = begin(args);
      await inHand('coordinator killed');
      first.kill();
      await first.ended;
      const second = begin(args);
      await until(() => stored('restarted') > 0);
      await inHand('Redis restarted');
      await redis.restart();
      const { code, out, err } = await second.ended;
      t.is(code, 0);
      t.regex(err, /is gone; waits until it is back\n.* is back\n/);
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
  'a coordinator that begins anew takes what was done meanwhile, and leaves nothing behind',
  async (t) => {
    const redis = await TestRedis.start();
    const connection = await connect(redis.url);
    const done = () => connection.zcard(`bull:pipewatt-${VERSION}:completed`);
    const args = sweepArgs(SMALL, 'adopted', '--redis', redis.url);
    try {
      const first = begin(args);
      await until(async () => (await connection.keys('bull:*:wait')).length > 0);
      first.kill();
      await first.ended;
      // Some of the runs are done here, so that the batches that wait are of other sizes than theirs.
      const elsewhere = ['--output', inFolder('adopted.duckdb'), '--shard', '1/3'];
      t.is((await begin(['sweep', SMALL, ...elsewhere]).ended).code, 0);
      const worker = begin(['worker', '--redis', redis.url, '--threads', '2']);
      const open = async () => {
        const lists = ['wait', 'active'].map((name) => `bull:pipewatt-${VERSION}:${name}`);
        return (await connection.llen(lists[0]!)) + (await connection.llen(lists[1]!));
      };
      await until(async () => (await done()) > 0 && (await open()) === 0);
      worker.kill();
      await worker.ended;
      // Nobody works any more: all is there.
      const { code, out } = await begin(args).ended;
      t.is(code, 0);
      t.regex(out, /44 of 66 runs done now, 22 before/);
      t.is(read('adopted'), await tableOf(SMALL, 'not-adopted'));
      t.is(await done(), 0);
    } finally {
      connection.disconnect();
      await redis.stop();
    }
  },
);

testWithRedis('Ctrl-C takes back what nobody has begun, also when Redis is gone', async (t) => {
  const redis = await TestRedis.start();
  const connection = await connect(redis.url);
  try {
    const first = begin(sweepArgs(SMALL, 'stopped', '--redis', redis.url));
    await until(async () => (await connection.keys('bull:*:wait')).length > 0);
    await until(() => first.err().includes('no worker'));
    first.stop('SIGINT');
    const { code, out, err } = await first.ended;
    t.is(code, 130);
    t.regex(out, /0 of 66 runs done now, 0 failed; stopped/);
    t.regex(err, /no worker of version \S+ takes runs from there; start one: pipewatt worker/);
    t.is((await connection.keys('bull:*:wait')).length, 0);

    const second = begin(sweepArgs(SMALL, 'stopped', '--redis', redis.url));
    const worker = begin(['worker', '--redis', redis.url, '--threads', '1']);
    await until(async () => (await batchesInHand(connection)) > 0);
    await redis.stop();
    await until(() => second.err().includes('is gone; waits until it is back'));
    await until(() => worker.err().includes('is gone; waits until it is back'));
    second.stop('SIGINT');
    worker.stop('SIGTERM');
    t.is((await second.ended).code, 130);
    t.is((await worker.ended).code, 0);
  } finally {
    connection.disconnect();
    await redis.stop();
  }
});

/** Waits until a worker computes: it has a process for that only then, not when it gives runs back. */
async function untilComputes({ pid }: Begun): Promise<void> {
  await until(() => {
    const { stdout } = spawnSync('ps', ['-A', '-o', 'ppid='], { encoding: 'utf8' });
    return stdout.split('\n').some((parent) => Number(parent) === pid);
  });
}

/** The worst of sweeps: each of its runs takes forever. Two of them plan the same. */
function endlessSweep(name: string, seeds: number): string {
  const text = readFileSync(LONG, 'utf8')
    .replace('../good', projectFile('test/fixtures/good'))
    .replace('iterations: 60', 'iterations: 20000')
    .replace(/matrix:[^]*/, `matrix: { pipeline.microbatches: [24] }\nseeds: ${seeds}\n`);
  writeFileSync(inFolder(name), text);
  return inFolder(name);
}

testWithRedis(
  'a run of which three workers died is parked with its error, and the sweep ends',
  async (t) => {
    const redis = await TestRedis.start();
    const connection = await connect(redis.url);
    const worker = () => begin(['worker', '--redis', redis.url, '--threads', '1']);
    /** Kills so many workers, each while it computes a batch. */
    const kill = async (workers: number) => {
      for (let k = 0; k < workers; k++) {
        const begun = worker();
        await untilComputes(begun);
        begun.kill();
        await begun.ended;
        // A lock that outlives its worker keeps the run from others for some seconds.
        await until(async () => (await batchesInHand(connection)) === 0);
      }
    };
    try {
      for (const seeds of [1, 2]) {
        const name = `poison-${seeds}`;
        const file = endlessSweep(`${name}.yaml`, seeds);
        const swept = begin(sweepArgs(file, name, '--redis', redis.url));
        // Together they are tried once, then each by itself twice.
        await kill(seeds === 1 ? 3 : 1 + 2 * seeds);
        const last = worker();
        const { code, out, err } = await swept.ended;
        last.kill();
        await last.ended;
        t.is(code, 3, 'every run has failed');
        t.regex(out, new RegExp(`${seeds} of ${seeds} runs done now, ${seeds} failed`));
        t.regex(err, /failed: given up after 3 tries, each of which killed its worker/);
        const sql = ['--sql', 'SELECT error FROM runs', '--format', 'csv'];
        const asked = await begin(['results', inFolder(`${name}.duckdb`), ...sql]).ended;
        const errors = asked.out.trimEnd().split('\n').slice(1);
        t.is(errors.length, seeds);
        for (const error of errors) t.regex(error, /given up after 3 tries/);
      }
    } finally {
      connection.disconnect();
      await redis.stop();
    }
  },
);

/** A sweep of runs some of which end their process. */
function poisonousSweep(name: string): string {
  writeFileSync(
    inFolder(name),
    `name: poisonous
base:
  name: good
  profile: { csv: ${projectFile('test/fixtures/good/two-stages.csv')}, blockingPowerW: 80 }
  pipeline: { stages: 2, microbatches: 4 }
  policies: [max-frequency]
matrix:
  name: [good, abort, better, buffers, best]
  seed: [1, 2]
`,
  );
  return inFolder(name);
}

testWithRedis('runs that their process dies of fail alone, and the worker goes on', async (t) => {
  const redis = await TestRedis.start();
  const module = new URL('../support/poisonous-runs.js', import.meta.url);
  const worker = await startWorker(redis.url, VERSION, { workers: 2, memoryMB: 300, module });
  try {
    const args = sweepArgs(poisonousSweep('poisonous.yaml'), 'poisonous', '--redis', redis.url);
    const { code, out, err } = await begin(args).ended;
    t.is(code, 0, err);
    t.regex(out, /10 of 10 runs done now, 4 failed/);
    t.regex(err, /2 runs failed: its process died: SIGABRT\n/);
    t.regex(err, /2 runs failed: its process needed more memory than a run may have/);
    const rows = read('poisonous').trimEnd().split('\n').slice(1);
    t.deepEqual(
      rows.map((row) => row.split(',')[3]),
      ['good', 'abort', 'better', 'buffers', 'best'].flatMap((name) =>
        Array.from({ length: 2 }, () => (['abort', 'buffers'].includes(name) ? 'failed' : 'done')),
      ),
    );
  } finally {
    await worker.stop();
    await redis.stop();
  }
});

testWithRedis('when the last worker is gone, the coordinator says so', async (t) => {
  const redis = await TestRedis.start();
  const connection = await connect(redis.url);
  const worker = begin(['worker', '--redis', redis.url, '--threads', '1']);
  const swept = begin(sweepArgs(endlessSweep('alone.yaml', 1), 'alone', '--redis', redis.url));
  try {
    await until(async () => (await batchesInHand(connection)) > 0);
    const before = swept.err();
    worker.kill();
    await worker.ended;
    await until(() => swept.err().slice(before.length).includes('no worker of version'));
    swept.stop('SIGINT');
    t.is((await swept.ended).code, 130);
  } finally {
    swept.kill();
    connection.disconnect();
    await redis.stop();
  }
});

testWithRedis(
  'a peer that is no worker can write nothing here, and not stop the sweep',
  async (t) => {
    const redis = await TestRedis.start();
    const written = inFolder('written-by-a-peer.csv');
    const row = {
      scenario: 'x',
      policy: 'max-frequency',
      [`x DOUBLE); COPY (SELECT 1) TO '${written}'; --`]: 1,
    };
    const answers = [{ rows: [row] }, { rows: 'x' }, { ledger: [7] }];
    const connection = { url: redis.url, maxRetriesPerRequest: null };
    const peer = new Worker<BatchJob>(
      queueName(VERSION),
      (job) =>
        Promise.resolve({
          results: job.data.runs.map(({ index }) => ({
            ...{ index, error: null, ledger: [], rows: [] },
            ...answers[index % answers.length],
          })),
        }),
      { connection },
    );
    peer.on('error', () => undefined);
    try {
      const { code, out, err } = await begin(sweepArgs(SMALL, 'peer', '--redis', redis.url)).ended;
      t.is(code, 3, 'every run has failed');
      t.regex(out, /66 of 66 runs done now, 66 failed/);
      t.regex(
        err,
        /66 runs failed: what a worker on Redis gave for it is not a result of this version/,
      );
      t.is(statSync(written, { throwIfNoEntry: false }), undefined);
    } finally {
      await peer.close(true);
      await redis.stop();
    }
  },
);

const POOL = { workers: 1, memoryMB: 1024 };

testWithRedis('a worker of another version refuses, and so does one without a Redis', async (t) => {
  const redis = await TestRedis.start();
  const connection = await connect(redis.url);
  try {
    await announce(connection, '9.9.9');
    const error = await t.throwsAsync(startWorker(redis.url, '0.1.0', POOL));
    t.regex(
      error.message,
      /runs of version 9\.9\.9 wait there, but this worker is version 0\.1\.0; install the same version/,
    );
    // One that waits already says so too.
    await withdraw(connection, '9.9.9');
    const sentences: string[] = [];
    const worker = await startWorker(redis.url, '0.1.0', POOL, (sentence) =>
      sentences.push(sentence),
    );
    await announce(connection, '9.9.9');
    await until(() => sentences.length > 0);
    await worker.stop();
    t.regex(
      sentences[0]!,
      /runs of version 9\.9\.9 wait there, but this worker is version 0\.1\.0/,
    );
  } finally {
    connection.disconnect();
    await redis.stop();
  }
  const { code, err } = await begin(['worker', '--redis', redis.url]).ended;
  t.is(code, 2);
  t.regex(err, /no Redis answers: .*ECONNREFUSED.*is one running there\?/);
});
