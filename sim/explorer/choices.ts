import { modelStageCount } from '../../src/pipeline/schedules.js';
import { machineOf, modelShape } from '../operators/catalog-operators.js';
import { waitingPowerW } from '../operators/clock-power.js';
import type { Scenario } from '../scenario/scenario-schema.js';
import { bundledCatalog, namesIn, type CatalogTexts } from './bundled-catalog.js';

/** An item of the catalog. */
export interface Choice {
  readonly name: string;
  readonly title: string;
}

/** A GPU, and its power while waiting. */
export interface GpuChoice extends Choice {
  readonly blockingPowerW: number;
}

/** A model measured on a GPU, cut into a number of stages. */
export interface MeasuredChoice {
  /** Of the catalog entry. */
  readonly name: string;
  readonly model: string;
  readonly gpu: string;
  readonly stages: number;
  readonly blockingPowerW: number;
  /** The source of the measurements. */
  readonly source: string;
}

/** The choices that the catalog offers. */
export interface Choices {
  readonly models: readonly Choice[];
  readonly gpus: readonly GpuChoice[];
  readonly measured: readonly MeasuredChoice[];
}

/** Reads all of the catalog. An entry of fitted curves is named after its model and its GPU. */
export function catalogChoices(texts: CatalogTexts): Choices {
  const library = bundledCatalog(texts);
  const askedBy = { source: 'the catalog' };
  const models = library.names('models', 'configs').map((name) => ({
    name,
    title: modelShape(library, name, askedBy).name,
  }));
  const gpus = namesIn(texts, 'gpus').map((name): GpuChoice => {
    const gpu = library.gpu(name, askedBy);
    const machine = machineOf(library, name, gpu);
    const blockingPowerW =
      machine === undefined ? gpu.blockingPowerW.value : waitingPowerW(machine, machine.highestMHz);
    return { name, title: gpu.name, blockingPowerW };
  });
  const measured = namesIn(texts, 'entries').flatMap((name) => {
    const model = models.find((choice) => name.startsWith(`${choice.name}-`));
    const gpu = gpus.find((choice) => model && name === `${model.name}-${choice.name}`);
    if (model === undefined || gpu === undefined) return [];
    const { stages, blockingPowerW, source } = library.entry(name, askedBy);
    return [
      { name, model: model.name, gpu: gpu.name, stages: stages.length, blockingPowerW, source },
    ];
  });
  return { models, gpus, measured };
}

type Profile = Scenario['profile'];

/** A model on a GPU. */
export interface ModelOnGpu {
  readonly model: string;
  readonly gpu: string;
}

/** The catalog's model and GPU of a profile; undefined for the user's own. */
export function chosenOf(choices: Choices, profile: Profile): ModelOnGpu | undefined {
  if ('csv' in profile) return undefined;
  const found =
    'catalog' in profile ? choices.measured.find(({ name }) => name === profile.catalog) : profile;
  const isKnown =
    found !== undefined &&
    choices.models.some(({ name }) => name === found.model) &&
    choices.gpus.some(({ name }) => name === found.gpu);
  return isKnown ? { model: found.model, gpu: found.gpu } : undefined;
}

/** The profile of a model on a GPU: a measured one, if it has as many stages. */
export function profileOf(
  choices: Choices,
  { model, gpu }: ModelOnGpu,
  pipeline: Scenario['pipeline'],
  microbatch: number,
): Profile {
  const entry = choices.measured.find(
    (measured) =>
      measured.model === model &&
      measured.gpu === gpu &&
      (measured.stages === pipeline.stages || measured.stages === modelStageCount(pipeline)),
  );
  return entry === undefined ? { model, gpu, microbatch } : { catalog: entry.name };
}

/** Power of one waiting GPU, unless the scenario says otherwise. */
export function usualBlockingPower(choices: Choices, profile: Profile): number | undefined {
  if ('csv' in profile) return profile.blockingPowerW;
  const { name, among } =
    'catalog' in profile
      ? { name: profile.catalog, among: choices.measured }
      : { name: profile.gpu, among: choices.gpus };
  return among.find((choice) => choice.name === name)?.blockingPowerW;
}
