import { InputError, type Problem } from '../../errors.js';
import { pathTimes } from '../../pipeline/critical-path.js';
import type { OperationCosts } from '../../profile/operation-costs.js';
import type { PlanningProblem } from '../planner.js';

/** Most points of a stored frontier: 8 bytes each, and a microsecond or more. */
const MOST_POINTS = 1e8;
/** Most changes of durations along it: up to 4.5 bytes each. */
const MOST_CHANGES = 2.5e8;
/** Visits of instructions that take a quarter of a minute or more. */
export const MANY_VISITS = 1e8;
/** Visits that take a second or less. */
const FEW_VISITS = 2e6;

/** The estimated size of a whole frontier, before it is planned. */
export interface FrontierSize {
  /** Between T* and T_min, a tick apart. */
  readonly points: number;
  /** Changes of durations: every instruction goes from its slowest to its fastest. */
  readonly changes: number;
  /**
   * The approximate number of visits of instructions: a search through the pipeline whenever a
   * marginal cost changes, plus the cut of every step. Two to 17 million take a second, the fewest
   * on the most stages (measured from 2 × 2,000 to 64 × 512).
   */
  readonly visits: number;
}

/** Estimates the size of a frontier. O(instructions). */
export function frontierSize(problem: PlanningProblem): FrontierSize {
  const { dag, operations, lags } = problem;
  const lengthAt = (ticksOf: (operation: OperationCosts) => number) =>
    pathTimes(
      dag,
      Float64Array.from(dag.operation, (op) => ticksOf(operations[op]!)),
      lags?.ticks,
    ).length;
  const ranges = operations.map(({ minTicks, maxTicks }) => maxTicks - minTicks);
  const points = 1 + lengthAt((op) => op.maxTicks) - lengthAt((op) => op.minTicks);
  return {
    points,
    changes: dag.operation.reduce((sum, op) => sum + ranges[op]!, 0),
    visits:
      dag.instructionCount * ranges.reduce((sum, ticks) => sum + ticks, 0) +
      2 * points * dag.stageCount,
  };
}

/** The source of a unit time, and the alternatives to changing it. */
export interface ChosenUnit extends Pick<Problem, 'source'> {
  /** Name of the unit time there. */
  readonly field: string;
  /** Length of the problem's ticks over the chosen unit time. */
  readonly scale: number;
  /** Advice besides choosing another unit time. */
  readonly instead: string;
  readonly mostPoints?: number;
}

/**
 * @throws InputError if a frontier does not fit into memory.
 */
export function checkFrontierSize(problem: PlanningProblem, unit: ChosenUnit): void {
  const { scale, instead, mostPoints = MOST_POINTS, ...where } = unit;
  const excess = frontierExcess(problem, mostPoints);
  if (excess <= 1) return;
  const { points, changes } = frontierSize(problem);
  const unitTimeS = problem.unitTimeS / scale;
  throw InputError.of({
    ...where,
    message:
      `found ${unitTimeS} s, at which the frontier of ${problem.dag.instructionCount} instructions has ${points} points and ${changes} changes of clocks, ` +
      `expected at most ${mostPoints} and ${MOST_CHANGES}; choose at least ${roundedUp(unitTimeS * excess)} s, or ${instead}`,
  });
}

/** The ratio of a frontier's size to the largest that is stored. */
export function frontierExcess(problem: PlanningProblem, mostPoints = MOST_POINTS): number {
  const { points, changes } = frontierSize(problem);
  return Math.max(points / mostPoints, changes / MOST_CHANGES);
}

/** Advice if a frontier takes minutes; undefined if it does not. */
export function slowFrontierAdvice(
  problem: PlanningProblem,
  { scale, field }: Pick<ChosenUnit, 'scale' | 'field'>,
): string | undefined {
  const { visits, points } = frontierSize(problem);
  if (visits <= MANY_VISITS) return undefined;
  const unitTimeS = problem.unitTimeS / scale;
  const shortest = problem.operations.reduce(
    (least, { minTicks }) => Math.min(least, minTicks),
    Infinity,
  );
  const faster = roundedUp((unitTimeS * visits) / FEW_VISITS);
  const fewest = (shortest * problem.unitTimeS) / scale / FEWEST_TICKS;
  const advised = Math.min(faster, roundedUp(fewest));
  const rounding = (100 * advised) / (shortest * unitTimeS);
  return (
    `planning ${points} points of ${problem.dag.instructionCount} instructions takes minutes at a unit time of ${unitTimeS} s; ` +
    `${field} ${advised} takes up to ${rounding.toFixed(1)} % off an instruction and is about ${Math.round(advised / unitTimeS)} times as fast`
  );
}

/** A tick coarser than a twentieth of the shortest instruction rounds away too much. */
const FEWEST_TICKS = 20;

/** The smallest number of one digit that is at least this large. */
function roundedUp(value: number): number {
  const unit = 10 ** Math.floor(Math.log10(value));
  return Number((Math.ceil(value / unit - 1e-9) * unit).toPrecision(1));
}
