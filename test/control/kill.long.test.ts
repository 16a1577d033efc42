import { setTimeout as sleep } from 'node:timers/promises';
import test from 'ava';
import { randomStream } from '../../sim/kernel/random-streams.js';
import { runLoad } from '../support/load.js';
import { TestServer } from '../support/serve.js';

const KILLS = 10;
const SCENARIO =
  'name: kill\nprofile: {catalog: gpt3-175b-a100-sxm}\npipeline: {microbatches: 8}\n';
/** The longest time from one kill to the next. */
const LONGEST_MS = 2500;

interface Job {
  readonly state: string;
  readonly ranks: number;
  readonly reported: { readonly reports: number };
  readonly stragglers: readonly { readonly pipeline: number; readonly slowdown: number }[];
}

/**
 * Reports stragglers until told to stop.
 * @returns the slowdown that each pipeline was acknowledged last, and the one under way.
 */
async function reportStragglers(server: TestServer, jobId: string, isOver: () => boolean) {
  const acknowledged = new Map<number, number>();
  const unsure = new Map<number, number>();
  for (let k = 0; !isOver(); k++) {
    const [pipeline, slowdown] = [k % 4, Number((1.01 + (k % 50) / 100).toFixed(2))];
    unsure.set(pipeline, slowdown);
    try {
      const body = JSON.stringify({ pipeline, slowdown });
      const answer = await fetch(`${server.url}/jobs/${jobId}/stragglers`, {
        method: 'POST',
        body,
      });
      await answer.arrayBuffer();
      if (answer.ok) {
        acknowledged.set(pipeline, slowdown);
        unsure.delete(pipeline);
      }
    } catch {
      // It was killed: it may know of this one or not.
    }
    await sleep(20);
  }
  return { acknowledged, unsure };
}

test.serial(
  `killed ${KILLS} times under load, a server loses nothing that it acknowledged`,
  async (t) => {
    t.timeout(800_000);
    const seed = Number(process.env['KILL_SEED'] ?? Date.now() % 1_000_000);
    t.log(`seed ${seed}; KILL_SEED=${seed} repeats the moments`);
    const uniform = randomStream(seed, 'kills');
    const server = await TestServer.start();
    try {
      let isOver = false;
      const size = { pp: 8, dp: 4, tp: 2, iterations: 100_000 };
      let kills = 0;
      let iterations = 0;
      let onJob: (id: string) => void = () => undefined;
      const registered = new Promise<string>((resolve) => (onJob = resolve));
      const isEnough = () => {
        iterations++;
        return kills === KILLS;
      };
      const load = runLoad(
        { ...size, port: server.port, spreadS: 0.02, scenario: SCENARIO, patienceS: 120 },
        { onJob, isEnough },
      );
      const stragglers = registered.then((id) => reportStragglers(server, id, () => isOver));
      const killing = (async () => {
        await registered;
        while (kills < KILLS) {
          await sleep(LONGEST_MS * uniform());
          await server.restart();
          kills++;
        }
      })();
      const { jobId, acknowledged, wrongSchedules, repeated } = await load;
      isOver = true;
      await killing;
      const reported = await stragglers;
      t.is(acknowledged, 64 * iterations, 'all ranks have finished');
      t.is(wrongSchedules, 0);
      t.log(`${iterations} iterations, ${repeated} requests were sent again`);
      await server.restart();
      const answer = await fetch(`${server.url}/jobs/${jobId}`);
      const job = (await answer.json()) as Job;
      t.is(job.ranks, 64);
      t.is(job.reported.reports, acknowledged, 'each report counts, and none twice');
      for (const [pipeline, slowdown] of reported.acknowledged) {
        const found = job.stragglers.find((one) => one.pipeline === pipeline)?.slowdown;
        t.true(
          found === slowdown || found === reported.unsure.get(pipeline),
          `pipeline ${pipeline}`,
        );
      }
    } finally {
      await server.stop();
    }
  },
);
