import { request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import test from 'ava';
import { isLoopback } from '../../sim/control/http/guard.js';
import { jobInfo, rankInfo, registered, startServer } from '../support/control-server.js';
import { runInProcess } from '../support/in-process.js';

const TOKEN = 'a-token-of-some-length';

/** The status of a request with headers that `fetch` does not let one set. */
function statusOf(port: number, headers: Record<string, string>, path = '/jobs'): Promise<number> {
  return new Promise((resolve, reject) => {
    httpRequest({ host: '127.0.0.1', port, path, headers }, (response) => {
      response.resume();
      resolve(response.statusCode!);
    })
      .on('error', reject)
      .end();
  });
}

test.serial(
  'on loopback only requests for loopback are taken: no rebound names, no pages',
  async (t) => {
    const server = await startServer();
    const { port } = server;
    for (const host of ['localhost', '127.0.0.1', `[::1]:${port}`, `LOCALHOST:${port}`]) {
      t.is(await statusOf(port, { host }), 200, host);
    }
    for (const host of [
      'evil.example',
      `evil.example:${port}`,
      '127.0.0.1.evil.example',
      '10.0.0.1',
    ]) {
      t.is(await statusOf(port, { host }), 403, host);
    }
    const host = `127.0.0.1:${port}`;
    t.is(await statusOf(port, { host, origin: `http://${host}` }), 200);
    t.is(await statusOf(port, { host, origin: 'https://evil.example' }), 403);
    t.is(await statusOf(port, { host, origin: 'null' }), 403);
    await server.end();
  },
);

test.serial('with a token every request bears it, but health and documentation', async (t) => {
  const server = await startServer({ rules: { host: '0.0.0.0', token: TOKEN } });
  const basic = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`;
  for (const authorization of [
    `Bearer ${TOKEN}`,
    `bearer ${TOKEN}`,
    basic(`:${TOKEN}`),
    basic(`u:${TOKEN}`),
  ]) {
    t.is((await server.get('/jobs', { headers: { authorization } })).status, 200, authorization);
  }
  for (const authorization of [
    '',
    'Bearer',
    `Bearer ${TOKEN}x`,
    'Bearer x',
    TOKEN,
    basic(TOKEN.slice(1)),
    `Digest ${TOKEN}`,
  ]) {
    const { status, headers, body } = await server.get('/jobs', { headers: { authorization } });
    t.is(status, 401, authorization);
    t.is(headers.get('www-authenticate'), 'Bearer');
    t.false(JSON.stringify(body).includes(TOKEN));
  }
  t.is((await server.post('/register_job', jobInfo(1))).status, 401);
  t.is((await server.get('/metrics')).status, 401);
  t.is((await server.get('/healthz/../jobs')).status, 401);
  t.is((await server.get('/healthz')).status, 200);
  t.is((await server.get('/docs/json')).status, 200);
  t.deepEqual(server.warnings, []);
  await server.end();
});

test.serial('a server that others can reach does not start without a token', async (t) => {
  for (const host of ['0.0.0.0', '::', '192.0.2.1', 'example.org']) {
    const { code, err } = await runInProcess(['serve', '--host', host, '--port', '0']);
    t.is(code, 2, host);
    t.regex(
      err,
      /where other machines can send requests; set a token in PIPEWATT_TOKEN or --token-file/,
    );
  }
  for (const host of ['localhost', '127.0.0.1', '127.8.8.8', '::1', '[::1]', 'LocalHost']) {
    t.true(isLoopback(host), host);
  }
  for (const host of ['127.0.0.1.evil.example', '128.0.0.1', '', 'localhost.evil.example', '::2']) {
    t.false(isLoopback(host), host);
  }
});

test.serial('all that is wrong with the options is one message', async (t) => {
  const { code, err } = await runInProcess([
    ...['serve', '--port', 'x', '--profile', '/nowhere.csv', '--plan', '/nowhere.py'],
    ...['--policy', 'persus', '--token-file', '/nowhere.token', '--schedule', '2f2b'],
  ]);
  t.is(code, 2);
  for (const part of [
    '--port',
    '/nowhere.csv',
    '/nowhere.py',
    '--policy',
    '/nowhere.token',
    '2f2b',
  ]) {
    t.true(err.includes(part), `${part}: ${err}`);
  }
});

test.serial('bodies, headers and ids have limits', async (t) => {
  const server = await startServer();
  const id = await registered(server, [1]);
  const large = JSON.stringify({ ...jobInfo(1), x: 'y'.repeat(2 << 20) });
  t.is((await server.post('/register_job', large)).status, 413);
  t.is((await server.post(`/result/${id}`, `{"rank":0,"x":"${'y'.repeat(9 << 20)}"}`)).status, 413);
  t.is(await statusOf(server.port, { host: 'localhost', x: 'y'.repeat(20_000) }), 431);
  t.is(
    (await server.post('/register_job', { ...jobInfo(1), job_metadata: 'm'.repeat(5000) })).status,
    422,
  );
  t.is((await server.post('/register_job', jobInfo(1, 131_073))).status, 422);
  const clocks = {
    ...rankInfo(0, 1),
    available_frequencies: Array.from({ length: 5000 }, () => 1),
  };
  t.is((await server.post(`/register_rank/${id}`, clocks)).status, 422);
  t.is((await server.get(`/jobs/${id}`)).status, 200);
  await server.end();
});

test.serial('deep, doubled and poisoned JSON does no harm', async (t) => {
  const server = await startServer();
  const id = await registered(server, [1]);
  const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;
  t.is((await server.post('/register_job', `{"a":${deep}}`)).status, 422);
  const report = `{"rank":0,"iter_time":[1],"iter_energy":[300],"time_breakdown":`;
  for (const breakdown of [
    '{"__proto__":{"forward":[[1]]}}',
    '{"constructor":{"prototype":{"x":1}}}',
    '{"forward":"x"}',
    `{"forward":${deep}}`,
  ]) {
    const { status } = await server.post(`/result/${id}`, `${report}${breakdown}}`);
    t.is(status, 422, breakdown.slice(0, 40));
  }
  for (const name of ['toString', 'hasOwnProperty', 'length']) {
    const { status } = await server.post(`/result/${id}`, `${report}{"${name}":[[1]]}}`);
    t.is(status, 200, name);
  }
  t.is(({} as Record<string, unknown>)['x'], undefined);
  await server.end();
});

/** Sends raw bytes; resolves with all that comes until the server closes the connection. */
function exchange(port: number, bytes: string): Promise<string> {
  return new Promise((resolve) => {
    let heard = '';
    const socket = connect(port, '127.0.0.1', () => socket.write(bytes));
    socket.on('data', (data) => (heard += data.toString()));
    socket.on('error', () => undefined);
    socket.on('close', () => {
      resolve(heard);
    });
  });
}

test.serial('a connection that sends no request is closed', async (t) => {
  const server = await startServer();
  // The limits are those of the server; waiting for them would take as long.
  t.is(server.app.server.headersTimeout, 15_000);
  t.is(server.app.server.requestTimeout, 120_000);
  server.app.server.headersTimeout = 300;
  const silent = exchange(server.port, '');
  const slow = exchange(server.port, 'GET /jobs HTTP/1.1\r\nhost: localhost\r\n');
  t.is((await server.get('/healthz')).status, 200);
  const [nothing, late] = await Promise.all([silent, slow]);
  for (const heard of [nothing, late]) t.regex(heard, /^(HTTP\/1\.1 408 |$)/);
  t.regex(await exchange(server.port, 'nonsense\r\n\r\n'), /^HTTP\/1\.1 400 /);
  t.is((await server.get('/healthz')).status, 200);
  await server.end();
});

test.serial(
  'too many registrations of jobs from one address are told to wait; its ranks are not',
  async (t) => {
    const server = await startServer();
    const statuses = new Set<number>();
    for (let round = 0; round < 13; round++) {
      const answers = await Promise.all(
        Array.from({ length: 50 }, () =>
          server.post('/register_job', { ...jobInfo(1), job_id: 'x' }),
        ),
      );
      for (const { status } of answers) statuses.add(status);
    }
    t.deepEqual([...statuses].sort(), [422, 429]);
    t.is((await server.get('/jobs')).status, 200);
    await server.end();
  },
);

test.serial('a job of which the plan takes long holds no other job up', async (t) => {
  const planning = {
    plan: () => new Promise<never>(() => undefined),
    forget: () => undefined,
    close: () => Promise.resolve(),
  };
  const server = await startServer({ planning });
  const slow = await registered(server, [1]);
  const waiting = Array.from({ length: 40 }, () => server.get(`/schedule/${slow}?rank=0`));
  const other = await registered(server, [1], 0);
  t.is(
    (await server.put(`/jobs/${other}/plan`, "[[('forward', 1410), ('backward', 1200)]]")).status,
    200,
  );
  await server.post(`/register_rank/${other}`, rankInfo(0, 1));
  t.is((await server.get(`/schedule/${other}?rank=0`)).status, 200);
  // A server that stops answers those who wait.
  const closed = server.end();
  const answers = await Promise.all(waiting);
  t.true(
    answers.every(({ status, headers }) => status === 503 && headers.get('retry-after') === '1'),
  );
  await closed;
});
