import { mkdtempSync, rmSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { LIBRARY } from '../../sim/disk/catalog-files.js';
import { catalogProfile } from '../../sim/hardware/catalog.js';
import { plannedSchedules } from '../../sim/control/planning/kept-plans.js';
import { startPlanning } from '../../sim/control/planning/start-planning.js';
import { controlServer } from '../../sim/control/serve.js';
import type { InstructionKind } from '../../src/profile/operation.js';
import { profileText } from '../support/profile-text.js';
import { SimulatedRanks } from '../support/simulated-ranks.js';

const ENTRY = LIBRARY.entry('gpt3-175b-a100-sxm', { source: 'test' });
const { blockingPowerW } = ENTRY;
const DEGREES = { pp: 4, dp: 2, tp: 1 };
const MICROBATCHES = 6;
const TRUTH = { ...catalogProfile(ENTRY), stages: catalogProfile(ENTRY).stages.slice(0, 4) };

type Frequencies = [InstructionKind, number][];

interface JobAnswer {
  readonly state: string;
  readonly fastest?: { readonly timeS: number };
  readonly problems: readonly string[];
  readonly profiling: {
    readonly phase: string;
    readonly blockingPowerW?: number;
    readonly notes: readonly string[];
    readonly progress: readonly { readonly clocksDone: number }[];
  } | null;
}

/** A server on a free port, and a client of it. */
async function started(data: string) {
  const planning = startPlanning();
  const server = await controlServer({
    ...{ data, planning, version: '0', rules: { host: '127.0.0.1' } },
    defaults: { policy: 'perseus' },
    warn: () => undefined,
  });
  await server.app.listen({ port: 0, host: '127.0.0.1' });
  const { port } = server.app.server.address() as AddressInfo;
  const send = async <T>(method: string, path: string, body?: unknown): Promise<T> => {
    const response = await fetch(`http://127.0.0.1:${port}${path}`, {
      method,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      headers: body === undefined ? {} : { 'content-type': 'application/json' },
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
    return JSON.parse(text) as T;
  };
  return { send, close: () => server.close() };
}

type Started = Awaited<ReturnType<typeof started>>;

async function iteration(server: Started, id: string, sim: SimulatedRanks): Promise<void> {
  const schedules = await Promise.all(
    sim.ranks.map(({ rank }) =>
      server.send<{ frequencies: Frequencies }>('GET', `/schedule/${id}?rank=${rank}`),
    ),
  );
  const reports = sim.run((rank) =>
    schedules[rank]!.frequencies.map(([kind, frequencyMHz]) => ({ kind, frequencyMHz })),
  );
  await Promise.all(reports.map((report) => server.send('POST', `/result/${id}`, report)));
}

test('over HTTP a job without a profile is profiled, planned, and goes on after a restart', async (t) => {
  const data = mkdtempSync(join(tmpdir(), 'profiling-'));
  const sim = new SimulatedRanks({
    ...{ profile: TRUTH, degrees: DEGREES, microbatches: MICROBATCHES, blockingPowerW, seed: 7 },
    noise: { instruction: 0.02, iteration: 0, gpu: 0 },
    change: ({ pp_rank }, k) => (pp_rank === 1 && k >= 300 ? { timeBy: 1.05, energyBy: 1.08 } : {}),
  });
  let server = await started(data);
  const id = await server.send<string>('POST', '/register_job', {
    ...{ pp_degree: 4, dp_degree: 2, tp_degree: 1, world_size: 8 },
    job_metadata: `gpt3 microbatches=${MICROBATCHES}`,
  });
  const [first, ...others] = sim.ranks;
  await server.send('POST', `/register_rank/${id}`, first);
  // The first rank need not wait for the others.
  const early = await server.send<{ frequencies: Frequencies }>('GET', `/schedule/${id}?rank=0`);
  t.is(early.frequencies.length, 2 * MICROBATCHES);
  t.true(early.frequencies.every(([, mhz]) => mhz === 1410));
  for (const rank of others) await server.send('POST', `/register_rank/${id}`, rank);
  const job = () => server.send<JobAnswer>('GET', `/jobs/${id}`);
  t.is((await job()).state, 'profiling');
  t.true((await job()).profiling!.notes[0]!.includes('none of its ranks has reported results yet'));

  let iterations = 0;
  for (; (await job()).state === 'profiling'; iterations++) {
    if (iterations > 200) return void t.fail('it does not end');
    await iteration(server, id, sim);
    if (iterations !== 50) continue;
    const before = (await job()).profiling!.progress;
    await server.close();
    server = await started(data);
    t.deepEqual((await job()).profiling!.progress, before);
  }
  t.log(`${iterations} iterations`);
  t.true(iterations <= 110);
  await iteration(server, id, sim);
  const planned = await job();
  t.is(planned.state, 'planned', planned.problems.join());
  t.true(Math.abs(planned.profiling!.blockingPowerW! / blockingPowerW - 1) < 0.01);
  const right = plannedSchedules({
    ...{ jobId: 'j', degrees: DEGREES, policy: 'perseus', stragglers: [] },
    scenarioText: `profile: {csv: p, blockingPowerW: ${blockingPowerW}}\npipeline: {microbatches: ${MICROBATCHES}}\n`,
    profileCsv: profileText(TRUTH),
  });
  t.true(Math.abs(planned.fastest!.timeS / right.fastest.timeS - 1) < 0.01);

  for (; iterations < 299; iterations++) await iteration(server, id, sim);
  t.is((await job()).state, 'planned', 'no drift yet');
  for (; iterations < 500 && (await job()).state !== 'profiling'; iterations++) {
    await iteration(server, id, sim);
  }
  t.log(`drift noticed after ${iterations} iterations`, (await job()).profiling!.notes);
  t.true(iterations > 310 && iterations < 380);
  for (; iterations < 600 && (await job()).state !== 'planned'; iterations++) {
    await iteration(server, id, sim);
  }
  t.is((await job()).state, 'planned');
  await server.close();
  rmSync(data, { recursive: true });
});
