import { InfeasibleDeadlineError } from '../../src/errors.js';
import {
  perseusPlanAt,
  perseusPlanForStraggler,
} from '../../src/planner/deadline/deadline-plan.js';
import type {
  FrequencyPlan,
  FrontierPoint,
  Planner,
  PlanningProblem,
  Plans,
} from '../../src/planner/planner.js';

/** Questions to a planner: its frontier alone, or also a plan. */
export type Question =
  | { readonly ask: 'frontier' }
  | { readonly ask: 'deadline'; readonly deadlineS: number }
  /** T'/T */
  | { readonly ask: 'straggler'; readonly slowdown: number }
  /** This many plans, evenly over the frontier. */
  | { readonly ask: 'plans'; readonly count: number };

/** A plan of a frontier, and the number of its point there. */
export interface NumberedPlan {
  readonly index: number;
  readonly plan: FrequencyPlan;
}

/** Plain data, so that it can come from another process. */
export interface PlannerAnswer {
  /** Slowest first. */
  readonly points: readonly FrontierPoint[];
  readonly plan?: FrequencyPlan;
  /** Slowest first; made one by one, as a frontier of them may not fit into memory. */
  readonly plans?: Iterable<NumberedPlan>;
  /** The time of the fastest plan, if no plan meets the deadline. */
  readonly fastestTimeS?: number;
}

/** Lets a planner plan, and asks it one question. */
export function askPlanner(
  planner: Planner,
  problem: PlanningProblem,
  question: Question,
): PlannerAnswer {
  return answerOf(planner.plan(problem), question);
}

/**
 * The plan of `perseus` that a question asks for, made without the rest of the frontier; undefined if
 * it asks for more than one plan.
 * @throws InfeasibleDeadlineError if no plan meets the deadline.
 */
export function planAlone(problem: PlanningProblem, question: Question): FrequencyPlan | undefined {
  switch (question.ask) {
    case 'deadline':
      return perseusPlanAt(problem, question.deadlineS);
    case 'straggler':
      return perseusPlanForStraggler(problem, question.slowdown);
    default:
      return undefined;
  }
}

/** The one plan of `plans` that a question asks for; undefined if it asks for more. */
export function planOf(plans: Plans, question: Question): FrequencyPlan | undefined {
  switch (question.ask) {
    case 'deadline':
      return plans.planAt(question.deadlineS);
    case 'straggler':
      return plans.forStraggler(question.slowdown * plans.fastest.plannedTimeS);
    default:
      return undefined;
  }
}

/** Answers a question with plans that are made. */
export function answerOf(plans: Plans, question: Question): PlannerAnswer {
  const points = Array.from({ length: plans.pointCount }, (_, k) => plans.point(k));
  const fastestTimeS = points.at(-1)!.timeS;
  switch (question.ask) {
    case 'frontier':
      return { points };
    case 'plans':
      return {
        points,
        plans: plansAt(plans, points, evenly(points.length, question.count)),
      };
    case 'straggler':
      return { points, plan: plans.forStraggler(question.slowdown * fastestTimeS) };
    case 'deadline':
      try {
        return { points, plan: plans.planAt(question.deadlineS) };
      } catch (error) {
        // An external planner may have its own class for this.
        if ((error as Error).name !== InfeasibleDeadlineError.name) throw error;
        return { points, fastestTimeS };
      }
  }
}

function* plansAt(
  plans: Plans,
  points: readonly FrontierPoint[],
  indexes: readonly number[],
): Generator<NumberedPlan> {
  for (const index of indexes) yield { index, plan: plans.planAt(points[index]!.timeS) };
}

/** Up to this many numbers from 0 to total − 1, both ends among them; the fastest one alone. */
export function evenly(total: number, count: number): number[] {
  if (count === 1) return [total - 1];
  const shown = Math.min(total, count);
  return Array.from({ length: shown }, (_, k) =>
    Math.round(((total - 1) * k) / Math.max(1, shown - 1)),
  );
}
