import { BrokenPlanError } from '../../src/errors.js';
import { staircase } from '../../src/lower-left.js';
import { least } from '../../src/extremes.js';
import { pathTimes } from '../../src/pipeline/critical-path.js';
import type {
  FrequencyPlan,
  PlanningProblem,
  Plans,
  UncheckedPlanner,
} from '../../src/planner/planner.js';
import { pipelineWaitingW } from '../../src/planner/planning-problem.js';
import { secondsFromTicks, ticksFromSeconds } from '../../src/units.js';
import { bookEnergy } from '../energy/ledger.js';
import { scenarioSetting, type Setting } from '../scenario/scenario-setting.js';
import { dataParallelJob } from '../training/data-parallel.js';
import { simulateJob } from '../training/job.js';
import { checkedPlans, checkFrontier } from './check-plan.js';
import type { JudgedCase } from './suites.js';

/** Deadlines of every case, as multiples of the shortest possible time. */
export const DEADLINE_FACTORS = [1.02, 1.05, 1.1, 1.2, 1.4] as const;

/** A plan as simulated: one iteration of one pipeline, all its GPUs. */
export interface RealisedPlan {
  readonly timeS: number;
  readonly energyJ: number;
}

/** A planner's results in a case: plain data that can be stored. */
export interface Performance {
  readonly name: string;
  /** Power of the pipeline while it waits. */
  readonly waitingPowerW: number;
  /** The shortest time that any clocks allow. */
  readonly leastTimeS: number;
  /** Of the planner's fastest plan. */
  readonly fastest: RealisedPlan;
  /** Simulated plans, fastest first, without those that a faster one beats. */
  readonly plans: readonly RealisedPlan[];
  readonly planningTimeS: number;
  /** The difference when the planner was asked the same again; absent if there was none. */
  readonly unrepeatable?: string | undefined;
}

/** A case in which a planner failed, and the failure. */
export interface Broken {
  readonly name: string;
  readonly broken: string;
}

export type Judgement = Performance | Broken;

export function isBroken(judged: Judgement): judged is Broken {
  return 'broken' in judged;
}

/** The relative precision at which searches for a planned time end. */
const SEARCH_STEPS = 12;

/**
 * Plans a case and simulates the plans. Every planner counts its planned times in its own way, so
 * for each deadline a search finds the planned time whose simulation meets it.
 *
 * @param alsoAtS further simulated times to judge at, besides the deadlines and its own fastest.
 * @param nowS a clock, for the planning time.
 * @returns a description of the failure instead, if there was one; never throws.
 */
export function judgePlanner(
  planner: UncheckedPlanner,
  { name, scenario, source }: JudgedCase,
  alsoAtS: readonly number[],
  nowS: () => number,
): Judgement {
  try {
    const setting = scenarioSetting(scenario, source);
    const startS = nowS();
    const plans = checkedPlans(planner, setting.problem);
    const fastestPlan = plans.fastest;
    const planningTimeS = nowS() - startS;
    checkFrontier(plans);
    const fastest = realise(setting, fastestPlan);
    const leastTimeS = leastTime(setting);
    const deadlinesS = [
      fastest.timeS,
      ...DEADLINE_FACTORS.map((factor) => factor * leastTimeS),
      ...alsoAtS,
    ];
    const found = deadlinesS.flatMap((deadlineS) =>
      plansKeeping(setting, plans, fastestPlan, fastest, deadlineS),
    );
    const waitingPowerW = pipelineWaitingW(setting.problem);
    const realised = worthKeeping([fastest, ...found], waitingPowerW);
    const again = repetition(planner, setting.problem, plans, fastestPlan);
    const unrepeatable = again === undefined ? {} : { unrepeatable: again };
    return {
      ...{ name, waitingPowerW, leastTimeS, fastest, plans: realised, planningTimeS },
      ...unrepeatable,
    };
  } catch (error) {
    return { name, broken: whatFailed(error) };
  }
}

/** A sentence for an error thrown by a planner, or for a fault in its result. */
export function whatFailed(error: unknown): string {
  if (error instanceof BrokenPlanError) return error.message;
  const message = error instanceof Error ? error.message : String(error);
  // On one line, because it becomes part of a sentence.
  return `it failed: ${message.trim().replace(/\s+/g, ' ')}`;
}

/** Problems with at most this many instructions are planned twice, to check determinism. */
const PLANNED_TWICE = 64;

/** Planners keep no state: asked the same again, they give the same answer. */
function repetition(
  planner: UncheckedPlanner,
  problem: PlanningProblem,
  plans: Plans,
  { frequencyMHz }: FrequencyPlan,
): string | undefined {
  const again = [
    ['asked twice for its fastest plan', () => plans],
    ['planning the same again', () => checkedPlans(planner, problem)],
  ] as const;
  const tried = problem.dag.instructionCount <= PLANNED_TWICE ? again : again.slice(0, 1);
  for (const [when, plansOf] of tried) {
    const other = plansOf().fastest.frequencyMHz;
    const differs = frequencyMHz.reduce((count, f, i) => count + (other[i] === f ? 0 : 1), 0);
    if (differs > 0) return `${when}, it changed ${differs} of ${other.length} clocks`;
  }
  return undefined;
}

function worthKeeping(plans: readonly RealisedPlan[], waitingPowerW: number): RealisedPlan[] {
  return staircase(
    plans,
    ({ timeS }) => timeS,
    ({ energyJ, timeS }) => energyJ - waitingPowerW * timeS,
  );
}

/**
 * The simulation of a plan.
 * @param factors on the duration of each instruction; 1 if left out.
 */
export function realise(
  setting: Setting,
  plan: FrequencyPlan,
  factors?: Float64Array,
): RealisedPlan {
  const job = dataParallelJob({
    ...setting,
    pipelineCount: 1,
    plan,
    stragglers: [],
    durationFactors: [factors],
  });
  const record = simulateJob(job);
  return {
    timeS: record.iterationTimeS,
    energyJ: bookEnergy(job, record, setting.gpus).totalJ,
  };
}

/**
 * Plans of a planner on both sides of a simulated time, closing in on the slowest that meets it.
 * The promise of each plan is checked against the requested time.
 */
function plansKeeping(
  setting: Setting,
  plans: Plans,
  fastestPlan: FrequencyPlan,
  fastest: RealisedPlan,
  deadlineS: number,
): RealisedPlan[] {
  if (fastest.timeS > deadlineS) return [];
  const { unitTimeS } = setting.problem;
  const found: RealisedPlan[] = [];
  // A planned time is at most slightly above the requested one; promises may be rounded down to
  // ticks.
  let low = ticksFromSeconds(fastestPlan.plannedTimeS, unitTimeS) + 1;
  let high = Math.max(low, ticksFromSeconds(deadlineS, unitTimeS));
  for (let step = 0; step < SEARCH_STEPS && low <= high; step++) {
    const ticks = step === 0 ? high : Math.floor((low + high) / 2);
    const wantedS = step === 0 ? deadlineS : secondsFromTicks(ticks, unitTimeS);
    // The same time may differ in the last bits between planner and simulator.
    const askedS = Math.max(wantedS, fastestPlan.plannedTimeS);
    const plan = plans.planAt(askedS);
    const realised = realise(setting, plan);
    found.push(realised);
    if (realised.timeS <= deadlineS) low = ticks + 1;
    else high = ticks - 1;
  }
  return found;
}

/** The iteration with every instruction at its fastest clock. */
function leastTime({ dag, problem, physics, planning }: Setting): number {
  const fastestS = problem.operations.map(({ allOptions }) =>
    least(allOptions.map(({ timeS }) => timeS)),
  );
  if (physics.length !== fastestS.length) throw new Error('an operation without physics');
  const timeS = Float64Array.from(dag.operation, (op) => fastestS[op]!);
  return pathTimes(dag, timeS, planning.lagS).length;
}

/** The least energy until a time, waiting included; infinite if no plan meets it. */
export function energyUntil({ plans, waitingPowerW }: Performance, timeS: number): number {
  // The same plan takes the same time; others may differ in the last bits.
  const inTime = plans.filter((plan) => plan.timeS <= timeS * (1 + 1e-12));
  return Math.min(
    Infinity,
    ...inTime.map((plan) => plan.energyJ + waitingPowerW * (timeS - plan.timeS)),
  );
}
