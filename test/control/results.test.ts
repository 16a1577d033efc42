import test from 'ava';
import { registered, startServer, type StartedServer } from '../support/control-server.js';

/** Reports of ranks: their shape, their figures, and the same one sent twice. */

let server: StartedServer;
test.before(async () => {
  server = await startServer();
});
test.after.always(async () => {
  await server.end();
});

/** A report of one iteration of a made-up plan: a forward and a backward. */
const report = (rank = 0, timeS = 1, energyJ = 300) => ({
  rank,
  ...{ iter_time: [timeS], iter_energy: [energyJ] },
  time_breakdown: { forward: [[0.3]], backward: [[0.6]] },
  energy_breakdown: { forward: [[100]], backward: [[180]] },
});

async function reportsOf(id: string): Promise<number> {
  const { body } = await server.get(`/jobs/${id}`);
  return (body as { reported: { reports: number } }).reported.reports;
}

const REFUSED: readonly (readonly [name: string, change: object, sentence: RegExp])[] = [
  ['0.4 W', { iter_energy: [0.4] }, /which is 0\.4 W, expected 15 to 3000 W.*kilojoules/],
  ['milliseconds', { iter_time: [1000] }, /which is 0\.3 W.*the times look like milliseconds: divide by 1000/],
  ['millijoules', { iter_energy: [300_000] }, /which is 300000 W.*the energies look like millijoules/],
  ['no time', { iter_time: [0] }, /iter_time 0: found 0, expected a number from/],
  ['negative energy', { iter_energy: [-1] }, /iter_energy 0: found -1, expected/],
  ['more times than energies', { iter_time: [1, 1] }, /found 2 times and 1 energies/],
  ['an instruction too many', { time_breakdown: { forward: [[0.1, 0.1]] } }, /found 2 instructions in iteration 0, expected 1 as in the schedule/],
  ['an iteration too many', { time_breakdown: { forward: [[0.1], [0.1]] } }, /found 2 iterations, expected 1/],
  ['energies without times', { energy_breakdown: { load: [[1, 2]] }, time_breakdown: { load: [[1]] } }, /found 2 energies in iteration 0, expected 1/],
  ['instructions longer than the iteration', { time_breakdown: { forward: [[1.5]], backward: [[1.5]] }, energy_breakdown: {} }, /take 3 s in all, which does not fit into its 1 s/],
  ['an instruction in mW', { energy_breakdown: { forward: [[0.1]], backward: [[180]] } }, /forward 0 of iteration 0: found 0\.1 J in 0\.3 s, which is 0\.333333 W/],
]; // prettier-ignore

for (const [name, change, sentence] of REFUSED) {
  test(`a report with ${name} is refused`, async (t) => {
    const id = await registered(server, [1]);
    await server.get(`/schedule/${id}?rank=0`);
    const { status, body } = await server.post(`/result/${id}`, { ...report(), ...change });
    t.is(status, 422);
    t.regex((body as { detail: string }).detail, sentence);
    t.is(await reportsOf(id), 0);
  });
}

test('a report sent twice counts once, a new round counts again', async (t) => {
  const id = await registered(server, [1]);
  const post = async (body: object) => (await server.post(`/result/${id}`, body)).status;
  t.deepEqual([await post(report()), await post(report())], [200, 200]);
  t.is(await reportsOf(id), 1);
  // A rank that asks for a schedule begins a round, in which it may measure the same again.
  await server.get(`/schedule/${id}?rank=0`);
  t.is(await post(report()), 200);
  t.is(await reportsOf(id), 2);
  t.is(await post(report(0, 1.01)), 200);
  t.is(await reportsOf(id), 3);
});

test('reports at the same moment are retries too', async (t) => {
  const id = await registered(server, [1]);
  const answers = await Promise.all(
    Array.from({ length: 10 }, () => server.post(`/result/${id}`, report())),
  );
  t.true(answers.every(({ status }) => status === 200));
  t.is(await reportsOf(id), 1);
});

test('numbered rounds tell reports apart', async (t) => {
  const id = await registered(server, [1]);
  const post = async (round: number, timeS = 1) =>
    (await server.post(`/result/${id}`, { ...report(0, timeS), round })).status;
  t.deepEqual([await post(0), await post(0), await post(1), await post(1)], [200, 200, 200, 200]);
  t.is(await reportsOf(id), 2);
  t.is(await post(1, 1.1), 409);
  t.is(await post(0, 1.1), 409);
  t.is(await reportsOf(id), 2);
});

test('a report of a rank that is not there is 404', async (t) => {
  const id = await registered(server, [2], 1);
  t.is((await server.post(`/result/${id}`, report(1))).status, 404);
  t.is((await server.post(`/result/${id}`, report(7))).status, 404);
});

test('planned stands beside reported', async (t) => {
  const id = await registered(server, [2, 2]);
  for (let rank = 0; rank < 4; rank++) {
    await server.get(`/schedule/${id}?rank=${rank}`);
    await server.post(`/result/${id}`, report(rank, 1 + rank / 100, 300 + rank));
  }
  const { planned, reported } = (await server.get(`/jobs/${id}`)).body as Record<string, unknown>;
  t.deepEqual(planned, { timeS: 1, energyJ: 1000 });
  // The slowest rank's time; the energy of one of two pipelines.
  t.deepEqual(reported, { reports: 4, ranks: 4, iterations: 1, timeS: 1.03, energyJ: 603 });
  // After a change of schedule the mean begins anew.
  await server.post(`/jobs/${id}/stragglers`, { pipeline: 0, slowdown: 1.2 });
  const after = (await server.get(`/jobs/${id}`)).body as Record<string, unknown>;
  t.deepEqual(after['reported'], {
    reports: 4,
    ranks: 0,
    iterations: 0,
    timeS: null,
    energyJ: null,
  });
});

test('metrics tell of jobs, requests and iterations', async (t) => {
  const own = await startServer();
  const id = await registered(own, [1]);
  await own.get(`/schedule/${id}?rank=0`);
  await own.post(`/result/${id}`, report());
  await own.get('/nowhere/at/all');
  const { body } = await own.get('/metrics');
  const has = (line: string) => {
    t.true((body as string).includes(`\n${line}\n`), line);
  };
  has('pipewatt_jobs{state="planned"} 1');
  has('pipewatt_jobs{state="failed"} 0');
  has('pipewatt_ranks 1');
  has('pipewatt_results_total 1');
  has('pipewatt_planning_duration_seconds_count{outcome="planned"} 1');
  has(`pipewatt_iteration_time_seconds{job="${id}",source="reported"} 1`);
  has(`pipewatt_iteration_energy_joules{job="${id}",source="planned"} 1000`);
  has(
    'pipewatt_request_duration_seconds_count{method="GET",route="/schedule/:job_id",status="200"} 1',
  );
  has('pipewatt_request_duration_seconds_count{method="GET",route="none",status="404"} 1');
  await own.end();
});

test('a job is removed with all that is known of it', async (t) => {
  const id = await registered(server, [1]);
  t.is((await server.send('DELETE', `/jobs/${id}`)).status, 200);
  t.is((await server.get(`/jobs/${id}`)).status, 404);
  t.is((await server.send('DELETE', `/jobs/${id}`)).status, 404);
});

test('the requests are documented, without anything from elsewhere', async (t) => {
  const { body } = await server.get('/docs/json');
  const { paths } = body as { paths: Record<string, object> };
  for (const path of ['/register_job', '/schedule/{job_id}', '/jobs/{job_id}/profile']) {
    t.true(path in paths, path);
  }
  const page = await server.get('/docs/');
  t.is(page.status, 200);
  t.notRegex(page.body as string, /(?:src|href)="https?:/);
});
