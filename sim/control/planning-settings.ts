import { stringify } from 'yaml';
import { SCHEDULE_VOCABULARY, shapeProblems } from '../../src/pipeline/schedules.js';
import { understood } from '../../src/vocabulary.js';
import { scenarioSchema } from '../scenario/scenario-schema.js';
import { readYaml } from '../scenario/yaml-file.js';
import type { JobState } from './job-state.js';
import type { SweptShape } from './profiling/clock-sweep.js';
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
export interface LackingSettings {
  /** A sentence: what to send. */
  readonly lacks: string;
  /** The order of its instructions, if only a profile is lacking: then clocks can be swept. */
  readonly swept?: SweptShape | undefined;
}

type Fields = Readonly<Record<string, unknown>>;

/**
 * What a job's plan follows from: its own settings, and the server's where it has none. Later ones
 * win: the server's, the job's scenario, the query that came with the job's profile.
 */
export function planningRequest(
  state: JobState,
  defaults: ServedDefaults,
): PlanningRequest | LackingSettings {
  const policy = state.profile?.settings.policy ?? defaults.policy;
  const base = {
    jobId: state.id,
    degrees: state.degrees,
    policy,
    stragglers: [...state.stragglers.values()].sort((a, b) => a.pipeline - b.pipeline),
  };
  const planText = state.planText ?? (hasOwnSettings(state) ? undefined : defaults.planText);
  const profileCsv = state.profile?.csv ?? state.profiling?.profileCsv ?? defaults.profileCsv;
  const scenario = scenarioOf(state, defaults);
  if ('lacks' in scenario) {
    return planText === undefined ? scenario : { ...base, scenarioText: '', planText };
  }
  return {
    ...base,
    scenarioText: scenario.text,
    ...(profileCsv === undefined ? {} : { profileCsv }),
    ...(planText === undefined ? {} : { planText }),
  };
}

function hasOwnSettings({ profile, scenarioText }: JobState): boolean {
  return profile !== undefined || scenarioText !== undefined;
}

function scenarioOf(
  state: JobState,
  defaults: ServedDefaults,
): { readonly text: string } | LackingSettings {
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
  if ('lacks' in profile) return { ...profile, swept: sweptShape(pipeline, state.degrees.pp) };
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

function pipelineOf({ profile, metadata }: JobState, fields: Fields): Fields {
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

/** The source of the profile: `own` if the scenario's is to be kept as it is. */
function profileOf(
  state: JobState,
  defaults: ServedDefaults,
  fields: Fields,
): { readonly fields: Fields; readonly own?: true } | LackingSettings {
  const isUploaded = (state.profile ?? state.profiling?.profileCsv) !== undefined;
  const isSource = (key: string) =>
    key !== 'blockingPowerW' && (key !== 'csv' || defaults.profileCsv !== undefined);
  const hasSource = Object.keys(fields).some(isSource);
  if (!isUploaded && hasSource) return { fields, own: true };
  if (!isUploaded && defaults.profileCsv === undefined) {
    return {
      lacks:
        'the profile is not known: send it with PUT /jobs/{job_id}/profile, or a scenario that names one of the catalog with PUT /jobs/{job_id}/scenario',
    };
  }
  const ofDefaults = fieldsOf(
    defaults.scenarioText === undefined
      ? undefined
      : fieldsOf(readYaml(defaults.scenarioText, 'the scenario').value)['profile'],
  );
  const blockingPowerW =
    state.profile?.settings.blockingPowerW ??
    fields['blockingPowerW'] ??
    ofDefaults['blockingPowerW'] ??
    state.profiling?.blockingPowerW;
  if (blockingPowerW === undefined) {
    return {
      lacks:
        'the power of a GPU that waits is not known: send PUT /jobs/{job_id}/profile with blockingPowerW=W',
    };
  }
  return { fields: { csv: 'profile.csv', blockingPowerW } };
}

/** Instructions of the largest pipeline whose clocks are swept: more than any that is trained. */
const MOST_SWEPT = 200_000;

/** The order of instructions of a pipeline; undefined if that is wrong. */
function sweptShape(fields: Fields, stages: number): SweptShape | undefined {
  const { schedule } = fields;
  const known =
    typeof schedule === 'string' ? understood(SCHEDULE_VOCABULARY, schedule) : undefined;
  const parsed = scenarioSchema.shape.pipeline.safeParse({
    ...fields,
    stages,
    ...(known === undefined ? {} : { schedule: known }),
  });
  if (!parsed.success || shapeProblems(parsed.data.schedule, parsed.data).length > 0) {
    return undefined;
  }
  const { microbatches, chunks, microbatchGroup } = parsed.data;
  if (2 * stages * microbatches * chunks > MOST_SWEPT) return undefined;
  return { schedule: parsed.data.schedule, microbatches, chunks, microbatchGroup };
}

function fieldsOf(value: unknown): Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Fields)
    : {};
}
