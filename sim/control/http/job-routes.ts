import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { decodeText } from '../../../src/decode-text.js';
import { InputError, RefusedRequestError } from '../../../src/errors.js';
import { POLICY_NAMES, POLICY_VOCABULARY } from '../../../src/planner/policy-names.js';
import { quoted } from '../../../src/problem-list.js';
import { suggestion, understood } from '../../../src/vocabulary.js';
import { jobSummary, jobView, stragglersOf } from '../job-view.js';
import type { Jobs } from '../jobs.js';
import type { JobState } from '../job-state.js';
import type { JobSettings, ServedDefaults } from '../planning-settings.js';
import { checkPipeline } from '../rank-rules.js';
import { profileQuerySchema, stragglerSchema } from '../protocol.js';
import { FILE_BYTES, JOB, reading, SMALL_BYTES, type JobPath } from './reading.js';
import type { UploadChecks } from '../uploads.js';

interface PipelinePath {
  readonly Params: JobPath['Params'] & { readonly pipeline: string };
}

const tags = ['Jobs'];
const FEW = { rateLimit: { max: 300, timeWindow: 60_000 } };

/** Jobs: what is known of them, their stragglers. */
export function jobRoutes(app: FastifyInstance, jobs: Jobs, defaults: ServedDefaults): void {
  app.get('/jobs', { schema: { tags, summary: 'All jobs, the oldest first' } }, () => ({
    jobs: Array.from(jobs.list(), (job) => jobSummary(job)),
  }));
  app.get<JobPath>(
    '/jobs/:job_id',
    {
      schema: {
        tags,
        summary: 'A job: its state, frontier, plan, and what was reported',
        params: JOB,
      },
    },
    (request) => {
      const job = jobs.get(request.params.job_id);
      if (job.state.ranks.size > 0) job.plan.refresh();
      return jobView(job, defaults);
    },
  );
  app.delete<JobPath>(
    '/jobs/:job_id',
    { schema: { tags, summary: 'Ends a job and removes all that is known of it', params: JOB } },
    async (request) => {
      await jobs.remove(request.params.job_id);
      return { removed: request.params.job_id };
    },
  );
  stragglerRoutes(app, jobs);
}

function stragglerRoutes(app: FastifyInstance, jobs: Jobs): void {
  app.post<JobPath>(
    '/jobs/:job_id/stragglers',
    {
      schema: {
        tags,
        summary: 'A pipeline is slow: by a factor, or with an iteration time; factor 1: no longer',
        params: JOB,
        body: stragglerSchema,
      },
    },
    async (request) => {
      const job = jobs.get(request.params.job_id);
      const straggler = reading(stragglerSchema, 'body', request.body);
      const { pipeline } = straggler;
      checkPipeline(job.state, pipeline);
      if ('slowdown' in straggler && straggler.slowdown === 1) await job.straggles(pipeline);
      else await job.straggles(pipeline, straggler);
      return stragglersOf(job.state);
    },
  );
  app.delete<PipelinePath>(
    '/jobs/:job_id/stragglers/:pipeline',
    {
      schema: {
        tags,
        summary: 'A pipeline is no longer slow',
        params: JOB.extend({ pipeline: z.string() }),
      },
    },
    async (request) => {
      const job = jobs.get(request.params.job_id);
      const { pipeline } = request.params;
      if (!/^\d{1,9}$/.test(pipeline)) {
        throw new RefusedRequestError(422, `found pipeline ${quoted(pipeline)}, expected a number`);
      }
      checkPipeline(job.state, Number(pipeline));
      await job.straggles(Number(pipeline));
      return stragglersOf(job.state);
    },
  );
}

/** Files for one job. Their bodies are texts. */
export function fileRoutes(app: FastifyInstance, jobs: Jobs, checks: UploadChecks): void {
  profileRoute(app, jobs, checks);
  textRoute(app, jobs, checks, {
    what: 'scenario',
    summary: 'The scenario of a job (YAML): schedule, microbatches, limits',
    description:
      'A profile {csv, blockingPowerW} means the one that was sent for the job, whatever its name; no file of the server is read. Stages, pipelines and tensorParallel are those registered.',
    bodyLimit: SMALL_BYTES,
    change: (settings, scenarioText) => ({ ...settings, scenarioText }),
  });
  textRoute(app, jobs, checks, {
    what: 'plan',
    summary: 'A plan file, served as it is: of Zeus, or CSV or JSON of pipewatt plan',
    description: 'Nothing in it is evaluated.',
    bodyLimit: FILE_BYTES,
    change: (settings, planText) => ({ ...settings, planText }),
  });
}

function profileRoute(app: FastifyInstance, jobs: Jobs, checks: UploadChecks): void {
  app.put<JobPath>(
    '/jobs/:job_id/profile',
    {
      schema: {
        tags,
        summary: 'The stage profile of a job (CSV), and settings that go with it',
        consumes: ['text/csv'],
        params: JOB,
        querystring: profileQuerySchema,
      },
      bodyLimit: FILE_BYTES,
      config: FEW,
    },
    async (request) => {
      const job = jobs.get(request.params.job_id);
      const asked = reading(profileQuerySchema, 'query', request.query);
      const policy = asked.policy === undefined ? undefined : builtIn(asked.policy);
      const settings = { ...asked, ...(policy === undefined ? {} : { policy }) };
      const csv = textOf(request.body);
      const facts = await checks.check({ ...settingsOf(job.state), profile: { csv, settings } });
      await job.sets({ type: 'profile-set', csv, settings });
      return facts;
    },
  );
}

/** A file that is taken as it is. */
interface TextUpload {
  readonly what: 'scenario' | 'plan';
  readonly summary: string;
  readonly description: string;
  readonly bodyLimit: number;
  /** The settings with the file. */
  readonly change: (settings: JobSettings, text: string) => JobSettings;
}

function textRoute(
  app: FastifyInstance,
  jobs: Jobs,
  checks: UploadChecks,
  upload: TextUpload,
): void {
  const { what, summary, description, bodyLimit, change } = upload;
  app.put<JobPath>(
    `/jobs/:job_id/${what}`,
    {
      schema: { tags, summary, description, consumes: ['text/plain'], params: JOB },
      bodyLimit,
      config: FEW,
    },
    async (request) => {
      const job = jobs.get(request.params.job_id);
      const text = textOf(request.body);
      await checks.check(change(settingsOf(job.state), text));
      await job.sets({ type: `${what}-set`, text });
      return { id: job.state.id, version: job.state.revision };
    },
  );
}

/** The settings of a job without a plan file: another file replaces that. */
function settingsOf(state: JobState): JobSettings {
  const { id, degrees, metadata, stragglers, profile, scenarioText } = state;
  const [planText, online] = [undefined, undefined];
  return { id, degrees, metadata, stragglers, profile, scenarioText, planText, online };
}

/** A built-in policy: a request must not name code of its own. */
function builtIn(name: string): string {
  const found = understood(POLICY_VOCABULARY, name);
  if (found !== undefined) return found;
  throw InputError.of({
    source: 'the query',
    field: 'policy',
    message: `found ${quoted(name)}, expected ${POLICY_NAMES.join(', ')}${suggestion(POLICY_VOCABULARY, name)}`,
  });
}

function textOf(body: unknown): string {
  if (Buffer.isBuffer(body) && body.length > 0) return decodeText(body).text;
  throw new RefusedRequestError(422, 'the request has no body; send the file as it is');
}
