import { activationPeaks } from '../../src/pipeline/activation-peaks.js';
import { pathTimes } from '../../src/pipeline/critical-path.js';
import type { ComputationDag } from '../../src/pipeline/dag.js';
import { scheduleDag } from '../../src/pipeline/schedules.js';
import { BACKWARD } from '../../src/profile/operation.js';
import { tokensOf, type Microbatch } from './block-operators.js';
import { clockedCost, waitingPowerW, type ClockedCost } from './clock-power.js';
import { denseReplicas, expertReplicas, gpuCount, type Layout } from './layout.js';
import { modelParts, partBlocks, type ModelPart, type Recomputation } from './model-parts.js';
import { modelFlopsPerToken, type ModelShape } from './model-shape.js';
import {
  addWork,
  collectiveTimeS,
  movingTimeS,
  NO_WORK,
  type Execution,
  type Machine,
  type Precision,
  type WorkTimeS,
} from './operator-time.js';
import { BYTES } from './operators.js';
import {
  blockActivationBytes,
  gatheredBytes,
  headBytes,
  partParameters,
  projectionBytes,
  stateBytes,
  transientBytes,
  type PartParameters,
} from './part-memory.js';
import type { PartLayers } from './stage-layers.js';

/** A training job that was not profiled. */
export interface PredictedJob {
  readonly shape: ModelShape;
  readonly machine: Machine;
  readonly layout: Layout;
  /** Parts of the model on each stage. */
  readonly chunks: number;
  readonly microbatch: Microbatch;
  readonly microbatches: number;
  readonly precision: Precision;
  readonly recompute: Recomputation;
  /** The layers of each part of the model, if not the default ones. */
  readonly partition?: readonly PartLayers[];
  /** Clock of each stage's GPUs, or one for all; default: the highest. */
  readonly clocksMHz?: readonly number[];
}

/** The prediction for a job. */
export interface Prediction {
  readonly stepS: number;
  readonly tokensPerS: number;
  /** Per GPU, with operations counted as frameworks do (`modelFlopsPerToken`). */
  readonly flopsPerS: number;
  readonly modelFlopsUtilization: number;
  /** Bytes of the GPU that needs the most. */
  readonly memoryBytes: number;
  /** Mean over GPUs. */
  readonly powerW: number;
  readonly energyPerTokenJ: number;
}

/** A part of the model at its stage's clock. */
interface PartCosts {
  readonly forward: ClockedCost;
  readonly backward: ClockedCost;
}

/** Bytes per weight moved by reading gradients and moments and writing weights and moments. */
const OPTIMIZER_TRAFFIC = 30;
/** Bytes per weight moved by zeroing gradients and by their norm. */
const GRADIENT_TRAFFIC = 4;

/**
 * Predicts time, memory and power of a job from its operators. Each part of the model takes the
 * time of its operators, the schedule arranges the parts into a pipeline, and gradients are reduced
 * and weights updated once everything is computed.
 */
export function predictJob(job: PredictedJob): Prediction {
  const { shape, machine, layout, chunks, microbatch, microbatches } = job;
  const execution: Execution = { machine, layout, precision: job.precision };
  const parts = jobParts(job);
  const dag = scheduleDag(chunks === 1 ? '1f1b' : 'interleaved', {
    stages: layout.pipeline,
    microbatches,
    chunks,
  });
  const clocksMHz = stageClocks(job);
  const costs = parts.map(({ forward, backward }, k): PartCosts => {
    const at = (work: WorkTimeS) => clockedCost(work, machine, clocksMHz[k % layout.pipeline]!);
    return { forward: at(forward), backward: at(backward) };
  });
  const pipelineS = pipelineTimeS(dag, costs, job, execution);
  const updates = stageParts(parts, layout.pipeline).map((ofStage, stage) =>
    clockedCost(
      updateTime(parametersOf(ofStage, shape, layout), execution),
      machine,
      clocksMHz[stage]!,
    ),
  );
  const stepS =
    pipelineS +
    Math.max(...updates.map(({ timeS }) => timeS)) +
    machine.rates.stepOverheadMs / 1000;
  const tokens = microbatches * microbatch.sequences * microbatch.sequence * layout.data;
  const gpus = gpuCount(layout);
  const flopsPerS = (modelFlopsPerToken(shape, microbatch.sequence) * tokens) / (stepS * gpus);
  const powerW = mean(
    stageParts(costs, layout.pipeline).map((ofStage, stage) => {
      const each = ofStage.flatMap(({ forward, backward }) => [forward, backward]);
      const total = (of: (cost: ClockedCost) => number) =>
        microbatches * sum(each.map(of)) + of(updates[stage]!);
      const waitedS = stepS - total(({ timeS }) => timeS);
      const waitedJ = waitingPowerW(machine, clocksMHz[stage]!) * waitedS;
      return (total(({ energyJ }) => energyJ) + waitedJ) / stepS;
    }),
  );
  return {
    stepS,
    tokensPerS: tokens / stepS,
    flopsPerS,
    modelFlopsUtilization: flopsPerS / machine.peakFlops,
    memoryBytes: Math.max(...stageMemory(dag, parts, job)),
    powerW,
    energyPerTokenJ: (powerW * gpus * stepS) / tokens,
  };
}

/** The parts of a job's model, with times from the rates. */
export function jobParts(job: PredictedJob): ModelPart[] {
  const { shape, machine, layout, chunks, microbatch, precision } = job;
  return modelParts(
    shape,
    layout.pipeline * chunks,
    microbatch,
    job.recompute,
    { machine, layout, precision },
    job.partition,
  );
}

/** Clock of each stage's GPUs. */
function stageClocks({ clocksMHz, machine, layout }: PredictedJob): number[] {
  return Array.from(
    { length: layout.pipeline },
    (_, stage) => clocksMHz?.[clocksMHz.length === 1 ? 0 : stage] ?? machine.highestMHz,
  );
}

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
const mean = (values: readonly number[]) => sum(values) / values.length;

/** Parts of each stage: chunk c of stage s is part c · stages + s. */
function stageParts<T>(parts: readonly T[], stages: number): T[][] {
  return Array.from({ length: stages }, (_, stage) =>
    parts.filter((_part, k) => k % stages === stage),
  );
}

function pipelineTimeS(
  dag: ComputationDag,
  parts: readonly PartCosts[],
  { shape, microbatch, layout }: PredictedJob,
  execution: Execution,
): number {
  const { between } = tokensOf(microbatch, layout);
  const handOverS = collectiveTimeS(
    'sendReceive',
    'pipeline',
    BYTES * between * shape.hidden,
    execution,
  );
  const duration = Float64Array.from({ length: dag.instructionCount }, (_, i) => {
    const part = parts[dag.operations[dag.operation[i]!]!.modelStage]!;
    return (dag.kind[i] === BACKWARD ? part.backward : part.forward).timeS;
  });
  const none = new Float64Array(dag.instructionCount);
  return pathTimes(dag, duration, { ownStage: none, otherStage: none.map(() => handOverS) }).length;
}

function parametersOf(
  parts: readonly ModelPart[],
  shape: ModelShape,
  layout: Layout,
): PartParameters {
  return parts
    .map((part) => partParameters(part, shape, layout))
    .reduce((sum, { dense, experts }) => ({
      dense: sum.dense + dense,
      experts: sum.experts + experts,
    }));
}

/**
 * Gradients are scattered in four bytes, a share of the weights is updated, and all weights are
 * gathered in two; if weights are shared out too, scattering and gathering have been done layer by
 * layer.
 */
function updateTime({ dense, experts }: PartParameters, execution: Execution): WorkTimeS {
  const { machine, layout } = execution;
  const isSharded = layout.sharded !== undefined;
  const exposed = isSharded ? 0 : 1 - machine.rates.hidden.gradients;
  const of = (weights: number, group: 'dense' | 'experts', replicas: number): WorkTimeS => {
    if (weights === 0) return NO_WORK;
    const move = (bytes: number) => movingTimeS(bytes, 'plain', machine);
    return {
      ...NO_WORK,
      communication:
        exposed *
        (collectiveTimeS('reduceScatter', group, 4 * weights, execution) +
          collectiveTimeS('allGather', group, BYTES * weights, execution)),
      memory:
        move((OPTIMIZER_TRAFFIC * weights) / replicas) +
        move((GRADIENT_TRAFFIC * weights) / (isSharded ? replicas : 1)) +
        move((GRADIENT_TRAFFIC * weights) / replicas),
    };
  };
  return addWork(
    of(dense, 'dense', denseReplicas(layout)),
    of(experts, 'experts', expertReplicas(layout)),
  );
}

/** Bytes on a GPU of each stage. */
function stageMemory(
  dag: ComputationDag,
  parts: readonly ModelPart[],
  { shape, layout, microbatch, recompute }: PredictedJob,
): number[] {
  const peaks = activationPeaks(dag).activations;
  return stageParts(parts, layout.pipeline).map((ofStage, stage) => {
    const blocks = ofStage.flatMap((part) => partBlocks(part, shape));
    const projections = ofStage.reduce((sum, { predictions }) => sum + predictions, 0);
    const ofMicrobatch = blocks.reduce(
      (sum, block) => sum + blockActivationBytes(block, shape, microbatch, layout, recompute),
      projections * projectionBytes(shape, microbatch, layout),
    );
    // Peaks are counted in microbatches of everything that a stage holds.
    const kept = peaks[stage]! * ofMicrobatch;
    const widest = Math.max(
      0,
      ...blocks.map((block) => transientBytes(block, shape, microbatch, layout)),
    );
    const atHead = ofStage.some(({ hasHead }) => hasHead)
      ? headBytes(shape, microbatch, layout)
      : 0;
    const weights = parametersOf(ofStage, shape, layout);
    return (
      stateBytes(weights, layout) +
      gatheredBytes(blocks, weights, shape, layout) +
      kept +
      Math.max(widest, atHead)
    );
  });
}
