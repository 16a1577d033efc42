import { pathTimes } from '../../src/pipeline/critical-path.js';
import type { FrequencyPlan, Planner, Plans } from '../../src/planner/planner.js';
import { secondsFromTicks, ticksFromSeconds } from '../../src/units.js';
import { bookEnergy } from '../energy/ledger.js';
import { energyBound } from '../studies/energy-bound.js';
import { scenarioSetting, type Setting } from '../studies/scenario-setting.js';
import { dataParallelJob } from '../training/data-parallel.js';
import { simulateJob } from '../training/job.js';
import { BrokenPlan, checkFrontier, checkPlan } from './check-plan.js';
import type { JudgedCase } from './suites.js';

/** Deadlines of every case, as multiples of the least time that any clocks allow. */
export const DEADLINE_FACTORS = [1.02, 1.05, 1.1, 1.2, 1.4] as const;

/** A plan as it was simulated: one iteration of one pipeline, all its GPUs. */
export interface RealisedPlan {
  readonly timeS: number;
  readonly energyJ: number;
}

/** What a planner did in a case: plain data that can be stored. */
export interface Performance {
  readonly name: string;
  /** Power of the pipeline while it waits. */
  readonly waitingPowerW: number;
  /** The least time that any clocks allow. */
  readonly leastTimeS: number;
  /** Of the planner's fastest plan. */
  readonly fastest: RealisedPlan;
  /** What was simulated, fastest first, without plans that a faster one beats at their time. */
  readonly plans: readonly RealisedPlan[];
  readonly planningTimeS: number;
}

/** A case in which a planner failed, and how. */
export interface Broken {
  readonly name: string;
  readonly broken: string;
}

export type Judgement = Performance | Broken;

/** Searches for a planned time end when it is known to this, relative. */
const SEARCH_STEPS = 12;

/**
 * Plans a case and simulates what comes out. Planned times are promises, each planner's counted in
 * its own way, so for each deadline the planned time is searched whose simulated time keeps it.
 *
 * @param alsoAtS simulated times to be judged at besides the deadlines.
 * @param nowS a clock, for the planning time.
 * @returns what went wrong instead, if anything did; never throws.
 */
export function judgePlanner(
  planner: Planner,
  { name, scenario, source }: JudgedCase,
  alsoAtS: readonly number[],
  nowS: () => number,
): Judgement {
  try {
    const setting = scenarioSetting(scenario, source);
    const startS = nowS();
    const plans = planner.plan(setting.problem);
    const fastestPlan = plans.forStraggler(0);
    const planningTimeS = nowS() - startS;
    checkFrontier(plans);
    checkPlan(setting.problem, fastestPlan);
    const fastest = realise(setting, fastestPlan);
    const leastTimeS = leastTime(setting);
    const deadlinesS = [...DEADLINE_FACTORS.map((factor) => factor * leastTimeS), ...alsoAtS];
    const found = deadlinesS.flatMap((deadlineS) =>
      plansKeeping(setting, plans, fastestPlan, fastest, deadlineS),
    );
    const { dag, gpusPerStage, blockingPowerW } = setting.problem;
    const waitingPowerW = dag.stageCount * gpusPerStage * blockingPowerW;
    const realised = worthKeeping([fastest, ...found], waitingPowerW);
    return { name, waitingPowerW, leastTimeS, fastest, plans: realised, planningTimeS };
  } catch (error) {
    const { name: kind, message } = error as Error;
    return { name, broken: kind === BrokenPlan.name ? message : `it failed: ${message}` };
  }
}

function worthKeeping(plans: readonly RealisedPlan[], waitingPowerW: number): RealisedPlan[] {
  const effectiveJ = ({ energyJ, timeS }: RealisedPlan) => energyJ - waitingPowerW * timeS;
  const kept: RealisedPlan[] = [];
  for (const plan of [...plans].sort((a, b) => a.timeS - b.timeS || a.energyJ - b.energyJ)) {
    const before = kept.at(-1);
    if (before === undefined || effectiveJ(plan) < effectiveJ(before)) kept.push(plan);
  }
  return kept;
}

/**
 * The least energy that a case's deadlines need, by linear programming on the hull of the clocks
 * or by the exact frontier on it: no plan uses less.
 *
 * @param factors deadlines as multiples of the least time that any clocks allow.
 */
export async function leastEnergies(
  { scenario, source }: JudgedCase,
  factors: readonly number[],
): Promise<number[]> {
  const setting = scenarioSetting(scenario, source);
  const bound = await energyBound(setting);
  const leastTimeS = leastTime(setting);
  return factors.map((factor) =>
    bound.ofJob({ pipelines: 1, stragglers: [] }, factor * leastTimeS),
  );
}

/** What the simulator makes of a plan. */
export function realise(setting: Setting, plan: FrequencyPlan): RealisedPlan {
  const job = dataParallelJob({ ...setting, pipelineCount: 1, plan, stragglers: [] });
  const record = simulateJob(job);
  return {
    timeS: record.iterationTimeS,
    energyJ: bookEnergy(job, record, setting.gpus).totalJ,
  };
}

/**
 * Plans of a planner on both sides of a simulated time, closing in on the slowest that keeps it.
 * What a plan promises is checked against the time that was asked for.
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
  // A planned time is at most about what is asked for; promises may be rounded down to ticks.
  let low = ticksFromSeconds(fastestPlan.plannedTimeS, unitTimeS) + 1;
  let high = Math.max(low, ticksFromSeconds(deadlineS, unitTimeS));
  for (let step = 0; step < SEARCH_STEPS && low <= high; step++) {
    const ticks = step === 0 ? high : (low + high) >> 1;
    const wantedS = step === 0 ? deadlineS : secondsFromTicks(ticks, unitTimeS);
    // The same time may differ in the last bits between planner and simulator.
    const askedS = Math.max(wantedS, fastestPlan.plannedTimeS);
    const plan = plans.planAt(askedS);
    checkPlan(setting.problem, plan, askedS);
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
    Math.min(...allOptions.map(({ timeS }) => timeS)),
  );
  if (physics.length !== fastestS.length) throw new Error('an operation without physics');
  const timeS = Float64Array.from(dag.operation, (op) => fastestS[op]!);
  return pathTimes(dag, timeS, planning.lagS).length;
}

/** The least energy until a time, waiting included; infinite if no plan keeps it. */
export function energyUntil({ plans, waitingPowerW }: Performance, timeS: number): number {
  // The same plan takes the same time; others may differ in the last bits.
  const inTime = plans.filter((plan) => plan.timeS <= timeS * (1 + 1e-12));
  return Math.min(
    Infinity,
    ...inTime.map((plan) => plan.energyJ + waitingPowerW * (timeS - plan.timeS)),
  );
}
