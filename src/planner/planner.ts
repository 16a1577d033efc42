import type { Lags } from '../pipeline/critical-path.js';
import type { ComputationDag } from '../pipeline/dag.js';
import type { OperationCosts } from '../profile/operation-costs.js';

/**
 * The input of a planner: the pipeline's DAG and, for each operation (stage × kind), the clocks it
 * may run at and its cost curve over whole ticks.
 */
export interface PlanningProblem {
  readonly dag: ComputationDag;
  /** Indexed by `dag.operation[i]`. Costs are per GPU. */
  readonly operations: readonly OperationCosts[];
  /** Length of a tick. */
  readonly unitTimeS: number;
  /** Power of one GPU that waits. */
  readonly blockingPowerW: number;
  /**
   * Times that an instruction's stage spends besides computing (loading before, sending after), and
   * the time its output is under way. None if left out.
   */
  readonly lags?: PlanningLags;
  /** GPUs of one stage (tensor-parallel degree); each of them runs the stage's instructions. */
  readonly gpusPerStage: number;
}

/**
 * The lags of a problem, once for planners that count in ticks and once for those that count in
 * seconds.
 */
export interface PlanningLags {
  /** Whole numbers, in the problem's ticks. */
  readonly ticks: Lags;
  /** In seconds, not rounded. */
  readonly exactS: Lags;
}

/**
 * A clock for every instruction of the pipeline, and the time and energy that the cost model
 * predicts.
 */
export interface FrequencyPlan {
  /** The planner that made it. */
  readonly planner: string;
  /** Predicted iteration time, in whole ticks of the problem's unit time. */
  readonly plannedTimeS: number;
  /** Predicted energy of one iteration of one pipeline, all its GPUs, blocking included. */
  readonly plannedEnergyJ: number;
  /** Per instruction of the DAG. */
  readonly frequencyMHz: Float64Array;
  /** Per instruction: the predicted duration. */
  readonly durationTicks: Int32Array;
}

/** One point of a time–energy frontier: one iteration of one pipeline, all its GPUs. */
export interface FrontierPoint {
  readonly timeS: number;
  readonly energyJ: number;
}

/**
 * The result of a planner: one plan, or a frontier of plans.
 *
 * @example
 * ```ts
 * import type { FrequencyPlan, FrontierPoint, Plans } from 'pipewatt/planner';
 * import { InfeasibleDeadlineError } from 'pipewatt/planner';
 *
 * export function plansOf(plan: FrequencyPlan): Plans {
 *   const point: FrontierPoint = { timeS: plan.plannedTimeS, energyJ: plan.plannedEnergyJ };
 *   return {
 *     pointCount: 1,
 *     point: () => point,
 *     fastest: plan,
 *     planAt: (deadlineS) => {
 *       if (point.timeS <= deadlineS) return plan;
 *       throw new InfeasibleDeadlineError(deadlineS, point.timeS);
 *     },
 *     forStraggler: () => plan,
 *   };
 * }
 * ```
 */
export interface Plans {
  /** Frontier points, slowest first; a planner that makes one plan has one point. */
  readonly pointCount: number;
  point(index: number): FrontierPoint;
  /** The plan of a job without stragglers; the same as `forStraggler(0)`. */
  readonly fastest: FrequencyPlan;
  /**
   * The cheapest plan that finishes within the deadline.
   * @throws InfeasibleDeadlineError if even the fastest plan is slower.
   */
  planAt(deadlineS: number): FrequencyPlan;
  /**
   * The plan to run while a straggler holds the job up to `stragglerTimeS`: the frontier's at
   * min(T', T*), or the fastest plan if that is slower still (Perseus, SOSP '24, section 4).
   */
  forStraggler(stragglerTimeS: number): FrequencyPlan;
}

/** Receives the fraction of the planning that is done, from 0 to 1, now and then. */
export type PlanningProgress = (part: number) => void;

/**
 * Version of this interface, and of the JSON that planner commands read and write in its place.
 *
 * @example
 * ```ts
 * import { PLANNER_INTERFACE_VERSION } from 'pipewatt/planner';
 *
 * console.log(PLANNER_INTERFACE_VERSION); // 1
 * ```
 */
export const PLANNER_INTERFACE_VERSION = 1;

/**
 * Plans as data, which a module or a command may return instead of `Plans`; the same as in JSON.
 *
 * @example
 * ```ts
 * import type { ModuleProblem, PlanDocument } from 'pipewatt/planner';
 *
 * export function documentOf({ dag, operations }: ModuleProblem, timeS: number): PlanDocument {
 *   const options = Array.from(dag.operation, (op) => operations[op]!.allOptions[0]!);
 *   const frequencyMHz = options.map((option) => option.frequencyMHz);
 *   const energyJ = options.reduce((sum, option) => sum + option.energyJ, 0);
 *   return { version: 1, plans: [{ timeS, energyJ, frequencyMHz }] };
 * }
 * ```
 */
export interface PlanDocument {
  readonly version: typeof PLANNER_INTERFACE_VERSION;
  /** At least one, in any order. */
  readonly plans: readonly {
    readonly timeS: number;
    /** Of all GPUs, waiting included. */
    readonly energyJ: number;
    /** Per instruction of the DAG. */
    readonly frequencyMHz: readonly number[] | Float64Array;
  }[];
}

/**
 * A policy that chooses clocks. Planners hold no state: planning twice gives the same plans.
 *
 * @example
 * ```ts
 * import { perseus, type Planner, type PlanningProblem, type PlanningProgress } from 'pipewatt/planner';
 *
 * export const planner: Planner = {
 *   name: 'cool',
 *   plan: (problem: PlanningProblem, onProgress?: PlanningProgress) =>
 *     perseus.plan({ ...problem, blockingPowerW: 0.9 * problem.blockingPowerW }, onProgress),
 * };
 * ```
 */
export interface Planner {
  readonly name: string;
  /**
   * The interface version it was written for; a version other than this program's is rejected. Any
   * if left out.
   */
  readonly interfaceVersion?: number;
  plan(problem: PlanningProblem, onProgress?: PlanningProgress): Plans;
}

/** The members of `Plans` that version 1 of the interface requires of external planners. */
export type ModulePlans = Omit<Plans, 'fastest'>;

/** A planner with plans that must be checked before use (`checkedPlans`). */
export interface UncheckedPlanner extends Omit<Planner, 'plan'> {
  plan(problem: PlanningProblem): ModulePlans;
}

/**
 * A problem in version 1 of the interface, where the lags are two fields.
 *
 * @example
 * ```ts
 * import type { Lags, ModuleProblem, PlanningLags } from 'pipewatt/planner';
 *
 * export function lagsOf({ lags, lagTicks }: ModuleProblem): Lags | undefined {
 *   const both: PlanningLags | undefined = lags;
 *   return both?.ticks ?? lagTicks;
 * }
 * ```
 */
export interface ModuleProblem extends PlanningProblem {
  /** `lags.ticks` */
  readonly lagTicks?: Lags;
  /** `lags.exactS` */
  readonly lagS?: Lags;
}

/**
 * The export `planner`, or the default export, of a user's module: a `Planner`, or one that returns
 * its plans as data.
 *
 * @example
 * ```ts
 * import { perseus, type ModulePlans, type PlannerModule } from 'pipewatt/planner';
 *
 * export const planner: PlannerModule = {
 *   name: 'mine',
 *   interfaceVersion: 1,
 *   plan: (problem): ModulePlans => perseus.plan(problem),
 * };
 * ```
 */
export interface PlannerModule extends Omit<Planner, 'plan'> {
  plan(problem: ModuleProblem): ModulePlans | PlanDocument;
}
