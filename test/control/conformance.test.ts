import { setTimeout as delay } from 'node:timers/promises';
import test from 'ava';
import type { PlannedSchedules } from '../../sim/control/planning/planning-request.js';
import {
  FakePlanning,
  jobInfo,
  madeUpPlan,
  rankInfo,
  registered,
  startServer,
  type StartedServer,
} from '../support/control-server.js';

/** Calls of Zeus' client one by one, and every case in which Zeus' server hangs or answers 500. */

let server: StartedServer;
test.before(async () => {
  server = await startServer();
});
test.after.always(async () => {
  await server.end();
});

const detailOf = (body: unknown) => (body as { detail: string }).detail;
const locsOf = (body: unknown) =>
  (body as { detail: { loc: unknown[] }[] }).detail.map(({ loc }) => loc.join('.'));

test('a job goes through the calls of the shipped client', async (t) => {
  const job = await server.post('/register_job', jobInfo(2, 2, 1, 'gpt3'));
  t.is(job.status, 200);
  t.regex(
    job.body as string,
    /^\d{4}-\d\d-\d\d-\d\d-\d\d-\d\d\+dp2\+pp2\+tp1\+perseus\+gpt3(\+\d+)?$/,
  );
  // The id goes into paths as it is, plus signs and all.
  const id = job.body as string;
  for (let rank = 0; rank < 4; rank++) {
    const answer = await server.post(`/register_rank/${id}`, rankInfo(rank, 2, 2));
    t.deepEqual([answer.status, answer.body], [200, null]);
  }
  const { status, body } = await server.get(`/schedule/${id}?rank=3`);
  t.is(status, 200);
  t.deepEqual(body, {
    rank: 3,
    frequencies: [
      ['forward', 1390],
      ['backward', 1290],
    ],
  });
  const result = { rank: 3, iter_time: [1.5], iter_energy: [400] };
  const posted = await server.post(`/result/${id}`, result);
  t.deepEqual([posted.status, posted.body], [200, null]);
});

test('unknown fields are ignored, and bodies are JSON whatever their content type', async (t) => {
  const { status } = await server.post(
    '/register_job',
    { ...jobInfo(1), cluster: { name: 'x' } },
    { headers: { 'content-type': 'text/plain' } },
  );
  t.is(status, 200);
});

test('a wrong body or query is answered as FastAPI does', async (t) => {
  const missing = await server.post('/register_job', { pp_degree: 2, world_size: 'two' });
  t.is(missing.status, 422);
  t.deepEqual(locsOf(missing.body), ['body.dp_degree', 'body.tp_degree', 'body.world_size'].sort());
  for (const { msg, type } of (missing.body as { detail: { msg: string; type: string }[] })
    .detail) {
    t.true(msg.length > 0 && type.length > 0);
  }
  const product = await server.post('/register_job', { ...jobInfo(2, 2), world_size: 5 });
  t.is(product.status, 422);
  t.deepEqual(locsOf(product.body), ['body.world_size']);
  const named = await server.post('/register_job', { ...jobInfo(2), job_id: 'mine' });
  t.deepEqual([named.status, locsOf(named.body)], [422, ['body.job_id']]);
  const id = await registered(server, [1]);
  t.deepEqual(locsOf((await server.get(`/schedule/${id}`)).body), ['query.rank']);
  t.deepEqual(locsOf((await server.get(`/schedule/${id}?rank=-1`)).body), ['query.rank']);
  t.deepEqual(locsOf((await server.get(`/schedule/${id}?rank=1e3`)).body), ['query.rank']);
});

test('a body that is not JSON is refused', async (t) => {
  for (const body of ['', '{', '[]', 'null', '{"pp_degree": NaN}', '{"__proto__": {"a": 1}}']) {
    const { status, body: answer } = await server.post('/register_job', body);
    t.is(status, 422, body);
    t.true(Array.isArray((answer as { detail: unknown }).detail), body);
  }
  const infinite = await server.post(
    '/register_job',
    '{"pp_degree":1e999,"dp_degree":1,"tp_degree":1,"world_size":1}',
  );
  t.is(infinite.status, 422);
});

test('jobs that register at the same moment have ids of their own', async (t) => {
  const answers = await Promise.all(
    Array.from({ length: 20 }, () => server.post('/register_job', jobInfo(1, 1, 1, 'same'))),
  );
  const ids = answers.map(({ body }) => body as string);
  t.is(new Set(ids).size, 20);
  const [first, second] = ids as [string, string];
  await server.post(`/register_rank/${first}`, rankInfo(0, 1));
  const seen = await server.get(`/jobs/${first}`);
  t.is((seen.body as { ranks: number }).ranks, 1);
  t.is(((await server.get(`/jobs/${second}`)).body as { ranks: number }).ranks, 0);
});

const STRANGE = [
  'a/b', '../../etc/passwd', '..', '.', 'a b?c#d%2e', 'nul\u0000', 'é ü 漢字 😀', 'A', 'a', '+', '\n',
  '..\\..\\x', 'x'.repeat(4000), 'con:', '~', '%',
]; // prettier-ignore

for (const metadata of STRANGE) {
  test(`a job with metadata ${JSON.stringify(metadata).slice(0, 30)} is reachable`, async (t) => {
    const { status, body } = await server.post('/register_job', jobInfo(1, 1, 1, metadata));
    t.is(status, 200);
    const id = body as string;
    t.regex(id, /^[A-Za-z0-9._+=@,~-]{1,200}$/);
    // As it is, and as browsers and careful clients write it.
    for (const path of [id, encodeURIComponent(id), id.replace('+', '%2B')]) {
      const answer = await server.post(`/register_rank/${path}`, rankInfo(0, 1));
      t.is(answer.status, 200, path);
    }
    const view = await server.get(`/jobs/${id}`);
    t.is((view.body as { metadata: string }).metadata, metadata);
  });
}

test('an unknown job is 404, on every route', async (t) => {
  for (const id of ['nothing', '..', '%2e%2e%2fjobs', 'a%00b', '%zz', 'x'.repeat(2000)]) {
    const answers = [
      await server.post(`/register_rank/${id}`, rankInfo(0, 1)),
      await server.get(`/schedule/${id}?rank=0`),
      await server.post(`/result/${id}`, { rank: 0, iter_time: [1], iter_energy: [300] }),
      await server.get(`/jobs/${id}`),
    ];
    t.deepEqual(
      answers.map(({ status }) => status),
      [404, 404, 404, 404],
      id.slice(0, 20),
    );
    for (const { body } of answers) t.is(typeof detailOf(body), 'string');
  }
  t.is((await server.get('/info')).status, 404);
});

test('a rank that registers again is welcome, one that differs is not', async (t) => {
  const id = await registered(server, [2, 1, 1], 1);
  const again = await server.post(`/register_rank/${id}`, rankInfo(0, 2));
  t.is(again.status, 200);
  const other = await server.post(`/register_rank/${id}`, {
    ...rankInfo(0, 2),
    available_frequencies: [1410],
  });
  t.is(other.status, 409);
  t.regex(detailOf(other.body), /rank 0 has registered with other values/);
  const taken = await server.post(`/register_rank/${id}`, { ...rankInfo(1, 2), pp_rank: 0 });
  t.is(taken.status, 409);
  t.regex(detailOf(taken.body), /is that of rank 0/);
});

test('a rank beyond the world size or the degrees is refused with a sentence', async (t) => {
  const id = await registered(server, [2, 2, 2], 0);
  const beyond = await server.post(`/register_rank/${id}`, { ...rankInfo(0, 2, 2, 2), rank: 8 });
  t.is(beyond.status, 422);
  t.regex(detailOf(beyond.body), /found rank 8, expected 0 to 7/);
  const outside = await server.post(`/register_rank/${id}`, {
    ...rankInfo(0, 2, 2, 2),
    ...{ dp_rank: 2, tp_rank: 9 },
  });
  t.is(outside.status, 422);
  t.regex(detailOf(outside.body), /dp_rank 2, expected 0 to 1; tp_rank 9, expected 0 to 1/);
});

test('a schedule does not wait for other ranks', async (t) => {
  const id = await registered(server, [4, 8, 2], 1);
  const { status } = await server.get(`/schedule/${id}?rank=0`);
  t.is(status, 200);
  const absent = await server.get(`/schedule/${id}?rank=5`);
  t.is(absent.status, 404);
  t.regex(detailOf(absent.body), /rank 5 has not registered/);
  const none = await server.get(`/schedule/${id}?rank=64`);
  t.is(none.status, 404);
  t.regex(detailOf(none.body), /there is no rank 64/);
});

test('asking again is answered again', async (t) => {
  const id = await registered(server, [1]);
  const bodies = [];
  for (let k = 0; k < 5; k++) bodies.push((await server.get(`/schedule/${id}?rank=0`)).body);
  t.is(new Set(bodies.map((body) => JSON.stringify(body))).size, 1);
});

/** A server whose planning waits to be released. */
async function slowServer() {
  const planning = new FakePlanning();
  const releases: (() => void)[] = [];
  planning.answer = (request) =>
    new Promise<PlannedSchedules>((resolve) => {
      releases.push(() => {
        resolve(madeUpPlan(request));
      });
    });
  const started = await startServer({ planning });
  return { ...started, planning, releases };
}

test('schedules wait for the first plan; clients that leave cost the others nothing', async (t) => {
  const slow = await slowServer();
  const id = await registered(slow, [2]);
  const leaving = new AbortController();
  const left = slow.get(`/schedule/${id}?rank=0`, { signal: leaving.signal });
  const stays = slow.get(`/schedule/${id}?rank=1`);
  await delay(30);
  leaving.abort();
  await t.throwsAsync(left, { any: true });
  const retried = slow.get(`/schedule/${id}?rank=0`);
  await delay(30);
  slow.releases[0]!();
  t.deepEqual(((await retried).body as { rank: number }).rank, 0);
  t.deepEqual(((await stays).body as { rank: number }).rank, 1);
  t.is(slow.planning.requests.length, 1);
  await slow.end();
});

test('after a change the old schedule is served until the new one is ready, unless asked to wait', async (t) => {
  const slow = await slowServer();
  const id = await registered(slow, [1, 2]);
  const first = slow.get(`/schedule/${id}?rank=0`);
  await delay(20);
  slow.releases[0]!();
  const before = (await first).body;
  const told = await slow.post(`/jobs/${id}/stragglers`, { pipeline: 1, slowdown: 1.3 });
  t.deepEqual([told.status, told.body], [200, [{ pipeline: 1, slowdown: 1.3 }]]);
  t.deepEqual((await slow.get(`/schedule/${id}?rank=0`)).body, before);
  const waits = [
    slow.get(`/schedule/${id}?rank=0&wait=true`),
    slow.get(`/schedule/${id}?rank=1`, { headers: { prefer: 'wait' } }),
  ];
  await delay(20);
  t.is(slow.releases.length, 2);
  slow.releases[1]!();
  const [healthy, straggling] = await Promise.all(waits);
  t.deepEqual(healthy!.body, {
    rank: 0,
    frequencies: [
      ['forward', 1200],
      ['backward', 1100],
    ],
  });
  t.deepEqual(straggling!.body, {
    rank: 1,
    frequencies: [
      ['forward', 1410],
      ['backward', 1310],
    ],
  });
  t.deepEqual((await slow.get(`/schedule/${id}?rank=0`)).body, healthy!.body);
  t.is(((await slow.get(`/jobs/${id}`)).body as { version: number }).version, 1);
  await slow.end();
});

test('stragglers come and go', async (t) => {
  const id = await registered(server, [1, 3]);
  const stragglers = `/jobs/${id}/stragglers`;
  await server.post(stragglers, { pipeline: 2, seconds: 4.2 });
  const two = await server.post(stragglers, { pipeline: 0, slowdown: 1.5 });
  t.deepEqual(two.body, [
    { pipeline: 0, slowdown: 1.5 },
    { pipeline: 2, seconds: 4.2 },
  ]);
  const one = await server.post(stragglers, { pipeline: 0, slowdown: 1 });
  t.deepEqual(one.body, [{ pipeline: 2, seconds: 4.2 }]);
  const none = await server.send('DELETE', `${stragglers}/2`);
  t.deepEqual([none.status, none.body], [200, []]);
  t.deepEqual((await server.send('DELETE', `${stragglers}/2`)).body, []);
  for (const body of [
    { pipeline: 3, slowdown: 1.2 },
    { pipeline: 0, slowdown: 0.5 },
    { pipeline: 0, slowdown: 120 },
    { pipeline: 0, seconds: 1e9 },
    { pipeline: 0 },
    { pipeline: -1, slowdown: 1.2 },
  ]) {
    t.is((await server.post(stragglers, body)).status, 422, JSON.stringify(body));
  }
  t.is((await server.send('DELETE', `${stragglers}/x`)).status, 422);
});

test('a plan that fails is a sentence, not a trace, and a later one is served', async (t) => {
  const planning = new FakePlanning();
  planning.answer = () => {
    throw new Error('no memory\n    at secret (file:///x.js)');
  };
  const own = await startServer({ planning });
  const id = await registered(own, [1, 2]);
  const failed = await own.get(`/schedule/${id}?rank=0`);
  t.is(failed.status, 503);
  t.is(detailOf(failed.body), 'planning failed: no memory');
  const view = (await own.get(`/jobs/${id}`)).body as { state: string; problems: string[] };
  t.deepEqual([view.state, view.problems], ['failed', ['planning failed: no memory']]);
  planning.answer = madeUpPlan;
  t.is((await own.get(`/schedule/${id}?rank=0`)).status, 200);
  t.is(((await own.get(`/jobs/${id}`)).body as { state: string }).state, 'planned');
  await own.end();
});

test('without settings a schedule says what to send', async (t) => {
  const own = await startServer({ defaults: {} });
  const id = await registered(own, [1]);
  const { status, body } = await own.get(`/schedule/${id}?rank=0`);
  t.is(status, 409);
  t.regex(detailOf(body), /the number of microbatches is not known: send it with PUT/);
  await own.end();
});
