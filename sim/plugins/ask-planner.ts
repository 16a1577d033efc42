import { InfeasibleDeadlineError } from '../../src/errors.js';
import type {
  FrequencyPlan,
  FrontierPoint,
  Planner,
  PlanningProblem,
} from '../../src/planner/planner.js';

/** Questions to a planner: its frontier alone, or also a plan. */
export type Question =
  | { readonly ask: 'frontier' }
  | { readonly ask: 'deadline'; readonly deadlineS: number }
  /** T'/T */
  | { readonly ask: 'straggler'; readonly slowdown: number };

/** Plain data, so that it can come from another process. */
export interface PlannerAnswer {
  /** Slowest first. */
  readonly points: readonly FrontierPoint[];
  readonly plan?: FrequencyPlan;
  /** The time of the fastest plan, if no plan meets the deadline. */
  readonly fastestTimeS?: number;
}

/** Lets a planner plan, and asks it one question. */
export function askPlanner(
  planner: Planner,
  problem: PlanningProblem,
  question: Question,
): PlannerAnswer {
  const plans = planner.plan(problem);
  const points = Array.from({ length: plans.pointCount }, (_, k) => plans.point(k));
  if (question.ask === 'frontier') return { points };
  const fastestTimeS = points.at(-1)!.timeS;
  if (question.ask === 'straggler') {
    return { points, plan: plans.forStraggler(question.slowdown * fastestTimeS) };
  }
  try {
    return { points, plan: plans.planAt(question.deadlineS) };
  } catch (error) {
    // An external planner may have its own class for this.
    if ((error as Error).name !== InfeasibleDeadlineError.name) throw error;
    return { points, fastestTimeS };
  }
}
