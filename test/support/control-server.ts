import { mkdtempSync, rmSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type {
  JobPlanning,
  PlannedSchedules,
  PlanningRequest,
} from '../../sim/control/planning/planning-request.js';
import type { GuardRules } from '../../sim/control/http/guard.js';
import type { ServedDefaults } from '../../sim/control/planning-settings.js';
import { controlServer } from '../../sim/control/serve.js';

/** Planning that a test controls: it answers at once, or when it is told to. */
export class FakePlanning implements JobPlanning {
  readonly requests: PlanningRequest[] = [];
  /** Replaces the answer. */
  answer: (request: PlanningRequest) => Promise<PlannedSchedules> | PlannedSchedules = madeUpPlan;

  async plan(request: PlanningRequest): Promise<PlannedSchedules> {
    this.requests.push(request);
    return this.answer(request);
  }

  forget(): void {
    // Keeps nothing.
  }

  async close(): Promise<void> {
    // Has no threads.
  }
}

/** A plan by which a clock tells what it was made for: stage, stragglers. */
export function madeUpPlan({ degrees, policy, stragglers }: PlanningRequest): PlannedSchedules {
  const clocks = (first: number) =>
    Array.from({ length: degrees.pp }, (_, stage) => [
      { kind: 'forward' as const, frequencyMHz: first - 10 * stage },
      { kind: 'backward' as const, frequencyMHz: first - 10 * stage - 100 },
    ]);
  const point = { timeS: 1, energyJ: 1000 };
  return {
    policy,
    healthy: clocks(1400 - 200 * stragglers.length),
    ofStragglers: Object.fromEntries(stragglers.map(({ pipeline }) => [pipeline, clocks(1410)])),
    frontier: [point],
    frontierPoints: 1,
    fastest: point,
    chosen: point,
    stragglerTimeS: 1,
  };
}

/** An answer of a server. */
export interface Answer {
  readonly status: number;
  readonly body: unknown;
  readonly headers: Headers;
}

/** Settings of a server under test. */
export interface TestedServer {
  readonly data?: string;
  readonly defaults?: Partial<ServedDefaults>;
  readonly rules?: GuardRules;
  readonly planning?: JobPlanning;
}

/** Settings with which a made-up job can be planned. */
const PLANNABLE: Partial<ServedDefaults> = {
  scenarioText: 'profile: {csv: profile.csv, blockingPowerW: 80}\npipeline: {microbatches: 1}\n',
  profileCsv: 'made up',
};

/** Starts a server on a free port, with a folder of its own unless one is given. */
export async function startServer(options: TestedServer = {}) {
  const data = options.data ?? mkdtempSync(join(tmpdir(), 'pipewatt-serve-'));
  const warnings: string[] = [];
  const server = await controlServer({
    data,
    defaults: { policy: 'perseus', ...(options.defaults ?? PLANNABLE) },
    rules: options.rules ?? { host: '127.0.0.1' },
    planning: options.planning ?? new FakePlanning(),
    version: '0',
    warn: (sentence) => {
      warnings.push(sentence);
    },
  });
  await server.app.listen({ port: 0, host: '127.0.0.1' });
  const { port } = server.app.server.address() as AddressInfo;
  const url = `http://127.0.0.1:${port}`;
  const send = async (method: string, path: string, init: RequestInit = {}): Promise<Answer> => {
    const response = await fetch(url + path, { method, ...init });
    const text = await response.text();
    const isJson = response.headers.get('content-type')?.includes('json') === true;
    const body: unknown = isJson ? JSON.parse(text) : text;
    return { status: response.status, body, headers: response.headers };
  };
  return {
    ...{ ...server, data, url, port, warnings, send },
    get: (path: string, init?: RequestInit) => send('GET', path, init),
    post: (path: string, body: unknown, init: RequestInit = {}) =>
      send('POST', path, { body: typeof body === 'string' ? body : JSON.stringify(body), ...init }),
    put: (path: string, body: string, init: RequestInit = {}) =>
      send('PUT', path, { body, ...init }),
    /** Stops, and removes the folder if it was the server's own. */
    end: async () => {
      await server.close();
      if (options.data === undefined) rmSync(data, { recursive: true });
    },
  };
}

export type StartedServer = Awaited<ReturnType<typeof startServer>>;

/** The body of `/register_job`. */
export function jobInfo(pp: number, dp = 1, tp = 1, metadata?: string) {
  return {
    ...{ job_id: '', pp_degree: pp, dp_degree: dp, tp_degree: tp, world_size: pp * dp * tp },
    ...(metadata === undefined ? {} : { job_metadata: metadata }),
  };
}

/** The body of `/register_rank` of a rank of a job, numbered as Megatron does. */
export function rankInfo(rank: number, pp: number, dp = 1, tp = 1) {
  return {
    rank,
    dp_rank: Math.floor(rank / tp) % dp,
    pp_rank: Math.floor(rank / (tp * dp)) % pp,
    tp_rank: rank % tp,
    available_frequencies: [1410, 1395, 1380],
  };
}

/** Registers a job and its ranks. @returns its id. */
export async function registered(
  server: Pick<StartedServer, 'post'>,
  [pp, dp = 1, tp = 1]: readonly [number, number?, number?],
  ranks = pp * dp * tp,
): Promise<string> {
  const { body } = await server.post('/register_job', jobInfo(pp, dp, tp));
  const id = body as string;
  for (let rank = 0; rank < ranks; rank++) {
    await server.post(`/register_rank/${id}`, rankInfo(rank, pp, dp, tp));
  }
  return id;
}
