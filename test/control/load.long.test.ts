import test from 'ava';
import { loadInProcess } from '../support/load-process.js';
import { TestServer } from '../support/serve.js';

/** A job as the server tells of it. */
interface Job {
  readonly state: string;
  readonly ranks: number;
  readonly reported: { readonly reports: number };
}

async function jobOf(server: TestServer, id: string): Promise<Job> {
  const response = await fetch(`${server.url}/jobs/${id}`);
  return (await response.json()) as Job;
}

const scenario = (microbatches: number) =>
  `name: load\nprofile: {catalog: gpt3-175b-a100-sxm}\npipeline: {microbatches: ${microbatches}}\n`;

const quantile = (sorted: readonly number[], part: number) =>
  sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))]!.toFixed(1);

for (const [how, spreadS] of [
  ['spread over half a second', 0.5],
  ['all at the same moment', 0],
] as const) {
  test.serial(`of 1,024 ranks that ask 50 times, ${how}, nothing is lost`, async (t) => {
    t.timeout(800_000);
    const server = await TestServer.start();
    try {
      const size = { pp: 8, dp: 16, tp: 8, iterations: 50 };
      const load = { ...size, spreadS, port: server.port, scenario: scenario(24) };
      const { jobId, ...result } = await loadInProcess(load);
      t.is(result.acknowledged, 1024 * 50);
      t.is(result.wrongSchedules, 0);
      t.is(result.repeated, 0);
      const job = await jobOf(server, jobId);
      t.is(job.ranks, 1024);
      t.is(job.reported.reports, 1024 * 50);
      const ms = [...result.schedulesMs].sort((a, b) => a - b);
      t.log(`GET /schedule: p50 ${quantile(ms, 0.5)} ms, p99 ${quantile(ms, 0.99)} ms`);
    } finally {
      t.is(await server.stop(), 0);
    }
  });
}

test.serial('20 jobs at once are planned and served, a large one among them', async (t) => {
  t.timeout(800_000);
  const server = await TestServer.start();
  try {
    const { port } = server;
    const small = Array.from({ length: 19 }, (_, k) =>
      loadInProcess({
        ...{ port, pp: 8, dp: 2, tp: 1, iterations: 20, spreadS: 0 },
        scenario: scenario(4 + k),
      }),
    );
    const ended: string[] = [];
    const large = loadInProcess({
      ...{ port, pp: 8, dp: 4, tp: 2, iterations: 5, spreadS: 0 },
      scenario: scenario(384),
    }).finally(() => ended.push('large'));
    const results = await Promise.all(small);
    ended.push('small');
    t.deepEqual(ended, ['small'], 'the small ones do not wait for the large one');
    results.push(await large);
    for (const { jobId, acknowledged, wrongSchedules, ranks } of results) {
      const job = await jobOf(server, jobId);
      t.is(job.state, 'planned');
      t.is(job.ranks, ranks);
      t.is(job.reported.reports, acknowledged);
      t.is(wrongSchedules, 0);
    }
    t.is(new Set(results.map(({ jobId }) => jobId)).size, 20);
  } finally {
    t.is(await server.stop(), 0);
  }
});
