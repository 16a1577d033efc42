import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { begin } from '../support/command.js';
import { registered, startServer } from '../support/control-server.js';
import { projectFile } from '../support/files.js';
import { readEvents } from '../../sim/control/event-lines.js';

/** A server in a process of its own, as users run it, and the calls of a client. */
function spawned(data: string, limits = '') {
  const words = [
    process.execPath,
    projectFile('dist/sim/cli/main.js'),
    'serve',
    '--port',
    '0',
    '--data',
    data,
  ];
  const child = spawn('bash', [
    '-c',
    `${limits} exec ${words.map((word) => `'${word}'`).join(' ')}`,
  ]);
  const ended = new Promise<number | null>((resolve) => child.on('close', resolve));
  const address = new Promise<string>((resolve, reject) => {
    let [out, err] = ['', ''];
    child.stdout.on('data', (text: Buffer) => {
      out += text.toString();
      if (out.includes('\n')) resolve(out.trim().replace(/\/$/, ''));
    });
    child.stderr.on('data', (text: Buffer) => (err += text.toString()));
    child.on('close', () => {
      reject(new Error(err));
    });
  });
  const post = async (path: string, body: unknown) => {
    const response = await fetch((await address) + path, {
      method: 'POST',
      body: JSON.stringify(body),
    });
    return { status: response.status, body: (await response.json()) as unknown };
  };
  return { address, ended, post, stop: (signal: NodeJS.Signals) => child.kill(signal) };
}

const report = (k: number) => ({ rank: 0, iter_time: [1 + k / 1e4], iter_energy: [300] });

/** Reports in a job's file, as a restarted server reads it. */
async function kept(data: string, id: string): Promise<number> {
  const server = await startServer({ data });
  const { body } = await server.get(`/jobs/${id}`);
  await server.end();
  return (body as { reported: { reports: number } }).reported.reports;
}

test.serial('what was acknowledged is there after kill -9', async (t) => {
  const data = mkdtempSync(join(tmpdir(), 'pipewatt-durable-'));
  const server = spawned(data);
  await server.address;
  const id = await registered(
    {
      post: async (path, body) => ({ ...(await server.post(path, body)), headers: new Headers() }),
    },
    [1],
  );
  let acknowledged = 0;
  const posting = (async () => {
    for (let k = 0; ; k++)
      if ((await server.post(`/result/${id}`, report(k))).status === 200) acknowledged++;
  })();
  await new Promise((resolve) => setTimeout(resolve, 400));
  server.stop('SIGKILL');
  await t.throwsAsync(posting);
  await server.ended;
  const found = await kept(data, id);
  t.true(acknowledged > 0);
  // The last one may have been written, and its answer lost.
  t.true(found === acknowledged || found === acknowledged + 1, `${found} of ${acknowledged}`);
  rmSync(data, { recursive: true });
});

test.serial('a full disk acknowledges nothing, and the server goes on', async (t) => {
  const data = mkdtempSync(join(tmpdir(), 'pipewatt-durable-'));
  // Files of at most 8 KiB; Node turns the signal into an error, as a full disk is one.
  const server = spawned(data, 'ulimit -f 8;');
  await server.address;
  const id = (
    await server.post('/register_job', { pp_degree: 1, dp_degree: 1, tp_degree: 1, world_size: 1 })
  ).body as string;
  await server.post(`/register_rank/${id}`, {
    ...{ rank: 0, dp_rank: 0, pp_rank: 0, tp_rank: 0 },
    available_frequencies: [1410],
  });
  let acknowledged = 0;
  let refused = 0;
  for (let k = 0; refused < 3; k++) {
    const { status, body } = await server.post(`/result/${id}`, report(k));
    if (status === 200) acknowledged++;
    else {
      refused++;
      t.is(status, 503);
      t.regex((body as { detail: string }).detail, /the request was not taken/);
    }
    if (k > 1000) t.fail('the limit has no effect');
  }
  t.true(acknowledged > 10);
  const view = (await (await fetch(`${await server.address}/jobs/${id}`)).json()) as {
    reported: { reports: number };
  };
  t.is(view.reported.reports, acknowledged);
  server.stop('SIGTERM');
  t.is(await server.ended, 0);
  t.is(await kept(data, id), acknowledged);
  rmSync(data, { recursive: true });
});

test.serial('one server at a time uses a folder; one that was killed leaves it free', async (t) => {
  const data = mkdtempSync(join(tmpdir(), 'pipewatt-durable-'));
  const first = spawned(data);
  await first.address;
  const second = await begin(['serve', '--port', '0', '--data', data]).ended;
  t.is(second.code, 2);
  t.regex(
    second.err,
    /is used by another server \(process \d+ on .*choose another folder with --data/,
  );
  first.stop('SIGKILL');
  await first.ended;
  const third = spawned(data);
  await third.address;
  third.stop('SIGINT');
  t.is(await third.ended, 0);
  t.deepEqual(readdirSync(data), ['jobs']);
  rmSync(data, { recursive: true });
});

test.serial('a new job is in its file, whole, when its id is answered', async (t) => {
  const server = await startServer();
  const id = await registered(server, [2, 1, 1], 2);
  const path = join(server.data, 'jobs', `${id}.jsonl`);
  const { events } = readEvents(readFileSync(path), path);
  t.deepEqual(
    events.map(({ type }) => type),
    ['job-registered', 'revised', 'rank-registered', 'rank-registered'],
  );
  t.deepEqual(readdirSync(join(server.data, 'jobs')), [`${id}.jsonl`]);
  await server.end();
});
