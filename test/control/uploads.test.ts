import test from 'ava';
import { catalogProfile } from '../../sim/hardware/catalog.js';
import { LIBRARY } from '../../sim/disk/catalog-files.js';
import { startPlanning } from '../../sim/control/planning/start-planning.js';
import { registered, startServer, type StartedServer } from '../support/control-server.js';
import { profileText } from '../support/profile-text.js';

const PROFILE = catalogProfile(LIBRARY.entry('gpt3-175b-a100-sxm', { source: 'test' }));
const CSV = profileText(PROFILE);
const SCENARIO = 'profile: {csv: p.csv, blockingPowerW: 80}\npipeline: {microbatches: 4}\n';

let server: StartedServer;
test.before(async () => {
  server = await startServer({ defaults: {}, planning: startPlanning() });
});
test.after.always(async () => {
  await server.end();
});

const sentences = (body: unknown) => JSON.stringify((body as { detail: unknown }).detail);

test('a profile with its settings is enough for a plan', async (t) => {
  const id = await registered(server, [8], 1);
  const path = `/jobs/${id}/profile?microbatches=4&blockingPowerW=80&policy=max-frequency`;
  const { status, body } = await server.put(path, CSV, { headers: { 'content-type': 'text/csv' } });
  t.is(status, 200);
  const clocks = new Set(PROFILE.stages.flatMap((s) => s.forward.map((o) => o.frequencyMHz)));
  t.deepEqual(body, { stages: 8, clocks: clocks.size, notes: [] });
  const { body: schedule } = await server.get(`/schedule/${id}?rank=0`);
  const { frequencies } = schedule as { frequencies: unknown[] };
  t.deepEqual(frequencies.slice(0, 2), [
    ['forward', 1410],
    ['forward', 1410],
  ]);
  t.is(frequencies.length, 8);
  const view = (await server.get(`/jobs/${id}`)).body as Record<string, unknown>;
  t.deepEqual([view['policy'], view['microbatches']], ['max-frequency', 4]);
});

test('a scenario, then a profile, then another straggler: the plan follows', async (t) => {
  const id = await registered(server, [8, 2], 2);
  const early = await server.put(`/jobs/${id}/scenario`, SCENARIO);
  t.is(early.status, 200, sentences(early.body));
  t.is((await server.put(`/jobs/${id}/profile`, CSV)).status, 200);
  const chosen = async () => {
    await server.get(`/schedule/${id}?rank=0&wait=true`);
    const { body } = await server.get(`/jobs/${id}`);
    return (body as { chosen: { timeS: number } }).chosen.timeS;
  };
  const before = await chosen();
  await server.post(`/jobs/${id}/stragglers`, { pipeline: 1, slowdown: 1.2 });
  const during = await chosen();
  t.true(Math.abs(during / before - 1.2) < 0.01, `${before} ${during}`);
  await server.send('DELETE', `/jobs/${id}/stragglers/1`);
  t.is(await chosen(), before);
});

test('a scenario that contradicts the registration is 409, a wrong one 422 with all problems', async (t) => {
  const id = await registered(server, [8, 2], 1);
  const other = await server.put(
    `/jobs/${id}/scenario`,
    `${SCENARIO}pipelines: 3\ntensorParallel: 2\n`,
  );
  t.is(other.status, 409);
  t.regex(sentences(other.body), /pipelines: found "?3"?, but the job registered with dp_degree 2/);
  t.regex(sentences(other.body), /tensorParallel/);
  const wrong = await server.put(
    `/jobs/${id}/scenario`,
    'profile: {csv: p, blockingPowerW: 8e9}\npipeline: {microbatches: -1, schedule: none}\nx: 1\n',
  );
  t.is(wrong.status, 422);
  t.true((wrong.body as { detail: unknown[] }).detail.length >= 3, sentences(wrong.body));
  for (const text of ['', '[', '\u0000', '- 1', 'a: *b']) {
    t.is((await server.put(`/jobs/${id}/scenario`, text)).status, 422, text);
  }
  const view = (await server.get(`/jobs/${id}`)).body as { problems: string[] };
  t.regex(view.problems.join(), /number of microbatches is not known/);
});

test('no file of the server is read, and no code is loaded', async (t) => {
  const id = await registered(server, [8], 1);
  for (const profile of [
    '{model: /etc/passwd, gpu: a100-sxm, microbatch: 1}',
    '{model: ../../package.json, gpu: /etc/hosts, microbatch: 1}',
  ]) {
    const { status, body } = await server.put(
      `/jobs/${id}/scenario`,
      `profile: ${profile}\npipeline: {microbatches: 4}\n`,
    );
    t.is(status, 422);
    t.notRegex(sentences(body), /root:|localhost|devDependencies/);
  }
  const policy = await server.put(`/jobs/${id}/profile?policy=./x.js`, CSV);
  t.is(policy.status, 422);
  t.regex(sentences(policy.body), /policy: found \\"\.\/x\.js\\", expected max-frequency/);
});

test('a profile that is wrong is refused with all problems, and changes nothing', async (t) => {
  const id = await registered(server, [8], 1);
  const rows = CSV.split('\n');
  const wrong = [rows[0], rows[1]!.replace(/[^,]*$/, 'abc'), '0,forward,-5,1,1', ...rows.slice(2)];
  const { status, body } = await server.put(`/jobs/${id}/profile`, wrong.join('\n'));
  t.is(status, 422);
  const { detail } = body as { detail: { loc: unknown[]; msg: string }[] };
  t.deepEqual(
    detail.slice(0, 2).map(({ loc }) => loc),
    [
      ['body', 2],
      ['body', 3],
    ],
  );
  const stages = await server.put(
    `/jobs/${await registered(server, [4], 1)}/profile?microbatches=4&blockingPowerW=80`,
    CSV,
  );
  t.is(stages.status, 422);
  t.is((await server.put(`/jobs/${id}/profile`, '')).status, 422);
});

test('a large profile is checked beside other requests', async (t) => {
  const id = await registered(server, [8], 1);
  const ranks = Array.from({ length: 60 }, (_, rank) =>
    CSV.split('\n').slice(1, -1).map((row) => `${rank},${row}`),
  ); // prettier-ignore
  const large = ['rank,stage,instruction,frequency,time,energy', ...ranks.flat(), ''].join('\n');
  t.true(large.length > 500_000);
  const { status, body } = await server.put(
    `/jobs/${id}/profile?microbatches=4&blockingPowerW=80`,
    large,
  );
  t.deepEqual([status, (body as { stages: number }).stages], [200, 8]);
});

test('a plan file is served as it is', async (t) => {
  const id = await registered(server, [2], 2);
  const plan =
    "[\n[('forward', 1410), ('backward', 1200)],\n[('forward', 1380), ('backward', 1260)],\n]\n";
  t.is((await server.put(`/jobs/${id}/plan`, plan)).status, 200);
  const { body } = await server.get(`/schedule/${id}?rank=1`);
  t.deepEqual(body, {
    rank: 1,
    frequencies: [
      ['forward', 1380],
      ['backward', 1260],
    ],
  });
  for (const text of ['__import__("os").system("id")', '[', "[[('forward', 1410)]]"]) {
    t.is((await server.put(`/jobs/${id}/plan`, text)).status, 422, text);
  }
  t.deepEqual((await server.get(`/schedule/${id}?rank=1`)).body, body);
});
