import { InputError, SpoiltFieldError, type Problem } from '../../src/errors.js';
import { implausible } from '../../src/plausible.js';
import { ProblemGathering } from '../../src/problem-list.js';
import type { StageProfile } from '../../src/profile/stage-profile.js';
import type { CatalogLibrary } from '../hardware/catalog-library.js';
import { extrapolatedFields, type GpuDescription } from '../hardware/gpu-description.js';
import { parametersNote, type ModelDescription } from '../hardware/model-description.js';
import { synthesizeProfile } from '../hardware/synthesize.js';
import { isConfig, machineOf, modelShape } from '../operators/catalog-operators.js';
import { waitingPowerW } from '../operators/clock-power.js';
import { layoutProblems } from '../operators/job-problems.js';
import type { Recomputation } from '../operators/model-parts.js';
import { shapeOfDescription, type ModelShape } from '../operators/model-shape.js';
import { operatorProfile } from '../operators/operator-profile.js';
import type { Machine, Precision } from '../operators/operator-time.js';
import type { PredictedJob } from '../operators/predict.js';
import type { Cutting } from './cutting.js';
import { efficiencyEstimate, operatorEstimate, type Estimate } from './estimate.js';

/** Options of a stage whose profile operators make. */
export interface OperatorOptions {
  readonly precision?: Precision | undefined;
  readonly recompute?: Recomputation | undefined;
  readonly contextParallel?: number | undefined;
  readonly expertParallel?: number | undefined;
  readonly sequenceParallel?: boolean | undefined;
}

/** The sources of a modelled profile. */
export interface ModelledRequest extends OperatorOptions {
  readonly model: string;
  readonly gpu: string;
  /** Stages of the pipeline. */
  readonly stages: number;
  /** Stages of the model: parts that it is cut into; as many as stages if left out. */
  readonly modelStages?: number;
  /** Sequences per microbatch. */
  readonly microbatch: number;
  readonly tensorParallel: number;
  /** Data-parallel copies. */
  readonly pipelines: number;
  readonly sequence?: number | undefined;
  readonly efficiency?: number | undefined;
}

type Field = keyof ModelledRequest;

/** Where a field stands, for messages. */
export type PlaceOf = (field: Field) => Pick<Problem, 'source' | 'field'>;

/** A profile that was not measured, and what else follows from its model and GPU. */
export interface ModelledProfile {
  readonly profile: StageProfile;
  readonly blockingPowerW: number;
  readonly estimate: Estimate;
  readonly shape: ModelShape;
  readonly gpu: GpuDescription;
  readonly cutting: Cutting;
}

/** A model and a GPU as their descriptions have them. */
export interface ModelledParts {
  readonly shape: ModelShape;
  /** Undefined for a Hugging Face `config.json`. */
  readonly description: ModelDescription | undefined;
  readonly gpu: GpuDescription;
  /** Undefined if rates of operators on it are not known. */
  readonly machine: Machine | undefined;
}

/**
 * Reads the model and the GPU of a request.
 * @param asked each may be undefined if it is missing, or throw if it is wrong.
 * @throws InputError with the problems of both, and of cutting the model into stages.
 */
export function modelledParts(
  asked: Readonly<Record<'model' | 'gpu', () => string | undefined>> & {
    readonly stages: () => number | undefined;
    /** As many as stages if left out. */
    readonly modelStages?: () => number;
  },
  library: CatalogLibrary,
  at: PlaceOf,
): ModelledParts {
  const gathering = new ProblemGathering();
  const model = gathering.attempt(() => {
    const name = asked.model();
    if (name === undefined) return undefined;
    if (isConfig(library, name)) return { shape: modelShape(library, name, at('model')) };
    const description = library.model(name, at('model'));
    return { shape: shapeOfDescription(description), description };
  });
  const gpu = gathering.attempt(() => {
    const name = asked.gpu();
    if (name === undefined) return undefined;
    const description = library.gpu(name, at('gpu'));
    return { description, machine: machineOf(library, name, description) };
  });
  gathering.attempt(() => {
    const stages = asked.stages();
    const parts = asked.modelStages?.() ?? stages;
    if (model === undefined || parts === undefined) return;
    const blocks = model.shape.blocks.length;
    if (parts <= blocks) return;
    const found = parts === stages ? `found ${parts}` : `makes ${parts} stages of the model`;
    const message = `${found}, but ${model.shape.name} has ${blocks} blocks`;
    throw InputError.of({ ...at('stages'), message });
  });
  gathering.throwIfAny();
  if (model === undefined || gpu === undefined) throw new SpoiltFieldError('the profile is wrong');
  return {
    shape: model.shape,
    description: model.description,
    gpu: gpu.description,
    machine: gpu.machine,
  };
}

/**
 * A stage profile of a model on a GPU that it was not profiled on: of its operators, where their rates
 * are known and no efficiency is given, else of one efficiency for all work.
 * @throws InputError with all that does not go together.
 */
export function modelledProfile(
  request: ModelledRequest,
  parts: ModelledParts,
  library: CatalogLibrary,
  at: PlaceOf,
): ModelledProfile {
  const { machine } = parts;
  return machine === undefined || request.efficiency !== undefined
    ? byEfficiency(request, parts, library, at)
    : byOperators(request, parts, machine, at);
}

/** Options that only operators know. */
const OF_OPERATORS = [
  'precision',
  'recompute',
  'contextParallel',
  'expertParallel',
  'sequenceParallel',
] as const satisfies readonly (keyof OperatorOptions)[];

function byEfficiency(
  request: ModelledRequest,
  { description, gpu, shape }: ModelledParts,
  library: CatalogLibrary,
  at: PlaceOf,
): ModelledProfile {
  const { stages, modelStages = stages, tensorParallel, microbatch } = request;
  const { sequence, efficiency } = request;
  const why =
    efficiency === undefined
      ? `rates of operators on ${gpu.name} are not known`
      : 'a profile of one efficiency knows no operators';
  const gathering = new ProblemGathering();
  for (const field of OF_OPERATORS) {
    if (request[field] === undefined) continue;
    gathering.add({ ...at(field), message: `found ${request[field]}, but ${why}; leave it out` });
  }
  if (description === undefined) {
    const message = `found a config.json of Hugging Face, but ${why}; expected a model of the catalog that is a .yaml file, or such a file`;
    gathering.add({ ...at('model'), message });
  }
  gathering.throwIfAny();
  const asked = {
    ...{ model: description!, gpu, microbatch, tensorParallel, stages: modelStages },
    ...(sequence === undefined ? {} : { sequence }),
    ...(efficiency === undefined ? {} : { efficiency }),
  };
  const synth = library.synthModel();
  const used = efficiency ?? synth.efficiency.forward;
  return {
    profile: synthesizeProfile(asked, synth, placeOfProfile(at)),
    blockingPowerW: gpu.blockingPowerW.value,
    estimate: efficiencyEstimate(synth, used, extrapolatedFields(gpu)),
    ...{ shape, gpu, cutting: { law: 'efficiency', request: asked, synth } },
  };
}

/** The place of a whole profile: `profile` of `profile.model`. */
function placeOfProfile(at: PlaceOf): Pick<Problem, 'source' | 'field'> {
  const { source, field } = at('model');
  return field === 'profile.model' ? { source, field: 'profile' } : { source };
}

function byOperators(
  request: ModelledRequest,
  { shape, description, gpu }: ModelledParts,
  machine: Machine,
  at: PlaceOf,
): ModelledProfile {
  const job = predictedJob(request, shape, machine);
  checkLayout(job, at);
  const notes = [
    ...(shape.notes ?? []).map((note) => `${shape.name}: ${note}`),
    ...(description === undefined ? [] : [parametersNote(description) ?? []].flat()),
  ];
  const profile = {
    ...operatorProfile(job),
    source: `operators of ${shape.name} on ${gpu.name}`,
    ...(notes.length === 0 ? {} : { notes }),
  };
  checkPossible(profile, at);
  return {
    profile,
    blockingPowerW: waitingPowerW(machine, machine.highestMHz),
    estimate: operatorEstimate(machine.rates.basis),
    ...{ shape, gpu, cutting: { law: 'operators', job } },
  };
}

/** The job of a request. The GPUs of a stage share its experts unless it says otherwise. */
function predictedJob(request: ModelledRequest, shape: ModelShape, machine: Machine): PredictedJob {
  const { stages, modelStages = stages, tensorParallel, pipelines, microbatch } = request;
  const { sequence = shape.sequence, contextParallel = 1 } = request;
  const experts = shape.blocks.flatMap(({ feedForward }) =>
    feedForward.kind === 'experts' ? [feedForward.count] : [],
  );
  const shared = experts.reduce(greatestCommonDivisor, tensorParallel);
  return {
    shape,
    machine,
    layout: {
      tensor: tensorParallel,
      context: contextParallel,
      expert: request.expertParallel ?? (experts.length === 0 ? 1 : shared),
      pipeline: stages,
      data: pipelines,
      ...(request.sequenceParallel === false ? { repeatsTokens: true } : {}),
    },
    chunks: modelStages / stages,
    microbatch: { sequences: microbatch, sequence },
    microbatches: 1,
    precision: request.precision ?? 'bf16',
    recompute: request.recompute ?? 'none',
  };
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}

/** Fields of the columns of `predict` that say how a model is shared out. */
const FIELDS: Readonly<Record<string, Field>> = {
  pp: 'stages',
  tp: 'tensorParallel',
  ep: 'expertParallel',
  sequence_parallel: 'sequenceParallel',
};

function checkLayout(job: PredictedJob, at: PlaceOf): void {
  const { machine, precision, microbatch, layout, shape } = job;
  const gathering = new ProblemGathering();
  gathering.add(
    ...layoutProblems(job).map(({ column, message }) => ({ ...at(FIELDS[column]!), message })),
  );
  if (precision === 'fp8' && machine.rates.product.fp8 === undefined) {
    const message = `found "fp8", expected "bf16": products of FP8 are not known of ${machine.name}`;
    gathering.add({ ...at('precision'), message });
  }
  if (layout.context > microbatch.sequence) {
    const message = `found ${layout.context}, expected at most the tokens of a sequence, ${microbatch.sequence}`;
    gathering.add({ ...at('contextParallel'), message });
  }
  const hasExperts = shape.blocks.some(({ feedForward }) => feedForward.kind === 'experts');
  if (layout.expert > 1 && !hasExperts) {
    const message = `found ${layout.expert}, but ${shape.name} has no experts; leave it out`;
    gathering.add({ ...at('expertParallel'), message });
  }
  gathering.throwIfAny();
}

/** Batches and sequences that no GPU could work on. */
function checkPossible({ stages }: StageProfile, at: PlaceOf): void {
  for (const { timeS } of stages.flatMap(({ forward, backward }) => [...forward, ...backward])) {
    const expected = implausible('instructionTimeS', timeS);
    if (expected === undefined) continue;
    const message = `makes an instruction of ${Number(timeS.toPrecision(3))} s, expected ${expected.replace(/;.*/, '')}: choose another microbatch, sequence, or number of stages`;
    throw InputError.of({ ...placeOfProfile(at), message });
  }
}
