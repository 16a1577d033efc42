import { pathTimes } from '../../src/pipeline/critical-path.js';
import type { FrequencyPlan, PlanningProblem, Plans } from '../../src/planner/planner.js';
import { secondsFromTicks } from '../../src/units.js';

/** Deadlines and promises are held to this, relative: sums of the same times differ in last bits. */
const ROUNDING = 1e-9;

/** What is wrong with plans that a planner returned. */
export class BrokenPlan extends Error {
  override readonly name = 'BrokenPlan';
}

/**
 * Checks a plan before anything is done with it: a clock of the profile for every instruction,
 * numbers that are numbers, and clocks that keep both the deadline and the promised time, counted
 * in ticks as planners count or in exact times. O(instructions + arcs).
 *
 * @param deadlineS that the plan was asked for; left out, only its promise is held against it.
 * @throws BrokenPlan with the instruction, what was found and what is allowed.
 */
export function checkPlan(problem: PlanningProblem, plan: FrequencyPlan, deadlineS?: number): void {
  const { frequencyMHz, plannedTimeS, plannedEnergyJ } = plan;
  const { instructionCount } = problem.dag;
  if (frequencyMHz.length !== instructionCount) {
    throw new BrokenPlan(
      `found clocks for ${frequencyMHz.length} instructions, expected ${instructionCount}`,
    );
  }
  for (const [name, value] of [
    ['promised time', plannedTimeS],
    ['promised energy', plannedEnergyJ],
  ] as const) {
    if (!Number.isFinite(value)) throw new BrokenPlan(`found a ${name} of ${value}`);
  }
  const lengthS = shortestCounted(problem, frequencyMHz);
  refuseIfLonger(lengthS, plannedTimeS, 'it promises');
  if (deadlineS !== undefined) refuseIfLonger(lengthS, deadlineS, 'the deadline is');
}

/** @throws BrokenPlan when a planner has no plan, or its frontier does not go from slow to fast. */
export function checkFrontier(plans: Plans): void {
  if (!(plans.pointCount >= 1)) throw new BrokenPlan('found no plan at all');
  let before = Infinity;
  for (let k = 0; k < plans.pointCount; k++) {
    const { timeS, energyJ } = plans.point(k);
    if (!Number.isFinite(timeS) || !Number.isFinite(energyJ)) {
      throw new BrokenPlan(`point ${k} of the frontier is ${timeS} s, ${energyJ} J`);
    }
    if (!(timeS < before)) {
      throw new BrokenPlan(
        `point ${k} of the frontier takes ${timeS} s, not less than the ${before} s before it; points go from slow to fast`,
      );
    }
    before = timeS;
  }
}

function refuseIfLonger(lengthS: number, limitS: number, what: string): void {
  if (lengthS <= limitS * (1 + ROUNDING)) return;
  throw new BrokenPlan(`its clocks take ${lengthS} s, but ${what} ${limitS} s`);
}

/** The iteration's time in ticks rounded down, or exact: whichever is less. */
function shortestCounted(problem: PlanningProblem, frequencyMHz: Float64Array): number {
  const { dag, operations, unitTimeS, lagTicks, lagS } = problem;
  const byClock = operations.map(
    ({ allOptions }) => new Map(allOptions.map((option) => [option.frequencyMHz, option])),
  );
  const options = Array.from(frequencyMHz, (clock, i) => {
    const op = dag.operation[i]!;
    const option = byClock[op]!.get(clock);
    if (option !== undefined) return option;
    const known = operations[op]!.allOptions.map((o) => o.frequencyMHz);
    throw new BrokenPlan(
      `found a clock of ${clock} MHz for instruction ${i} (${operations[op]!.kind} on stage ${dag.stage[i]!}), expected one of its ${known.length} from ${Math.min(...known)} to ${Math.max(...known)} MHz`,
    );
  });
  const ticks = Float64Array.from(options, ({ durationTicks }) => durationTicks);
  const timeS = Float64Array.from(options, (option) => option.timeS);
  return Math.min(
    secondsFromTicks(pathTimes(dag, ticks, lagTicks).length, unitTimeS),
    pathTimes(dag, timeS, lagS).length,
  );
}
