import { BrokenPlanError } from '../../src/errors.js';
import { least, most } from '../../src/extremes.js';
import { pathTimes } from '../../src/pipeline/critical-path.js';
import type {
  FrequencyPlan,
  Planner,
  PlanningProblem,
  Plans,
  UncheckedPlanner,
} from '../../src/planner/planner.js';
import { secondsFromTicks } from '../../src/units.js';

/** Deadlines and promises are held to this, relative: sums of the same times differ in last bits. */
const ROUNDING = 1e-9;

/**
 * Plans with a planner that nobody knows yet: it gets a problem of its own, so that what it does to
 * it touches nobody, and every plan it returns is checked before it is used.
 *
 * @throws BrokenPlanError when it returns anything but `Plans`; whatever the planner throws.
 */
export function checkedPlans(planner: UncheckedPlanner, problem: PlanningProblem): Plans {
  const plans = planner.plan(structuredClone(problem));
  checkIsPlans(plans);
  const checked = (plan: FrequencyPlan, deadlineS?: number): FrequencyPlan => {
    checkPlan(problem, plan, deadlineS);
    return { ...plan, durationTicks: durationsOf(problem, plan) };
  };
  return {
    get pointCount() {
      return plans.pointCount;
    },
    point: (k) => plans.point(k),
    get fastest() {
      return checked(plans.forStraggler(0));
    },
    planAt: (deadlineS) => checked(plans.planAt(deadlineS), deadlineS),
    forStraggler: (timeS) => checked(plans.forStraggler(timeS)),
  };
}

/** The durations that a plan promises, or those of its clocks where it says nothing of them. */
function durationsOf({ dag, operations }: PlanningProblem, plan: FrequencyPlan): Int32Array {
  const { frequencyMHz, durationTicks } = plan as Partial<FrequencyPlan>;
  if (durationTicks?.length === dag.instructionCount) return durationTicks;
  return Int32Array.from(frequencyMHz!, (clock, i) => {
    const { allOptions } = operations[dag.operation[i]!]!;
    return allOptions.find((option) => option.frequencyMHz === clock)!.durationTicks;
  });
}

/** A planner all of whose plans are checked, the points of its frontier too. */
export function checkedPlanner(planner: UncheckedPlanner): Planner {
  return {
    name: planner.name,
    plan: (problem) => {
      const plans = checkedPlans(planner, problem);
      checkFrontier(plans);
      return plans;
    },
  };
}

const METHODS = ['point', 'planAt', 'forStraggler'] as const;

function checkIsPlans(plans: unknown): void {
  const expected = 'expected plans: pointCount, point(k), planAt(deadlineS), forStraggler(timeS)';
  if (plans instanceof Promise) {
    throw new BrokenPlanError(`plan() returned a promise; ${expected}, and at once`);
  }
  if (typeof plans !== 'object' || plans === null) {
    throw new BrokenPlanError(`plan() returned ${String(plans)}; ${expected}`);
  }
  const members = plans as Record<string, unknown>;
  const missing = [
    // Not read yet: a planner may count its points only when it is asked, and take its time.
    ...('pointCount' in members ? [] : ['pointCount']),
    ...METHODS.filter((name) => typeof members[name] !== 'function'),
  ];
  if (missing.length > 0) {
    throw new BrokenPlanError(`what plan() returned has no ${missing.join(', no ')}; ${expected}`);
  }
}

/**
 * Checks a plan before anything is done with it: a clock of the profile for every instruction,
 * numbers that are numbers, and clocks that keep both the deadline and the promised time, counted
 * in ticks as planners count or in exact times. O(instructions + arcs).
 *
 * @param deadlineS that the plan was asked for; left out, only its promise is held against it.
 * @throws BrokenPlanError with the instruction, what was found and what is allowed.
 */
function checkPlan(problem: PlanningProblem, plan: FrequencyPlan, deadlineS?: number): void {
  checkIsPlan(plan);
  const { frequencyMHz, plannedTimeS, plannedEnergyJ } = plan;
  const { instructionCount } = problem.dag;
  if (frequencyMHz.length !== instructionCount) {
    throw new BrokenPlanError(
      `found clocks for ${frequencyMHz.length} instructions, expected ${instructionCount}`,
    );
  }
  for (const [name, value] of [
    ['promised time', plannedTimeS],
    ['promised energy', plannedEnergyJ],
  ] as const) {
    if (!Number.isFinite(value)) throw new BrokenPlanError(`found a ${name} of ${value}`);
  }
  const lengthS = shortestCounted(problem, frequencyMHz);
  refuseIfLonger(lengthS, plannedTimeS, 'it promises');
  if (deadlineS !== undefined) refuseIfLonger(lengthS, deadlineS, 'the deadline is');
}

function checkIsPlan(plan: unknown): void {
  const { frequencyMHz } = (plan ?? {}) as Record<string, unknown>;
  if (ArrayBuffer.isView(frequencyMHz) || Array.isArray(frequencyMHz)) return;
  const found =
    typeof plan === 'object' && plan !== null ? 'a plan without frequencyMHz' : String(plan);
  throw new BrokenPlanError(`found ${found}, expected a plan with a clock per instruction`);
}

/** @throws BrokenPlanError when a planner has no plan, or its frontier does not go from slow to fast. */
export function checkFrontier(plans: Plans): void {
  if (!(plans.pointCount >= 1)) throw new BrokenPlanError('found no plan at all');
  let before = Infinity;
  for (let k = 0; k < plans.pointCount; k++) {
    const { timeS, energyJ } = plans.point(k);
    if (!Number.isFinite(timeS) || !Number.isFinite(energyJ)) {
      throw new BrokenPlanError(`point ${k} of the frontier is ${timeS} s, ${energyJ} J`);
    }
    if (!(timeS < before)) {
      throw new BrokenPlanError(
        `point ${k} of the frontier takes ${timeS} s, not less than the ${before} s before it; points go from slow to fast`,
      );
    }
    before = timeS;
  }
}

function refuseIfLonger(lengthS: number, limitS: number, what: string): void {
  if (lengthS <= limitS * (1 + ROUNDING)) return;
  throw new BrokenPlanError(`its clocks take ${lengthS} s, but ${what} ${limitS} s`);
}

/** The iteration's time in ticks rounded down, or exact: whichever is less. */
function shortestCounted(problem: PlanningProblem, frequencyMHz: Float64Array): number {
  const { dag, operations, unitTimeS, lags } = problem;
  const byClock = operations.map(
    ({ allOptions }) => new Map(allOptions.map((option) => [option.frequencyMHz, option])),
  );
  const options = Array.from(frequencyMHz, (clock, i) => {
    const op = dag.operation[i]!;
    const option = byClock[op]!.get(clock);
    if (option !== undefined) return option;
    const known = operations[op]!.allOptions.map((o) => o.frequencyMHz);
    throw new BrokenPlanError(
      `found a clock of ${clock} MHz for instruction ${i} (${operations[op]!.kind} on stage ${dag.stage[i]!}), expected one of its ${known.length} from ${least(known)} to ${most(known)} MHz`,
    );
  });
  const ticks = Float64Array.from(options, ({ durationTicks }) => durationTicks);
  const timeS = Float64Array.from(options, (option) => option.timeS);
  return Math.min(
    secondsFromTicks(pathTimes(dag, ticks, lags?.ticks).length, unitTimeS),
    pathTimes(dag, timeS, lags?.exactS).length,
  );
}
