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

/**
 * Relative tolerance for deadlines and promises: sums of the same times differ in the last bits.
 */
const ROUNDING = 1e-9;

/**
 * Plans with an untrusted planner: it gets its own copy of the problem, so that its changes affect
 * nothing else, and every plan it returns is checked before use.
 *
 * @throws BrokenPlanError if it returns anything but `Plans`; also rethrows the planner's errors.
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

/** The durations that a plan promises, or those of its clocks if it promises none. */
function durationsOf({ dag, operations }: PlanningProblem, plan: FrequencyPlan): Int32Array {
  const { frequencyMHz, durationTicks } = plan as Partial<FrequencyPlan>;
  if (durationTicks?.length === dag.instructionCount) return durationTicks;
  return Int32Array.from(frequencyMHz!, (clock, i) => {
    const { allOptions } = operations[dag.operation[i]!]!;
    return allOptions.find((option) => option.frequencyMHz === clock)!.durationTicks;
  });
}

/** A planner with all plans checked, including the points of its frontier. */
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
    throw new BrokenPlanError(`plan() returned a promise; ${expected}, not a promise of them`);
  }
  if (typeof plans !== 'object' || plans === null) {
    throw new BrokenPlanError(`plan() returned ${String(plans)}; ${expected}`);
  }
  const members = plans as Record<string, unknown>;
  const missing = [
    // Not read yet: a planner may count its points only on demand, and take its time.
    ...('pointCount' in members ? [] : ['pointCount']),
    ...METHODS.filter((name) => typeof members[name] !== 'function'),
  ];
  if (missing.length > 0) {
    throw new BrokenPlanError(`the result of plan() has no ${missing.join(', no ')}; ${expected}`);
  }
}

/**
 * Checks a plan before use: a clock of the profile for every instruction, finite numbers, and
 * clocks that meet both the deadline and the promised time, counted either in ticks, as planners
 * do, or in exact times. O(instructions + arcs).
 *
 * @param deadlineS requested for the plan; if left out, only its promised time is checked.
 * @throws BrokenPlanError with the instruction, the value found and the allowed ones.
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

/**
 * @throws BrokenPlanError if a planner has no plan, or its frontier does not go from slow to
 *   fast.
 */
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

/** The iteration's time, in ticks rounded down or exact, whichever is less. */
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
