import { entryOf, groupBy } from '../../src/groups.js';
import { median } from 'simple-statistics';
import { InputError } from '../../src/errors.js';
import { buildDag, type StageOrder } from '../../src/pipeline/build-dag.js';
import type { ComputationDag } from '../../src/pipeline/dag.js';
import { BACKWARD, FORWARD } from '../../src/profile/operation.js';
import { byKind, type ProfiledKind } from '../../src/profile/stage-profile.js';
import { modelStageCount, modelStageOf } from './step-draft.js';
import type { StepGraph } from './step-graph.js';
import type { Worker } from './recorded-steps.js';
import type { Trace } from './trace.js';

/** The usual time of a part of the model. */
export type PartTimes = Readonly<Record<ProfiledKind, number>>;

/** A pipeline's computations of one step as a DAG to plan. */
export interface TracedPipeline {
  readonly pipeline: number;
  readonly dag: ComputationDag;
  /** DAGs; pipelines and steps that ran the same orders share one. */
  readonly shape: string;
}

/** A step of a traced job, to be run at planned clocks. */
export interface TracedStep {
  readonly graph: StepGraph;
  /** Per operation: the corresponding instruction of its pipeline's DAG, or −1. */
  readonly instruction: Int32Array;
  readonly pipelines: readonly TracedPipeline[];
}

/**
 * The pipelines of a trace's steps as DAGs: every stage runs its computations in the order recorded.
 * The n-th computation of a part of the model is of microbatch n.
 *
 * @throws InputError if pipelines of the trace cannot be planned.
 */
export function tracedSteps(trace: Trace, graphs: readonly StepGraph[]): TracedStep[] {
  const modelStages = modelStageCount(trace);
  const known = new Map<string, ComputationDag>();
  return graphs.map((graph) => {
    const instruction = new Int32Array(graph.kind.length).fill(-1);
    const byPipeline = groupBy(graph.workers, ({ pipeline }) => pipeline);
    const pipelines = [...byPipeline].map(([pipeline, workers]) => {
      const shape = shapeOf(trace, graph, workers);
      const dag = entryOf(known, shape.key, () => dagOf(trace, graph, shape, modelStages));
      shape.computations.forEach((operations, w) => {
        const first = dag.stageStart[shape.stageOf[w]!]!;
        operations.forEach((i, k) => (instruction[i] = first + k));
      });
      return { pipeline, dag, shape: shape.key };
    });
    return { graph, instruction, pipelines };
  });
}

/** The computations of a pipeline's workers in a step. */
interface Shape {
  readonly key: string;
  /** Per worker: its computations in order, and its stage's index among the stages. */
  readonly computations: readonly number[][];
  readonly stageOf: readonly number[];
  /** Per stage. */
  readonly orders: readonly PartOrder[];
}

/** Computations of a stage, each for a part of the model. */
type PartOrder = readonly { readonly kind: number; readonly part: number }[];

function shapeOf(trace: Trace, graph: StepGraph, workers: readonly Worker[]): Shape {
  const stages = [...new Set(workers.map(({ stage }) => stage))].sort((a, b) => a - b);
  const [forward, backward] = ['forward', 'backward'].map((d) =>
    trace.kinds.indexOf(`${d}-compute`),
  );
  const computations = workers.map(({ first, end }) => {
    const all = Array.from({ length: end - first }, (_, k) => first + k);
    return all.filter((i) => graph.kind[i] === forward || graph.kind[i] === backward);
  });
  const orderOf = (operations: readonly number[]): PartOrder =>
    operations.map((i) => ({
      kind: graph.kind[i] === forward ? FORWARD : BACKWARD,
      part: modelStageOf(trace, graph.operation[i]!),
    }));
  const orders: PartOrder[] = [];
  const stageOf = workers.map(({ stage }) => stages.indexOf(stage));
  workers.forEach((worker, w) => {
    const order = orderOf(computations[w]!);
    const known = (orders[stageOf[w]!] ??= order);
    if (textOf(known) !== textOf(order)) {
      throw notPlannable(trace, graph, `ranks of stage ${worker.stage} differ in their order`);
    }
  });
  return { key: orders.map(textOf).join('|'), computations, stageOf, orders };
}

function textOf(order: PartOrder): string {
  return order.map(({ kind, part }) => `${kind === FORWARD ? 'f' : 'b'}${part}`).join(' ');
}

function dagOf(
  trace: Trace,
  graph: StepGraph,
  { orders }: Shape,
  modelStageCount: number,
): ComputationDag {
  const parts = orders.map((order) =>
    [...new Set(order.map(({ part }) => part))].sort((a, b) => a - b),
  );
  const count = (v: number, of: number) =>
    orders.flat().filter(({ kind, part }) => kind === of && part === v).length;
  const microbatchCount = count(0, FORWARD);
  for (let v = 0; v < modelStageCount; v++) {
    for (const kind of [FORWARD, BACKWARD]) {
      if (count(v, kind) === microbatchCount) continue;
      throw notPlannable(trace, graph, `not all parts of the model compute as many microbatches`);
    }
  }
  const scheduled = orders.map((order, s): StageOrder => {
    const seen = new Map<string, number>();
    return order.map(({ kind, part }) => {
      const microbatch = seen.get(`${kind} ${part}`) ?? 0;
      seen.set(`${kind} ${part}`, microbatch + 1);
      if (kind === BACKWARD && microbatch >= (seen.get(`${FORWARD} ${part}`) ?? 0)) {
        throw notPlannable(
          trace,
          graph,
          `part ${part} of the model runs backwards before forwards`,
        );
      }
      return { kind, microbatch, chunk: parts[s]!.indexOf(part) };
    });
  });
  return buildDag({
    name: 'as recorded',
    microbatchCount,
    orders: scheduled,
    modelStageCount,
    modelStageOf: (stage, chunk) => parts[stage]![chunk]!,
  });
}

function notPlannable(trace: Trace, { step }: StepGraph, reason: string): InputError {
  return InputError.of({
    source: trace.source,
    field: `step ${step}`,
    message: `its energy cannot be worked out: ${reason}`,
  });
}

/**
 * For each pipeline, the usual time of each part of the model: the median over steps, microbatches
 * and ranks.
 * @throws InputError if one took no time.
 */
export function usualTimes(
  trace: Trace,
  steps: readonly TracedStep[],
): ReadonlyMap<number, readonly PartTimes[]> {
  const modelStages = modelStageCount(trace);
  const found = new Map<number, Record<ProfiledKind, number[]>[]>();
  for (const { graph, instruction } of steps) {
    for (const { pipeline, first, end } of graph.workers) {
      const ofPipeline = entryOf(found, pipeline, () =>
        Array.from({ length: modelStages }, () => byKind((): number[] => [])),
      );
      for (let i = first; i < end; i++) {
        if (instruction[i]! < 0) continue;
        const isForward = trace.kinds[graph.kind[i]!] === 'forward-compute';
        const part = ofPipeline[modelStageOf(trace, graph.operation[i]!)]!;
        part[isForward ? 'forward' : 'backward'].push(graph.ownS[i]!);
      }
    }
  }
  const usual = (times: Record<ProfiledKind, number[]>, v: number, pipeline: number) =>
    byKind((kind) => {
      const timeS = median(times[kind]);
      if (timeS > 0) return timeS;
      throw InputError.of({
        source: trace.source,
        message: `its energy cannot be worked out: the ${kind}s of part ${v} of the model in pipeline ${pipeline} took no time`,
      });
    });
  return new Map(
    [...found].map(([pipeline, parts]) => [
      pipeline,
      parts.map((times, v) => usual(times, v, pipeline)),
    ]),
  );
}

/**
 * The number of GPUs that ran the same as a traced rank. Only the first rank of a tensor-parallel
 * group is traced, so ranks are numbered in steps of the group's size.
 */
export function gpusPerRank(trace: Trace): number {
  const ranks = [...new Set(trace.rank)];
  const divisor = (a: number, b: number): number => (b === 0 ? a : divisor(b, a % b));
  const step = ranks.reduce((found, rank) => divisor(found, Math.abs(rank - ranks[0]!)), 0);
  return Math.max(1, step);
}
