import { mean, median } from 'simple-statistics';
import { kindRules } from './operation-kinds.js';
import type { Worker } from './recorded-steps.js';
import { replayStep } from './replay.js';
import type { StepGraph } from './step-graph.js';
import type { Trace } from './trace.js';

/** The workers whose operations take the times that they would take without stragglers. */
export type IsFixed = (worker: Worker) => boolean;

/**
 * Times of operations without stragglers, by kind (Lin et al., OSDI '25, section 3.2): the mean
 * over all steps and workers for computations, the median for exchanges.
 *
 * @returns per kind of the trace; 0 for kinds that occur in no step.
 */
export function idealTimes(trace: Trace, graphs: readonly StepGraph[]): Float64Array {
  const rules = kindRules(trace);
  const found = trace.kinds.map((): number[] => []);
  for (const { kind, ownS } of graphs) {
    for (let i = 0; i < kind.length; i++) found[kind[i]!]!.push(ownS[i]!);
  }
  return Float64Array.from(found, (timesS, k) => {
    if (timesS.length === 0) return 0;
    return rules[k]!.isOwnWork ? mean(timesS) : median(timesS);
  });
}

/** Time of each step if some workers had no stragglers. Without delays of hosts. */
export function stepTimes(
  graphs: readonly StepGraph[],
  idealS: Float64Array,
  isFixed: IsFixed,
): Float64Array {
  return Float64Array.from(graphs, (graph) => {
    const durationS = graph.ownS.slice();
    for (const worker of graph.workers) {
      if (!isFixed(worker)) continue;
      for (let i = worker.first; i < worker.end; i++) durationS[i] = idealS[graph.kind[i]!]!;
    }
    return replayStep(graph, durationS).lengthS;
  });
}

/** A worker, and its cost to the job. */
export interface WorkerSlowdown {
  readonly pipeline: number;
  readonly stage: number;
  readonly rank: number;
  /**
   * Step time over the ideal one if everything were fixed except its pipeline, or except its stage:
   * the smaller of the two.
   */
  readonly slowdown: number;
}

/**
 * All workers, the costliest first (Lin et al., OSDI '25, section 5.1). A worker's cost is
 * approximated by that of its pipeline and its stage, since an exact one would take a replay per
 * worker. O((pipelines + stages) · operations).
 */
export function slowestWorkers(
  graphs: readonly StepGraph[],
  idealS: Float64Array,
): WorkerSlowdown[] {
  const idealStepS = mean([...stepTimes(graphs, idealS, () => true)]);
  const workers = new Map<number, Worker>();
  for (const graph of graphs) for (const worker of graph.workers) workers.set(worker.rank, worker);
  const slowdowns = (of: (worker: Worker) => number): Map<number, number> => {
    const values = new Set([...workers.values()].map(of));
    return new Map(
      [...values].map((value) => {
        const timesS = stepTimes(graphs, idealS, (worker) => of(worker) !== value);
        return [value, mean([...timesS]) / idealStepS];
      }),
    );
  };
  const ofPipeline = slowdowns(({ pipeline }) => pipeline);
  const ofStage = slowdowns(({ stage }) => stage);
  return [...workers.values()]
    .map(({ pipeline, stage, rank }) => {
      return {
        ...{ pipeline, stage, rank },
        slowdown: Math.min(ofPipeline.get(pipeline)!, ofStage.get(stage)!),
      };
    })
    .sort((a, b) => b.slowdown - a.slowdown || a.rank - b.rank);
}
