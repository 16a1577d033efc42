import { loadInProcess, type LoadResult } from '../support/load-process.js';
import { TestServer } from '../support/serve.js';

/** The time until ranks have a schedule that is known, in milliseconds. */
export interface ServingSpeed {
  readonly how: string;
  readonly ranks: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

const SCENARIO =
  'name: bench\nprofile: {catalog: gpt3-175b-a100-sxm}\npipeline: {microbatches: 24}\n';

/**
 * Measures `GET /schedule` of 1,024 ranks in 50 iterations, with a report of each rank in each: a
 * server and its clients in processes of their own, on this machine.
 */
export async function measureServing(iterations = 50): Promise<ServingSpeed[]> {
  const speeds: ServingSpeed[] = [];
  for (const [how, spreadS] of [
    ['spread over half a second', 0.5],
    ['at the same moment', 0],
  ] as const) {
    const server = await TestServer.start();
    try {
      const size = { pp: 8, dp: 16, tp: 8, iterations };
      const load = { ...size, spreadS, port: server.port, scenario: SCENARIO };
      speeds.push({ how, ...quantiles(await loadInProcess(load)) });
    } finally {
      await server.stop();
    }
  }
  return speeds;
}

function quantiles({ ranks, schedulesMs }: LoadResult) {
  const sorted = [...schedulesMs].sort((a, b) => a - b);
  const at = (part: number) => sorted[Math.floor(part * (sorted.length - 1))]!;
  return { ranks, p50Ms: at(0.5), p99Ms: at(0.99) };
}
