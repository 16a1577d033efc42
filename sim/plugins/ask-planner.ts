import { InfeasibleDeadlineError } from '../../src/errors.js';
import type {
  FrequencyPlan,
  FrontierPoint,
  Planner,
  PlanningProblem,
} from '../../src/planner/planner.js';

/** What can be asked of a planner at once: its frontier alone, or a plan besides. */
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
  /** There is no plan for the deadline: this is the time of the fastest. */
  readonly fastestTimeS?: number;
}

/** Has a planner plan, and asks it one question. */
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
    // A planner from elsewhere may have a class of its own for that.
    if ((error as Error).name !== InfeasibleDeadlineError.name) throw error;
    return { points, fastestTimeS };
  }
}
