import { most } from '../../src/extremes.js';
import { ProblemList } from '../../src/problem-list.js';
import { modelStageCount } from '../../src/pipeline/schedules.js';
import { csvRecords } from '../../src/profile/csv-records.js';
import { readStageProfile } from '../../src/profile/read-csv.js';
import { catalogProfile } from '../hardware/catalog.js';
import type { CatalogLibrary } from '../hardware/catalog-library.js';
import { measuredProfile, type MeasuredJobModel } from '../hardware/measured-job.js';
import { BY_OPERATORS, FROM_ONE_CLOCK, SYNTHESIZED_COLUMN } from '../hardware/synthesized.js';
import { layersOfCut } from './cutting.js';
import { describedJob, profiledJob } from './described-job.js';
import {
  efficiencyEstimate,
  operatorEstimate,
  withLikelyError,
  type Estimate,
} from './estimate.js';
import {
  modelledParts,
  modelledProfile,
  type ModelledRequest,
  type PlaceOf,
} from './modelled-profile.js';
import type { Scenario } from './scenario-schema.js';
import type { ScenarioProfile } from './scenario-setting.js';

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
  return scenarioOfModel(scenario, profile, path, library);
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
    profile: { ...withLikelyError(read, estimate), origin: estimate ? 'fitted' : 'measured' },
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
  const cell = records[0]?.cells[column];
  if (cell === BY_OPERATORS) return operatorEstimate(null);
  if (cell === FROM_ONE_CLOCK) return operatorEstimate('one clock');
  return efficiencyEstimate(library.synthModel(), Number(cell?.replace(',', '.')));
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

function scenarioOfModel(
  scenario: Scenario,
  asked: ProfileOf<'model'>,
  path: string,
  library: CatalogLibrary,
): ScenarioProfile {
  const { pipeline, tensorParallel } = scenario;
  const at: PlaceOf = (field) => ({ source: path, field: FIELDS[field] ?? `profile.${field}` });
  const parts = modelledParts(
    {
      model: () => asked.model,
      gpu: () => asked.gpu,
      stages: () => pipeline.stages,
      modelStages: () => modelStageCount(pipeline),
    },
    library,
    at,
  );
  const { sequence, microbatch, recompute, contextParallel, expertParallel } = asked;
  const request = {
    ...asked,
    ...{ tensorParallel, pipelines: scenario.pipelines },
    ...{ stages: pipeline.stages, modelStages: modelStageCount(pipeline) },
  };
  const made = modelledProfile(request, parts, library, at);
  const { shape, gpu, cutting } = made;
  const layerCounts = layersOfCut(cutting, request);
  return {
    askedBy: path,
    profile: withLikelyError(made.profile, made.estimate),
    job: describedJob(scenario, {
      ...{ shape, gpu, microbatch, sequence, layerCounts },
      ...{ recompute, contextParallel, expertParallel },
    }),
    cutting,
    scale: 1,
    blockingPowerW: made.blockingPowerW,
    title: `${shape.name} on ${gpu.name}`,
    estimate: made.estimate,
  };
}

/** Fields of a request that do not lie in the profile. */
const FIELDS: Partial<Record<keyof ModelledRequest, string>> = {
  stages: 'pipeline.stages',
  tensorParallel: 'tensorParallel',
};
