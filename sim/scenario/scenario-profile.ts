import { InputError, SpoiltFieldError } from '../../src/errors.js';
import { most } from '../../src/extremes.js';
import { ProblemGathering, ProblemList } from '../../src/problem-list.js';
import { modelStageCount } from '../../src/pipeline/schedules.js';
import { csvRecords } from '../../src/profile/csv-records.js';
import { readStageProfile } from '../../src/profile/read-csv.js';
import { catalogProfile } from '../hardware/catalog.js';
import { extrapolatedFields } from '../hardware/gpu-description.js';
import type { CatalogLibrary } from '../hardware/catalog-library.js';
import { measuredProfile, type MeasuredJobModel } from '../hardware/measured-job.js';
import { layersOfStages, synthesizeProfile } from '../hardware/synthesize.js';
import { SYNTHESIZED_COLUMN, synthErrors } from '../hardware/synthesized.js';
import { describedJob, profiledJob } from './described-job.js';
import type { Scenario } from './scenario-schema.js';
import type { Estimate, ScenarioProfile } from './scenario-setting.js';

/**
 * Reads the profile that a scenario names.
 * @param path of the scenario, for messages; its files are relative to it.
 * @throws InputError if the profile is missing or invalid.
 */
export function loadProfile(
  scenario: Scenario,
  path: string,
  library: CatalogLibrary,
): ScenarioProfile {
  const { profile } = scenario;
  if ('csv' in profile) return fileProfile(scenario, profile, path, library);
  if ('catalog' in profile) return fittedProfile(scenario, profile.catalog, path, library);
  return synthesizedProfile(scenario, profile, path, library);
}

type ProfileOf<K extends string> = Extract<Scenario['profile'], Record<K, unknown>>;

function fileProfile(
  scenario: Scenario,
  asked: ProfileOf<'csv'>,
  path: string,
  library: CatalogLibrary,
): ScenarioProfile {
  const { csv } = asked;
  const askedBy = { source: path, field: 'profile.csv' };
  const { text, source, note } = library.userFile(csv, 'profile', askedBy);
  const read = readStageProfile(text, source, note);
  const estimate = estimateOfFile(text, library);
  return {
    askedBy: path,
    profile: { ...read, origin: estimate ? 'fitted' : 'measured' },
    scale: 1,
    blockingPowerW: asked.blockingPowerW,
    title: csv,
    job: profiledJob(scenario, {}, path, library),
    ...(estimate === undefined ? {} : { estimate }),
  };
}

/** The beginning of a file that holds its header and first row, comments included. */
const FIRST_LINES = 50;
const FIRST_CHARACTERS = 20_000;

/** The likely errors of a profile, if its file says that it was synthesized. */
export function estimateOfFile(text: string, library: CatalogLibrary): Estimate | undefined {
  // The first rows are enough, whatever separates them.
  const start = text.slice(0, FIRST_CHARACTERS).split(/\r?\n/).slice(0, FIRST_LINES).join('\n');
  if (!start.includes(SYNTHESIZED_COLUMN)) return undefined;
  const { header, records } = csvRecords(start, new ProblemList('profile'));
  const column = header?.cells.indexOf(SYNTHESIZED_COLUMN) ?? -1;
  if (column < 0) return undefined;
  const efficiency = Number(records[0]?.cells[column]?.replace(',', '.'));
  return { ...synthErrors(library.synthModel()), extrapolated: [], efficiency };
}

function fittedProfile(
  scenario: Scenario,
  name: string,
  path: string,
  library: CatalogLibrary,
): ScenarioProfile {
  const askedBy = { source: path, field: 'profile.catalog' };
  if (library.measuredNames().includes(name)) {
    const model = library.measuredJob(name, askedBy);
    const job = profiledJob(scenario, { gpu: model.gpu }, path, library);
    return { ...measuredJobProfile(model, path), job };
  }
  const entry = library.entry(name, askedBy);
  const fits = entry.stages.flatMap((stage) => [stage.forward.fit, stage.backward.fit]);
  return {
    askedBy: path,
    profile: catalogProfile(entry),
    scale: entry.scale,
    blockingPowerW: entry.blockingPowerW,
    title: `${entry.model} on ${entry.gpu}`,
    job: profiledJob(scenario, entry, path, library),
    fit: {
      timeRmsPct: most(fits.map((fit) => fit.timeRmsPct)),
      powerRmsPct: most(fits.map((fit) => fit.powerRmsPct)),
    },
  };
}

/** A job whose plans were executed, with all its overheads. */
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
  scenario: Scenario,
  asked: ProfileOf<'model'>,
  path: string,
  library: CatalogLibrary,
): ScenarioProfile {
  const { pipeline, tensorParallel } = scenario;
  const { model, gpu } = describedParts(pipeline, asked, path, library);
  const synth = library.synthModel();
  const { sequence, efficiency, microbatch } = asked;
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
    profile: synthesizeProfile(request, synth, { source: path, field: 'profile' }),
    job: describedJob(scenario, {
      ...{ model, gpu, microbatch, sequence },
      layerCounts: layersOfStages(request, synth),
    }),
    synthesis: { request, synth },
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

/**
 * The model and the GPU to synthesize a profile of.
 * @throws InputError with the problems of both, and of cutting the model into stages.
 */
function describedParts(
  pipeline: Scenario['pipeline'],
  asked: ProfileOf<'model'>,
  path: string,
  library: CatalogLibrary,
) {
  const gathering = new ProblemGathering();
  const where = (field: string) => ({ source: path, field });
  const model = gathering.attempt(() => library.model(asked.model, where('profile.model')));
  const gpu = gathering.attempt(() => library.gpu(asked.gpu, where('profile.gpu')));
  gathering.attempt(() => {
    if (model === undefined || modelStageCount(pipeline) <= model.layers) return;
    throw InputError.of({
      ...where('pipeline.stages'),
      message: `makes ${modelStageCount(pipeline)} stages of the model, but ${model.name} has ${model.layers} blocks`,
    });
  });
  gathering.throwIfAny();
  if (model === undefined || gpu === undefined) throw new SpoiltFieldError('the profile is wrong');
  return { model, gpu };
}
