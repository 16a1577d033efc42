import type { ComputationDag } from '../../src/pipeline/dag.js';
import type { FrequencyPlan } from '../../src/planner/planner.js';
import type { OperationPhysics } from '../hardware/operation-physics.js';
import type { Job } from './job.js';
import type { TimingOverheads } from './timing.js';
import { planWorkload, type Slowdown, type Workload } from './workload.js';

/** A pipeline that is slower than the others. */
export interface Straggler extends Slowdown {
  /** Its index, from 0. */
  readonly pipeline: number;
}

/** Clocks of every instruction; a `FrequencyPlan` is one. */
export type Clocks = Pick<FrequencyPlan, 'frequencyMHz'>;

/** A data-parallel job, described by what is the same and what differs between its pipelines. */
export interface DataParallelSetup {
  readonly dag: ComputationDag;
  /** Indexed as `dag.operation`. */
  readonly physics: readonly OperationPhysics[];
  readonly timing: TimingOverheads;
  readonly pipelineCount: number;
  /** What healthy pipelines run. */
  readonly plan: Clocks;
  /** What stragglers run; the same as the others if left out. */
  readonly stragglerPlan?: Clocks;
  /** At most one entry per pipeline. */
  readonly stragglers?: readonly Straggler[];
  /**
   * Per pipeline: duration factors of its instructions, or undefined for none. Pipelines that
   * share one array, and all else, are identical and are simulated once.
   */
  readonly durationFactors?: readonly (Float64Array | undefined)[];
}

/**
 * The pipelines of a data-parallel job. Those with the same plan, factors and slowdown share one
 * workload. O(instructions · distinct pipelines + pipelines).
 *
 * @throws RangeError when a straggler is no pipeline of the job, or named twice.
 */
export function dataParallelJob(setup: DataParallelSetup): Job {
  const { dag, physics, timing, pipelineCount, plan, stragglerPlan = plan } = setup;
  const stragglerOf = stragglersByPipeline(pipelineCount, setup.stragglers ?? []);
  const shared = new Map<Float64Array | undefined, Map<string, Workload>>();
  const pipelines = Array.from({ length: pipelineCount }, (_, p) => {
    const slowdown = stragglerOf.get(p);
    const factors = setup.durationFactors?.[p];
    const alike = shared.get(factors) ?? new Map<string, Workload>();
    shared.set(factors, alike);
    const state = slowdown === undefined ? 'healthy' : `${slowdown.cause} × ${slowdown.factor}`;
    const clocks = slowdown === undefined ? plan : stragglerPlan;
    const workload = alike.get(state) ?? planWorkload(dag, physics, clocks, slowdown, factors);
    alike.set(state, workload);
    return workload;
  });
  return { dag, timing, pipelines };
}

function stragglersByPipeline(
  pipelineCount: number,
  stragglers: readonly Straggler[],
): Map<number, Straggler> {
  const byPipeline = new Map<number, Straggler>();
  for (const straggler of stragglers) {
    const { pipeline } = straggler;
    if (!(Number.isInteger(pipeline) && pipeline >= 0 && pipeline < pipelineCount)) {
      throw new RangeError(`straggler ${pipeline} is none of the ${pipelineCount} pipelines`);
    }
    if (byPipeline.has(pipeline)) {
      throw new RangeError(`pipeline ${pipeline} is a straggler twice; give one entry each`);
    }
    byPipeline.set(pipeline, straggler);
  }
  return byPipeline;
}
