import { z } from 'zod';
import { InputError, type Problem } from '../../src/errors.js';
import { nearestName } from '../../src/nearest-name.js';
import { POLICY_NAMES } from '../../src/planner/policy-names.js';
import { foundValue, ProblemGathering } from '../../src/problem-list.js';
import type { CatalogLibrary } from '../hardware/catalog-library.js';
import { quantityField } from '../hardware/quantity-schema.js';
import { siteSchema } from '../scenario/job-schema.js';
import { loadScenario, type LoadedScenario } from '../scenario/scenario.js';
import { expectation } from '../scenario/scenario-problems.js';
import { valueAt } from '../scenario/schema-paths.js';
import { lineOf, pathText, readYaml, type YamlFile } from '../scenario/yaml-file.js';

/** A job that shares the power of a site. */
const sharingSchema = z.strictObject({
  name: z.string().min(1).optional(),
  scenario: z.string().min(1),
  pipelines: z.int().min(1).max(1_000_000).optional(),
  policy: z.enum(POLICY_NAMES).default('perseus'),
  weight: quantityField('jobWeight').optional(),
  priority: z.int().min(0).max(1000).default(0),
  leastSpeed: quantityField('leastSpeed').optional(),
  leastTokensPerDay: quantityField('tokensPerDay').optional(),
});

const { pue, overheadWPerGpu } = siteSchema.shape;

const siteFileSchema = z.strictObject({
  name: z.string().min(1),
  description: z.string().optional(),
  site: z.strictObject({ mw: quantityField('siteMW').optional(), pue, overheadWPerGpu }),
  jobs: z.array(sharingSchema).min(1).max(1000),
});

/** A site with jobs that share its power, as its file says it. */
export type SiteFile = z.output<typeof siteFileSchema>;

/** A job of a site, with its scenario read. */
export interface LoadedJob extends LoadedScenario {
  readonly asked: SiteFile['jobs'][number];
}

/** A site and the scenarios of its jobs. */
export interface LoadedSite {
  readonly file: SiteFile;
  readonly jobs: readonly LoadedJob[];
}

/**
 * Reads a site with jobs from YAML, and their scenarios.
 *
 * @param source name of the file, for messages; scenarios are relative to it.
 * @throws InputError with every problem of the file and of the scenarios that it names.
 */
export function loadSite(text: string, source: string, library: CatalogLibrary): LoadedSite {
  const yaml = readYaml(text, source);
  const parsed = siteFileSchema.safeParse(yaml.value ?? {});
  const gathering = new ProblemGathering();
  const at = (path: readonly PropertyKey[], message: string) => placed(yaml, source, path, message);
  if (!parsed.success) {
    gathering.add(...parsed.error.issues.flatMap((issue) => issueProblems(issue, yaml.value, at)));
  }
  // Scenarios are read even if something else is wrong, so that one message names it all.
  const named = parsed.success ? parsed.data.jobs : scenariosNamed(yaml.value);
  const read = new Map<string, LoadedScenario | undefined>();
  named.forEach(({ scenario }, k) => {
    if (scenario === undefined || read.has(scenario)) return;
    read.set(
      scenario,
      gathering.attempt(() => readScenario(scenario, at(['jobs', k, 'scenario'], ''), library)),
    );
  });
  if (parsed.success) gathering.add(...togetherProblems(parsed.data, read, at));
  gathering.throwIfAny();
  const file = parsed.data!;
  const jobs = file.jobs.map((asked): LoadedJob => ({ ...read.get(asked.scenario)!, asked }));
  return { file, jobs };
}

type At = (path: readonly PropertyKey[], message: string) => Problem;

function placed(
  yaml: YamlFile,
  source: string,
  path: readonly PropertyKey[],
  message: string,
): Problem {
  const field = path.length === 0 ? 'the whole file' : pathText(path);
  return { source, ...lineOf(yaml, path), field, message };
}

function issueProblems(issue: z.core.$ZodIssue, value: unknown, at: At): Problem[] {
  if (issue.code !== 'unrecognized_keys') {
    const found = foundValue(valueAt(value, issue.path));
    return [at(issue.path, `found ${found}, expected ${expectation(issue)}`)];
  }
  const names = Object.keys(fieldsAt(issue.path));
  return issue.keys.map((key) => {
    const near = nearestName(key, names);
    const hint = near === undefined ? `there are ${names.join(', ')}` : `did you mean "${near}"?`;
    return at([...issue.path, key], `is not a field here; ${hint}`);
  });
}

function fieldsAt([top]: readonly PropertyKey[]): Readonly<Record<string, unknown>> {
  if (top === 'site') return siteFileSchema.shape.site.shape;
  return top === 'jobs' ? sharingSchema.shape : siteFileSchema.shape;
}

/** The scenarios that a file with other problems names. */
function scenariosNamed(value: unknown): { readonly scenario: string | undefined }[] {
  const jobs = valueAt(value, ['jobs']);
  if (!Array.isArray(jobs)) return [];
  return jobs.map((job: unknown) => {
    const scenario = valueAt(job, ['scenario']);
    return { scenario: typeof scenario === 'string' && scenario !== '' ? scenario : undefined };
  });
}

function readScenario(path: string, { source, field }: Problem, library: CatalogLibrary) {
  const where = { source, ...(field === undefined ? {} : { field }) };
  const file = library.userFile(path, 'scenario', where);
  const loaded = loadScenario(file.text, file.source, library);
  const { jobLimitW } = loaded.scenario.power;
  if (jobLimitW === undefined) return loaded;
  const message = `found ${jobLimitW}, but a job of a site is limited by the site; leave it out`;
  throw InputError.of({ source: file.source, field: 'power.jobLimitW', message });
}

/** Problems of jobs with each other, and with their scenarios. */
function togetherProblems(
  { jobs }: SiteFile,
  read: ReadonlyMap<string, LoadedScenario | undefined>,
  at: At,
): Problem[] {
  const names = jobs.map(({ name, scenario }) => name ?? read.get(scenario)?.scenario.name);
  return jobs.flatMap((job, k) => {
    const problems: Problem[] = [];
    const loaded = read.get(job.scenario);
    const name = names[k];
    if (name !== undefined && names.indexOf(name) < k) {
      const field = job.name === undefined ? [] : ['name'];
      const message = `found "${name}", the name of jobs[${names.indexOf(name)}] too; give each job a name of its own`;
      problems.push(at(['jobs', k, ...field], message));
    }
    if (job.leastSpeed !== undefined && job.leastTokensPerDay !== undefined) {
      const message = 'is a floor of the same job as leastSpeed; keep one';
      problems.push(at(['jobs', k, 'leastTokensPerDay'], message));
    }
    if (job.leastTokensPerDay !== undefined && loaded !== undefined && !loaded.profile.job) {
      const message = `found ${job.leastTokensPerDay}, but ${job.scenario} does not say how many tokens a microbatch has; give it a job with microbatch and sequence, or use leastSpeed`;
      problems.push(at(['jobs', k, 'leastTokensPerDay'], message));
    }
    if (job.policy === 'envpipe' && loaded && loaded.scenario.pipeline.schedule !== '1f1b') {
      const message = `found "envpipe", which plans only the schedule "1f1b", not "${loaded.scenario.pipeline.schedule}"`;
      problems.push(at(['jobs', k, 'policy'], message));
    }
    return problems;
  });
}
