import { stringify } from 'yaml';
import {
  MOST_INSTRUCTIONS,
  SCHEDULE_VOCABULARY,
  shapeProblems,
} from '../../src/pipeline/schedules.js';
import { understood } from '../../src/vocabulary.js';
import { readYaml } from '../scenario/yaml-file.js';
import type { SweptShape } from './profiling/clock-sweep.js';
import type { JobState } from './job-state.js';
import type { PlanningRequest } from './planning/planning-request.js';

/** Settings of the server for jobs that bring none. */
export interface ServedDefaults {
  /** A built-in policy, or a plug-in of who started the server. */
  readonly policy: string;
  /** A scenario (YAML). */
  readonly scenarioText?: string | undefined;
  readonly profileCsv?: string | undefined;
  readonly planText?: string | undefined;
}

/** The settings that a job lacks before it can be planned. */
interface LackingSettings {
  /** A sentence: what to send. */
  readonly lacks: string;
}

/** A job whose profile is to be measured as it trains. */
interface ProfilingWanted {
  readonly profiling: SweptShape;
}

/** What a job needs next: a plan, a profile from its own reports, or settings. */
export type NextNeed = { readonly request: PlanningRequest } | ProfilingWanted | LackingSettings;

/** The part of a job's state that its plan follows from. */
export type JobSettings = Pick<
  JobState,
  'id' | 'degrees' | 'metadata' | 'stragglers' | 'profile' | 'scenarioText' | 'planText' | 'online'
>;

type Fields = Readonly<Record<string, unknown>>;

/**
 * What a job's plan follows from: its own settings, and the server's where it has none. Later ones
 * win: the server's, the job's scenario, the query that came with the job's profile. Reads scenarios,
 * which takes milliseconds.
 */
export function nextNeed(state: JobSettings, defaults: ServedDefaults): NextNeed {
  const policy = state.profile?.settings.policy ?? defaults.policy;
  const base = {
    jobId: state.id,
    degrees: state.degrees,
    policy,
    stragglers: [...state.stragglers.values()].sort((a, b) => a.pipeline - b.pipeline),
  };
  const planText = state.planText ?? (hasOwnSettings(state) ? undefined : defaults.planText);
  const profileCsv = profileCsvOf(state, defaults);
  const scenario = scenarioOf(state, defaults);
  if (!('text' in scenario)) {
    return planText === undefined ? scenario : { request: { ...base, scenarioText: '', planText } };
  }
  return {
    request: {
      ...base,
      scenarioText: scenario.text,
      ...(profileCsv === undefined ? {} : { profileCsv }),
      ...(planText === undefined ? {} : { planText }),
    },
  };
}

function profileCsvOf({ profile, online }: JobSettings, defaults: ServedDefaults) {
  return profile?.csv ?? online?.profileCsv ?? defaults.profileCsv;
}

function hasOwnSettings({ profile, scenarioText }: JobSettings): boolean {
  return profile !== undefined || scenarioText !== undefined;
}

function scenarioOf(
  state: JobSettings,
  defaults: ServedDefaults,
): { readonly text: string } | ProfilingWanted | LackingSettings {
  const text = state.scenarioText ?? defaults.scenarioText;
  const { settings = {} } = state.profile ?? {};
  const changes = Object.values(settings).some((setting) => setting !== undefined);
  const value = text === undefined ? {} : fieldsOf(readYaml(text, 'the scenario').value);
  const pipeline = pipelineOf(state, fieldsOf(value['pipeline']));
  if (pipeline['microbatches'] === undefined) {
    return {
      lacks:
        'the number of microbatches is not known: send it with PUT /jobs/{job_id}/profile?microbatches=N or in PUT /jobs/{job_id}/scenario, or register with job_metadata "microbatches=N"',
    };
  }
  const profile = profileOf(state, defaults, fieldsOf(value['profile']));
  if (profile === undefined) return profiledPipeline(pipeline, state);
  if ('lacks' in profile) return profile;
  const isComplete = fieldsOf(value['pipeline'])['microbatches'] !== undefined;
  // Messages then name the lines that the user wrote.
  if (text !== undefined && isComplete && !changes && profile.own === true) return { text };
  const unitTimeS = settings.unitTimeS ?? value['unitTimeS'];
  return {
    text: stringify({
      ...value,
      profile: profile.fields,
      pipeline,
      ...(unitTimeS === undefined ? {} : { unitTimeS }),
    }),
  };
}

/** The pipeline of a job without a profile, if its schedule can run it. */
function profiledPipeline(
  pipeline: Fields,
  { degrees }: JobSettings,
): ProfilingWanted | LackingSettings {
  const { microbatches, chunks = 1, microbatchGroup, schedule: name = '1f1b' } = pipeline;
  const schedule = understood(SCHEDULE_VOCABULARY, String(name));
  const group = Number.isInteger(microbatchGroup) ? Number(microbatchGroup) : undefined;
  const shape = {
    stages: degrees.pp,
    microbatches: Number(microbatches),
    chunks: Number(chunks),
    microbatchGroup: group,
  };
  if (schedule === undefined || !(shape.microbatches >= 1 && shape.chunks >= 1)) {
    return { lacks: 'the schedule, its microbatches or its chunks are not valid; send a scenario' };
  }
  if (2 * degrees.pp * shape.microbatches * shape.chunks > MOST_INSTRUCTIONS) {
    return { lacks: `the pipeline has more than ${MOST_INSTRUCTIONS} instructions` };
  }
  const [problem] = shapeProblems(schedule, shape);
  if (problem !== undefined) return { lacks: `pipeline.${problem.field}: ${problem.message}` };
  return {
    profiling: {
      schedule,
      microbatches: shape.microbatches,
      chunks: shape.chunks,
      ...(group === undefined ? {} : { microbatchGroup: group }),
    },
  };
}

function pipelineOf({ profile, metadata }: JobSettings, fields: Fields): Fields {
  const { microbatches, schedule, chunks } = profile?.settings ?? {};
  const counted = microbatches ?? fields['microbatches'] ?? microbatchesIn(metadata);
  return {
    ...fields,
    ...(schedule === undefined ? {} : { schedule }),
    ...(chunks === undefined ? {} : { chunks }),
    ...(counted === undefined ? {} : { microbatches: counted }),
  };
}

/** `microbatches=8` within a job's metadata. */
function microbatchesIn(metadata: string | undefined): number | undefined {
  const found = /(?:^|[^A-Za-z0-9_])microbatches=(\d{1,6})(?![\d.])/.exec(metadata ?? '');
  return found === null ? undefined : Number(found[1]);
}

/**
 * The source of the profile, `own` if the scenario's is to be kept as it is; undefined where there is
 * no profile.
 */
function profileOf(
  state: JobSettings,
  defaults: ServedDefaults,
  fields: Fields,
): { readonly fields: Fields; readonly own?: true } | LackingSettings | undefined {
  const isOfCatalog = fields['catalog'] !== undefined || fields['model'] !== undefined;
  if (state.profile === undefined && isOfCatalog) return { fields, own: true };
  if (profileCsvOf(state, defaults) === undefined) return undefined;
  const uploaded = state.profile?.settings.blockingPowerW;
  const inScenario = fields['blockingPowerW'];
  if (uploaded === undefined && inScenario !== undefined && fields['csv'] !== undefined) {
    return { fields, own: true };
  }
  const blockingPowerW =
    uploaded ?? inScenario ?? blockingPowerIn(defaults) ?? state.online?.blockingPowerW;
  if (blockingPowerW === undefined) {
    return {
      lacks:
        'the power of a GPU that waits is not known: send PUT /jobs/{job_id}/profile with blockingPowerW=W',
    };
  }
  return { fields: { csv: 'profile.csv', blockingPowerW } };
}

function blockingPowerIn({ scenarioText }: ServedDefaults): unknown {
  if (scenarioText === undefined) return undefined;
  const { value } = readYaml(scenarioText, 'the scenario');
  return fieldsOf(fieldsOf(value)['profile'])['blockingPowerW'];
}

function fieldsOf(value: unknown): Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Fields)
    : {};
}
