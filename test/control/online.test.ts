import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { catalogProfile } from '../../sim/hardware/catalog.js';
import { LIBRARY } from '../../sim/disk/catalog-files.js';
import { startPlanning } from '../../sim/control/planning/start-planning.js';
import type { StageClocks } from '../../sim/plans/clock-lists.js';
import type { InstructionKind } from '../../src/profile/operation.js';
import { jobInfo, startServer, type StartedServer } from '../support/control-server.js';
import { SimulatedRanks } from '../support/simulated-ranks.js';

const ENTRY = LIBRARY.entry('gpt3-175b-a100-sxm', { source: 'test' });
const DEGREES = { pp: 8, dp: 1, tp: 1 };

function simulated() {
  const { blockingPowerW } = ENTRY;
  return new SimulatedRanks({
    ...{ profile: catalogProfile(ENTRY), degrees: DEGREES, microbatches: 4, blockingPowerW },
    ...{ seed: 1, noise: { instruction: 0, iteration: 0, gpu: 0 } },
  });
}

async function clocksOf(server: StartedServer, id: string, rank: number): Promise<StageClocks> {
  const { status, body } = await server.get(`/schedule/${id}?rank=${rank}`);
  if (status !== 200) throw new Error(JSON.stringify(body));
  const { frequencies } = body as { frequencies: [InstructionKind, number][] };
  return frequencies.map(([kind, frequencyMHz]) => ({ kind, frequencyMHz }));
}

const viewOf = async (server: StartedServer, id: string) =>
  (await server.get(`/jobs/${id}`)).body as {
    state: string;
    version: number | null;
    profiling: { phase: string; progress: unknown[]; blockingPowerW: number } | null;
    reported: { reports: number };
    chosen?: { timeS: number };
  };

test('a job without a profile is profiled, also over a restart, and then planned', async (t) => {
  const data = mkdtempSync(join(tmpdir(), 'pipewatt-online-'));
  const start = () => startServer({ data, defaults: {}, planning: startPlanning() });
  let server = await start();
  const { ranks, ...sim } = ((all) => ({ ranks: all.ranks, run: all.run.bind(all) }))(simulated());
  const id = (await server.post('/register_job', jobInfo(8, 1, 1, 'microbatches=4')))
    .body as string;
  await server.post(`/register_rank/${id}`, ranks[0]);
  // Until all ranks are known, the highest clocks are run.
  t.deepEqual([...new Set((await clocksOf(server, id, 0)).map((c) => c.frequencyMHz))], [1410]);
  for (const rank of ranks.slice(1)) await server.post(`/register_rank/${id}`, rank);
  const seen = new Set<number>();
  let iterations = 0;
  for (; iterations < 300; iterations++) {
    const clocks = await Promise.all(ranks.map(({ rank }) => clocksOf(server, id, rank)));
    seen.add(clocks[0]![0]!.frequencyMHz);
    const answers = await Promise.all(
      sim.run((rank) => clocks[rank]!).map((report) => server.post(`/result/${id}`, report)),
    );
    t.true(answers.every(({ status }) => status === 200));
    if (iterations === 20) {
      const before = await viewOf(server, id);
      t.is(before.state, 'profiling');
      await server.close();
      server = await start();
      t.deepEqual(await viewOf(server, id), before);
    }
    if ((await viewOf(server, id)).state !== 'profiling') break;
  }
  t.true(seen.size > 10, [...seen].join());
  const plan = await clocksOf(server, id, 7);
  const view = await viewOf(server, id);
  t.is(view.state, 'planned');
  t.is(view.version, 1);
  t.is(view.profiling!.phase, 'watching');
  t.true(Math.abs(view.profiling!.blockingPowerW / ENTRY.blockingPowerW - 1) < 0.01);
  t.is(plan.length, 8);
  t.true(plan.every(({ frequencyMHz }) => frequencyMHz >= 210 && frequencyMHz <= 1410));
  t.is(view.reported.reports, 8 * (iterations + 1));
  await server.close();
  rmSync(data, { recursive: true });
});
