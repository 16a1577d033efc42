import type { ComputationDag } from '../../src/pipeline/dag.js';
import { FORWARD, RECOMPUTE } from '../../src/profile/operation.js';
import {
  copulaCorrelation,
  drawNormal,
  drawTruncatedNormal,
  shiftedLognormal,
  shiftedLognormalAt,
  type ShiftedLognormal,
} from '../kernel/distributions.js';
import { randomStream } from '../kernel/random-streams.js';

/** The scatter of healthy instructions' times: relative standard deviations. */
export interface JitterModel {
  /** Of each instruction independently. */
  readonly instructionSd: number;
  /** Common to all instructions of an iteration. */
  readonly iterationSd: number;
  /** Of a pipeline's stage, constant throughout the run: GPUs of one model differ. */
  readonly gpuSd: number;
}

/** The scatter of microbatches due to sequence lengths; means are 1. */
export interface SequenceModel {
  readonly forwardSd: number;
  readonly forwardP99: number;
  readonly backwardSd: number;
  readonly backwardP99: number;
  /** Between a microbatch's forward and its backward. */
  readonly correlation: number;
}

/** Identifies an iteration of a pipeline. Each draws from its own streams. */
export interface Place {
  readonly seed: number;
  readonly pipeline: number;
  readonly iteration: number;
}

/** No instruction takes less than this fraction of its time, whatever is drawn. */
const SMALLEST_FACTOR = 0.05;

/**
 * Multiplies one pipeline's duration factors in one iteration by jitter: truncated normals, as
 * measured in production (light tails, no skew to the right).
 */
export function addJitter(
  factors: Float64Array,
  dag: ComputationDag,
  model: JitterModel,
  { seed, pipeline, iteration }: Place,
): void {
  const iterations = randomStream(seed, `jitter/iteration-${iteration}`);
  const ofIteration = 1 + model.iterationSd * drawTruncatedNormal(iterations);
  const gpus = randomStream(seed, `jitter/gpus/pipeline-${pipeline}`);
  const ofStage = Float64Array.from({ length: dag.stageCount }, () => {
    return ofIteration * (1 + model.gpuSd * drawTruncatedNormal(gpus));
  });
  const uniform = randomStream(seed, `jitter/pipeline-${pipeline}/iteration-${iteration}`);
  const { instructionSd } = model;
  for (let s = 0; s < dag.stageCount; s++) {
    const common = ofStage[s]!;
    for (let i = dag.stageStart[s]!; i < dag.stageStart[s + 1]!; i++) {
      const own = 1 + instructionSd * drawTruncatedNormal(uniform);
      factors[i]! *= Math.max(SMALLEST_FACTOR, common * own);
    }
  }
}

/**
 * Multiplies duration factors by the effect of sequence lengths: a long microbatch takes longer on
 * every stage, and its backward more so than its forward.
 */
export function addSequenceLengths(
  factors: Float64Array,
  dag: ComputationDag,
  model: SequenceModel,
  { seed, pipeline, iteration }: Place,
): void {
  const forward = shiftedLognormal(model.forwardSd, model.forwardP99);
  const backward = shiftedLognormal(model.backwardSd, model.backwardP99);
  const correlation = copulaCorrelation(forward, backward, model.correlation);
  const uniform = randomStream(seed, `sequences/pipeline-${pipeline}/iteration-${iteration}`);
  const ofMicrobatch = Array.from({ length: dag.microbatchCount }, () => {
    const z = drawNormal(uniform);
    const other = correlation * z + Math.sqrt(1 - correlation ** 2) * drawNormal(uniform);
    return { forward: positive(forward, z), backward: positive(backward, other) };
  });
  for (let i = 0; i < factors.length; i++) {
    const microbatch = ofMicrobatch[dag.microbatch[i]!]!;
    const isForward = dag.kind[i] === FORWARD || dag.kind[i] === RECOMPUTE;
    factors[i]! *= isForward ? microbatch.forward : microbatch.backward;
  }
}

function positive(distribution: ShiftedLognormal, z: number): number {
  return Math.max(SMALLEST_FACTOR, shiftedLognormalAt(distribution, z));
}
