import { entryOf, groupBy } from '../../src/groups.js';
import type { ComputationDag } from '../../src/pipeline/dag.js';
import type { FrequencyPlan } from '../../src/planner/planner.js';
import type { OperationPhysics } from '../hardware/operation-physics.js';
import type { Job } from './job.js';
import type { Slowdown } from './slowdown.js';
import type { TimeArrays } from './time-arrays.js';
import { instructionTiming, type InstructionTiming, type TimingOverheads } from './timing.js';
import { planWorkloads, type Conditions, type Workload } from './workload.js';

/** A pipeline that is slower than the others, for all or part of the iteration. */
export type Straggler = Slowdown & {
  /** Its index, from 0. */
  readonly pipeline: number;
  /** From the iteration's beginning; if left out, it is already slow then. */
  readonly fromS?: number | undefined;
  /** If left out, it is slow until the iteration's end. */
  readonly untilS?: number | undefined;
};

/** Clocks of every instruction; a `FrequencyPlan` has them. */
export type Clocks = Pick<FrequencyPlan, 'frequencyMHz'>;

/** A data-parallel job: the part common to all pipelines, and the differences between them. */
export interface DataParallelSetup {
  readonly dag: ComputationDag;
  /** Indexed as `dag.operation`. */
  readonly physics: readonly OperationPhysics[];
  readonly timing: TimingOverheads;
  readonly pipelineCount: number;
  /** The plan that pipelines run. */
  readonly plan: Clocks;
  /** The plans of pipelines known to be stragglers, which run these instead. */
  readonly plansOf?: ReadonlyMap<number, Clocks>;
  /** The stragglers. A pipeline may be slow for several causes at once. */
  readonly stragglers?: readonly Straggler[];
  /**
   * Per pipeline: duration factors of its instructions, or undefined for none. Pipelines that share
   * one array and everything else are identical, and are simulated once.
   */
  readonly durationFactors?: readonly (Float64Array | undefined)[];
  /** The same for all pipelines. */
  readonly conditions?: Pick<Conditions, 'clockSwitchS' | 'waitingW'>;
  /** Makes the arrays of times with duration factors; new ones if left out. */
  readonly timeArrays?: TimeArrays | undefined;
}

/**
 * The pipelines of a data-parallel job. Those with the same plan, factors and slowdowns share one
 * workload. O(instructions · distinct pipelines + pipelines).
 *
 * @throws RangeError if a straggler is not a pipeline of the job.
 */
export function dataParallelJob(setup: DataParallelSetup): Job {
  const { dag, pipelineCount, plansOf, durationFactors } = setup;
  const stragglersOf = stragglersByPipeline(pipelineCount, setup.stragglers ?? []);
  const plans = [...new Set([setup.plan, ...(plansOf?.values() ?? [])])];
  const timing = instructionTiming(dag, setup.timing);
  const alike = new Map<string, AlikePipelines>();
  const healthy = phasesOf([]);
  const healthyKey = JSON.stringify(healthy);
  const pipelines = Array.from({ length: pipelineCount }, (_, p) => {
    const stragglers = stragglersOf.get(p);
    const phases = stragglers === undefined ? healthy : phasesOf(stragglers);
    const plan = plansOf?.get(p) ?? setup.plan;
    const key = `${plans.indexOf(plan)} ${phases === healthy ? healthyKey : JSON.stringify(phases)}`;
    const group = entryOf(alike, key, () => alikePipelines(setup, timing, plan, phases));
    return group(durationFactors?.[p]);
  });
  return { dag, timing: setup.timing, pipelines };
}

/** The workload of pipelines that differ at most in their duration factors. */
type AlikePipelines = (durationFactor: Float64Array | undefined) => Workload;

function alikePipelines(
  { dag, physics, conditions, timeArrays }: DataParallelSetup,
  timing: InstructionTiming,
  plan: Clocks,
  phases: Phases,
): AlikePipelines {
  const [first, ...later] = phases.map(({ fromS, slowdowns }) => ({
    fromS,
    workloadOf: planWorkloads(dag, physics, plan, { ...conditions, timing, slowdowns }, timeArrays),
  }));
  const make: AlikePipelines = (durationFactor) => {
    const workload = first!.workloadOf(durationFactor);
    if (later.length === 0) return workload;
    const change = ({ fromS, workloadOf }: (typeof later)[number]) => {
      return { fromS, workload: workloadOf(durationFactor) };
    };
    return { ...workload, later: later.map(change) };
  };
  const made = new Map<Float64Array | undefined, Workload>();
  return (durationFactor) => entryOf(made, durationFactor, () => make(durationFactor));
}

/** The slowdowns in force from a time on. */
interface Phase {
  readonly fromS: number;
  readonly slowdowns: readonly Slowdown[];
}

/** Phases of an iteration in order of time; the first begins with it. */
type Phases = readonly Phase[];

/** The slowdowns of one pipeline. */
function phasesOf(stragglers: readonly Straggler[]): Phases {
  const changes = stragglers.flatMap(({ fromS, untilS }) => [fromS ?? 0, untilS ?? 0]);
  const times = [...new Set([0, ...changes.filter((timeS) => timeS > 0 && timeS < Infinity)])];
  return times
    .sort((a, b) => a - b)
    .map((fromS): Phase => {
      const active = stragglers.filter(
        (straggler) => (straggler.fromS ?? 0) <= fromS && (straggler.untilS ?? Infinity) > fromS,
      );
      return { fromS, slowdowns: active.map(slowdownOf) };
    });
}

function slowdownOf({ pipeline, fromS, untilS, ...slowdown }: Straggler): Slowdown {
  return slowdown;
}

function stragglersByPipeline(
  pipelineCount: number,
  stragglers: readonly Straggler[],
): Map<number, Straggler[]> {
  for (const { pipeline } of stragglers) {
    if (!(Number.isInteger(pipeline) && pipeline >= 0 && pipeline < pipelineCount)) {
      throw new RangeError(`straggler ${pipeline} is not one of the ${pipelineCount} pipelines`);
    }
  }
  return groupBy(stragglers, ({ pipeline }) => pipeline);
}
