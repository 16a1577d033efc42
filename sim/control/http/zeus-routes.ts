import type { ServerResponse } from 'node:http';
import type { FastifyInstance } from 'fastify';
import {
  jobInfoSchema,
  profilingResultSchema,
  rankInfoSchema,
  scheduleQuerySchema,
} from '../protocol.js';
import type { Jobs } from '../jobs.js';
import { JOB, RESULT_BYTES, reading, type JobPath } from './reading.js';

/** The four endpoints of Zeus' Pipeline Frequency Optimizer. */
export function zeusRoutes(app: FastifyInstance, jobs: Jobs): void {
  registrationRoutes(app, jobs);
  scheduleRoute(app, jobs);
  resultRoute(app, jobs);
}

const tags = ['Zeus'];

function registrationRoutes(app: FastifyInstance, jobs: Jobs): void {
  app.post(
    '/register_job',
    {
      schema: { tags, summary: 'Registers a job; answers its id', body: jobInfoSchema },
      config: { rateLimit: { max: 600, timeWindow: 60_000 } },
    },
    async (request, reply) => {
      const info = reading(jobInfoSchema, 'body', request.body);
      const degrees = { pp: info.pp_degree, dp: info.dp_degree, tp: info.tp_degree };
      const id = await jobs.register(degrees, info.job_metadata);
      return reply.type('application/json').send(JSON.stringify(id));
    },
  );
  app.post<JobPath>(
    '/register_rank/:job_id',
    { schema: { tags, summary: 'Registers a rank', params: JOB, body: rankInfoSchema } },
    async (request, reply) => {
      const job = jobs.get(request.params.job_id);
      await job.registerRank(reading(rankInfoSchema, 'body', request.body));
      return reply.type('application/json').send('null');
    },
  );
}

function scheduleRoute(app: FastifyInstance, jobs: Jobs): void {
  app.get<JobPath>(
    '/schedule/:job_id',
    {
      schema: {
        tags,
        summary: 'The clocks of one iteration of a rank, in order; 0 MHz leaves the clock',
        description: 'Waits while the first plan is being made.',
        params: JOB,
        querystring: scheduleQuerySchema,
      },
    },
    async (request, reply) => {
      const job = jobs.get(request.params.job_id);
      const { rank, wait } = reading(scheduleQuerySchema, 'query', request.query);
      const wantsLatest = wait === 'true' || request.headers['prefer'] === 'wait';
      const schedule = await job.schedule(rank, wantsLatest, () => leaving(reply.raw));
      return reply.type('application/json').send(schedule);
    },
  );
}

/** A signal that the client has left before its answer. */
function leaving(response: ServerResponse): AbortSignal {
  const gone = new AbortController();
  if (response.closed) gone.abort();
  response.once('close', () => {
    if (!response.writableFinished) gone.abort();
  });
  return gone.signal;
}

function resultRoute(app: FastifyInstance, jobs: Jobs): void {
  app.post<JobPath>(
    '/result/:job_id',
    {
      schema: {
        tags,
        summary: 'Takes measurements of a rank',
        description:
          'Reports have no number in Zeus: a body that a rank sends twice without asking for a schedule in between counts once. With "round" the number tells them apart.',
        params: JOB,
        body: profilingResultSchema,
      },
      bodyLimit: RESULT_BYTES,
    },
    async (request, reply) => {
      const job = jobs.get(request.params.job_id);
      await job.report(reading(profilingResultSchema, 'body', request.body));
      return reply.type('application/json').send('null');
    },
  );
}
