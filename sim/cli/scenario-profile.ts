import { dirname, isAbsolute, join } from 'node:path';
import { InputError } from '../../src/errors.js';
import { modelStageCount } from '../../src/pipeline/schedules.js';
import { readStageProfile } from '../../src/profile/read-csv.js';
import { catalogProfile } from '../hardware/catalog.js';
import { extrapolatedFields } from '../hardware/gpu-description.js';
import { synthesizeProfile } from '../hardware/synthesize.js';
import type { ScenarioProfile } from '../studies/scenario-setting.js';
import type { Scenario } from '../studies/scenario-schema.js';
import { readCatalogEntry, readGpu, readModel, readSynthModel } from './catalog-files.js';
import { readUserFile } from './files.js';
import { estimateOfFile, synthErrors } from './synthesized.js';

/**
 * Reads the profile that a scenario names.
 * @param path of the scenario, beside which its files lie.
 * @throws InputError when there is none, or it is wrong.
 */
export function loadProfile(scenario: Scenario, path: string): ScenarioProfile {
  const { profile } = scenario;
  if ('csv' in profile) return fileProfile(profile, path);
  if ('catalog' in profile) return fittedProfile(profile.catalog, path);
  return synthesizedProfile(scenario, profile, path);
}

type ProfileOf<K extends string> = Extract<Scenario['profile'], Record<K, unknown>>;

function fileProfile({ csv, blockingPowerW }: ProfileOf<'csv'>, path: string): ScenarioProfile {
  // An absolute path stays what it is.
  const file = isAbsolute(csv) ? csv : join(dirname(path), csv);
  const text = readUserFile(file, { source: path, field: 'profile.csv' });
  const estimate = estimateOfFile(text);
  return {
    askedBy: path,
    profile: readStageProfile(text, file),
    scale: 1,
    blockingPowerW,
    title: csv,
    ...(estimate === undefined ? {} : { estimate }),
  };
}

function fittedProfile(name: string, path: string): ScenarioProfile {
  const entry = readCatalogEntry(name, { source: path, field: 'profile.catalog' });
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

function synthesizedProfile(
  { pipeline, tensorParallel }: Scenario,
  asked: ProfileOf<'model'>,
  path: string,
): ScenarioProfile {
  const model = readModel(asked.model, { source: path, field: 'profile.model' });
  const gpu = readGpu(asked.gpu, { source: path, field: 'profile.gpu' });
  const synth = readSynthModel();
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
