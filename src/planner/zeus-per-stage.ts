import type { Planner, PlanningProblem } from './planner.js';
import { PlanList } from './plan-list.js';
import { pipelineWaitingW } from './planning-problem.js';
import { optionUnderLimit, powerLimits } from './power-limit.js';
import { planOfOptions } from './single-plan.js';

/**
 * Zeus with a power limit per stage, a baseline of Perseus (SOSP '24, section 6): for each limit of
 * the heaviest stage, every other stage takes the limit that brings its forward time closest to the
 * heaviest stage's. It balances forwards and ignores the pipeline's critical path.
 *
 * @example
 * ```ts
 * import { zeusPerStage, type PlannerModule } from 'pipewatt/planner';
 *
 * export const planner: PlannerModule = { ...zeusPerStage, name: 'mine' };
 * ```
 */
export const zeusPerStage: Planner = {
  name: 'zeus-per-stage',
  plan: (problem) => {
    const { dag, operations } = problem;
    const plans = stageLimits(problem).map((limitsW) => {
      const options = operations.map((operation) =>
        optionUnderLimit(operation, limitsW[operation.stage]!),
      );
      return planOfOptions('zeus-per-stage', problem, (i) => options[dag.operation[i]!]!);
    });
    return new PlanList(plans, pipelineWaitingW(problem));
  },
};

/** One limit per stage for every step of the sweep; ends when a stage reaches the lowest limit. */
function stageLimits(problem: PlanningProblem): number[][] {
  const limits = powerLimits(problem);
  const lowest = limits.at(-1)!;
  const stages = Array.from({ length: problem.dag.stageCount }, (_, stage) => stage);
  const forwards = stages.map((stage) =>
    problem.operations.filter(
      (operation) => operation.stage === stage && operation.kind === 'forward',
    ),
  );
  /** Summed over all parts of the model that the stage holds. */
  const forwardS = (stage: number, limitW: number): number =>
    forwards[stage]!.reduce((sum, operation) => sum + optionUnderLimit(operation, limitW).timeS, 0);
  const heaviest = stages.reduce((a, b) =>
    forwardS(b, limits[0]!) > forwardS(a, limits[0]!) ? b : a,
  );
  const sweep: number[][] = [];
  for (const limitW of limits) {
    const targetS = forwardS(heaviest, limitW);
    const chosen = stages.map((stage) =>
      stage === heaviest
        ? limitW
        : closestLimit(limits, (candidateW) => Math.abs(forwardS(stage, candidateW) - targetS)),
    );
    sweep.push(chosen);
    if (chosen.includes(lowest)) break;
  }
  return sweep;
}

/** Searches downwards, and stops when the distance grows again. */
function closestLimit(limits: readonly number[], distance: (limitW: number) => number): number {
  let best = limits[0]!;
  for (const limitW of limits) {
    if (distance(limitW) > distance(best)) break;
    best = limitW;
  }
  return best;
}
