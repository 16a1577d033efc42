import { InputError } from '../../src/errors.js';
import { modelStageCount } from '../../src/pipeline/schedules.js';
import { readStageProfile } from '../../src/profile/read-csv.js';
import { catalogProfile } from '../hardware/catalog.js';
import { extrapolatedFields } from '../hardware/gpu-description.js';
import type { CatalogLibrary } from '../hardware/catalog-library.js';
import { measuredProfile, type MeasuredJobModel } from '../hardware/measured-job.js';
import { synthesizeProfile } from '../hardware/synthesize.js';
import { SYNTHESIZED_COLUMN, synthErrors } from '../hardware/synthesized.js';
import type { Scenario } from './scenario-schema.js';
import type { Estimate, ScenarioProfile } from './scenario-setting.js';

/**
 * Reads the profile that a scenario names.
 * @param path of the scenario, for messages, and beside which its files lie.
 * @throws InputError when there is none, or it is wrong.
 */
export function loadProfile(
  scenario: Scenario,
  path: string,
  library: CatalogLibrary,
): ScenarioProfile {
  const { profile } = scenario;
  if ('csv' in profile) return fileProfile(profile, path, library);
  if ('catalog' in profile) return fittedProfile(profile.catalog, path, library);
  return synthesizedProfile(scenario, profile, path, library);
}

type ProfileOf<K extends string> = Extract<Scenario['profile'], Record<K, unknown>>;

function fileProfile(
  { csv, blockingPowerW }: ProfileOf<'csv'>,
  path: string,
  library: CatalogLibrary,
): ScenarioProfile {
  const { text, source } = library.userFile(csv, { source: path, field: 'profile.csv' });
  const estimate = estimateOfFile(text, library);
  return {
    askedBy: path,
    profile: { ...readStageProfile(text, source), origin: estimate ? 'fitted' : 'measured' },
    scale: 1,
    blockingPowerW,
    title: csv,
    ...(estimate === undefined ? {} : { estimate }),
  };
}

/** How wrong a profile may be, if its file says that it was synthesized. */
export function estimateOfFile(text: string, library: CatalogLibrary): Estimate | undefined {
  const [header = '', first = ''] = text.split(/\r?\n/, 2);
  const column = header.split(',').indexOf(SYNTHESIZED_COLUMN);
  if (column < 0) return undefined;
  const efficiency = Number(first.split(',')[column]);
  return { ...synthErrors(library.synthModel()), extrapolated: [], efficiency };
}

function fittedProfile(name: string, path: string, library: CatalogLibrary): ScenarioProfile {
  const askedBy = { source: path, field: 'profile.catalog' };
  if (library.measuredNames().includes(name))
    return measuredJobProfile(library.measuredJob(name, askedBy), path);
  const entry = library.entry(name, askedBy);
  const fits = entry.stages.flatMap((stage) => [stage.forward.fit, stage.backward.fit]);
  return {
    askedBy: path,
    profile: catalogProfile(entry),
    scale: entry.scale,
    blockingPowerW: entry.blockingPowerW,
    title: `${entry.model} on ${entry.gpu}`,
    fit: {
      timeRmsPct: Math.max(...fits.map((fit) => fit.timeRmsPct)),
      powerRmsPct: Math.max(...fits.map((fit) => fit.powerRmsPct)),
    },
  };
}

/** A job whose plans were executed, with all that it spends besides computing. */
export function measuredJobProfile(model: MeasuredJobModel, path: string): ScenarioProfile {
  const { overheads, blockingPowerW, synchronisationPowerW } = model;
  return {
    askedBy: path,
    profile: measuredProfile(model),
    scale: 1,
    blockingPowerW,
    synchronisationPowerW,
    overheads,
    title: model.workloadId,
  };
}

function synthesizedProfile(
  { pipeline, tensorParallel }: Scenario,
  asked: ProfileOf<'model'>,
  path: string,
  library: CatalogLibrary,
): ScenarioProfile {
  const model = library.model(asked.model, { source: path, field: 'profile.model' });
  const gpu = library.gpu(asked.gpu, { source: path, field: 'profile.gpu' });
  const synth = library.synthModel();
  const { sequence, efficiency, microbatch } = asked;
  if (modelStageCount(pipeline) > model.layers) {
    throw InputError.of({
      source: path,
      field: 'pipeline.stages',
      message: `makes ${modelStageCount(pipeline)} stages of the model, but ${model.name} has ${model.layers} blocks`,
    });
  }
  const request = {
    model,
    gpu,
    microbatch,
    tensorParallel,
    stages: modelStageCount(pipeline),
    ...(sequence === undefined ? {} : { sequence }),
    ...(efficiency === undefined ? {} : { efficiency }),
  };
  return {
    askedBy: path,
    profile: synthesizeProfile(request, synth),
    scale: 1,
    blockingPowerW: gpu.blockingPowerW.value,
    title: `${model.name} on ${gpu.name}`,
    estimate: {
      ...synthErrors(synth),
      extrapolated: extrapolatedFields(gpu),
      efficiency: efficiency ?? synth.efficiency.forward,
    },
  };
}
