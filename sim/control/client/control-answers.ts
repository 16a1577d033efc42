import { z } from 'zod';
import { jsonProblems } from '../../../src/json-problems.js';
import { INSTRUCTION_KINDS } from '../../../src/profile/operation.js';
import type { StageClocks } from '../../plans/clock-lists.js';
import type { Degrees } from '../planning/planning-request.js';
import type { ControlServer } from './control-server.js';

/** The answers of a server that a client reads; further fields are ignored. */

const scheduleSchema = z.object({
  rank: z.int(),
  frequencies: z.array(z.tuple([z.enum(INSTRUCTION_KINDS), z.number().min(0)])),
});

/** A point of the frontier; of a plan from a file nothing is known but its clocks. */
const pointSchema = z
  .object({ timeS: z.number().positive().nullable(), energyJ: z.number().positive().nullable() })
  .transform(({ timeS, energyJ }) =>
    timeS === null || energyJ === null ? undefined : { timeS, energyJ },
  );

const statusSchema = z.object({
  state: z.string(),
  fastest: pointSchema.nullish(),
  chosen: pointSchema.nullish(),
  stragglerTimeS: z.number().min(0).nullish(),
  problems: z.array(z.unknown()).default([]),
});

/** The part of a job's state that a client follows. */
export type JobStatus = z.output<typeof statusSchema>;

/** Checks an answer. @throws InputError naming the place in it and what was expected there. */
function checked<T>(server: ControlServer, path: string, schema: z.ZodType<T>, value: unknown): T {
  const read = schema.safeParse(value);
  if (read.success) return read.data;
  const [problem] = jsonProblems(read.error.issues, value);
  const place = problem!.field === '' ? '' : ` at ${problem!.field}`;
  throw server.error(`answered GET ${path} wrongly${place}: ${problem!.message}`);
}

/** Registers a job. @returns its id. */
export async function registeredJob(
  server: ControlServer,
  { pp, dp, tp }: Degrees,
  metadata: string,
): Promise<string> {
  const body = JSON.stringify({
    ...{ job_id: '', pp_degree: pp, dp_degree: dp, tp_degree: tp, world_size: pp * dp * tp },
    job_metadata: metadata,
  });
  const id = await server.send({ method: 'POST', path: '/register_job', body, isOnce: true });
  if (typeof id === 'string' && id !== '') return id;
  throw server.error('answered POST /register_job without a job id; is it a server for jobs?');
}

/** The calls of one job. Paths keep the plus signs of its id, as Zeus' client sends them. */
export class JobCalls {
  private readonly id: string;

  constructor(
    private readonly server: ControlServer,
    id: string,
  ) {
    this.id = encodeURIComponent(id).replaceAll('%2B', '+');
  }

  async registerRank(body: object): Promise<void> {
    await this.post(`/register_rank/${this.id}`, body);
  }

  async putScenario(text: string): Promise<void> {
    await this.put('scenario', text, 'text/yaml');
  }

  async putProfile(csv: string, policy: string | undefined): Promise<void> {
    const query = policy === undefined ? '' : `?policy=${encodeURIComponent(policy)}`;
    await this.put(`profile${query}`, csv, 'text/csv');
  }

  /** Waits for the schedule that follows from everything the server has acknowledged. */
  async schedule(rank: number): Promise<StageClocks> {
    const path = `/schedule/${this.id}?rank=${rank}&wait=true`;
    const answer = checked(this.server, path, scheduleSchema, await this.get(path));
    if (answer.rank !== rank) {
      throw this.server.error(`answered GET ${path} with the schedule of rank ${answer.rank}`);
    }
    return answer.frequencies.map(([kind, frequencyMHz]) => ({ kind, frequencyMHz }));
  }

  async postResult(body: object): Promise<void> {
    await this.post(`/result/${this.id}`, body);
  }

  async postStraggler(body: object): Promise<void> {
    await this.post(`/jobs/${this.id}/stragglers`, body);
  }

  async removeStraggler(pipeline: number): Promise<void> {
    await this.server.send({
      method: 'DELETE',
      path: `/jobs/${this.id}/stragglers/${pipeline}`,
    });
  }

  async status(): Promise<JobStatus> {
    const path = `/jobs/${this.id}`;
    return checked(this.server, path, statusSchema, await this.get(path));
  }

  private get(path: string): Promise<unknown> {
    return this.server.send({ method: 'GET', path });
  }

  private async post(path: string, body: object): Promise<void> {
    await this.server.send({ method: 'POST', path, body: JSON.stringify(body) });
  }

  private async put(what: string, body: string, contentType: string): Promise<void> {
    const path = `/jobs/${this.id}/${what}`;
    await this.server.send({ method: 'PUT', path, body, contentType });
  }
}
