import { groupBy } from '../../src/groups.js';
import { mean } from 'simple-statistics';
import { maxFrequency } from '../../src/planner/max-frequency.js';
import type { FrequencyPlan, UncheckedPlanner } from '../../src/planner/planner.js';
import {
  pipelineWaitingW,
  planningProblem,
  type PlanningSettings,
} from '../../src/planner/planning-problem.js';
import { scaleProfile, type StageProfile } from '../../src/profile/stage-profile.js';
import { drawTruncatedNormal } from '../kernel/distributions.js';
import { randomStream } from '../kernel/random-streams.js';
import { bootstrapInterval, type Interval } from '../run/bootstrap.js';
import { scenarioSetting, type Setting } from '../scenario/scenario-setting.js';
import { addJitter } from '../training/jitter.js';
import { checkedPlans } from './check-plan.js';
import { realise, type RealisedPlan } from './judge-planner.js';
import type { JudgedCase } from './suites.js';

/**
 * Ways in which reality may differ from the assumptions of a plan, with the level in percent:
 * - jitter: standard deviation of each instruction's time, unknown when planning;
 * - wrong-profile: times and energies of each operation are measured too high or too low by this
 *   much;
 * - stale-profile: since the measurement, the work of each stage has changed by this much
 *   (standard deviation over stages);
 * - blocking-power: the assumed power of waiting is too high by this much.
 */
export const DISTURBANCES = {
  jitter: [0, 1, 2, 4, 8],
  'wrong-profile': [0, 1, 2, 5, 10],
  'stale-profile': [0, 2, 5, 10, 20],
  'blocking-power': [-50, -25, -10, 0, 10, 25, 50],
} as const;

export type Disturbance = keyof typeof DISTURBANCES;

/** T'/T of the iterations that plans are made for: none waits, or all wait for a straggler. */
const SLOWDOWNS = [1, 1.2] as const;

/** The saving that is left of a plan in one case, once. */
export interface Outcome {
  readonly disturbance: Disturbance;
  readonly levelPct: number;
  readonly slowdown: number;
  /** Time beyond that of the highest clocks, or of the straggler, in the same disturbed world. */
  readonly slowerPct: number;
  /** Energy below that of the highest clocks, both waiting for the last to finish. */
  readonly savingPct: number;
  /**
   * The same for a plan made with full knowledge, for the same slowdown; for jitter: without
   * jitter.
   */
  readonly informedSavingPct: number;
}

/**
 * Lets a planner plan on its assumptions, and executes the plans in a world that differs from them.
 * The same seeds disturb every planner in the same way.
 *
 * @param seeds number of disturbances drawn of each kind and level.
 * @throws BrokenPlanError, or any error of the planner.
 */
export function caseRobustness(
  planner: UncheckedPlanner,
  judged: JudgedCase,
  seeds: number,
): Outcome[] {
  const setting = scenarioSetting(judged.scenario, judged.source);
  const { profile, planning } = setting;
  const plansFor = (belief: Partial<Belief>) =>
    slowdownPlans(planner, setting, { profile, planning, ...belief });
  const knowing = plansFor({});
  const truth = { setting };
  const outcomes: Outcome[] = [];
  const add = (
    disturbance: Disturbance,
    levelPct: number,
    found: Execution,
    informed: Execution,
  ) => {
    for (const slowdown of SLOWDOWNS) {
      outcomes.push({ disturbance, levelPct, slowdown, ...outcomeOf(found, informed, slowdown) });
    }
  };
  for (const levelPct of DISTURBANCES['blocking-power']) {
    const blockingPowerW = planning.blockingPowerW * (1 + levelPct / 100);
    const mistaken = plansFor({ planning: { ...planning, blockingPowerW } });
    add('blocking-power', levelPct, [mistaken, truth], [knowing, truth]);
  }
  for (let seed = 1; seed <= seeds; seed++) {
    for (const levelPct of DISTURBANCES.jitter) {
      const world = { setting, factors: jitterFactors(setting, levelPct / 100, seed) };
      add('jitter', levelPct, [knowing, world], [knowing, truth]);
    }
    for (const levelPct of DISTURBANCES['wrong-profile']) {
      const mistaken = plansFor({ profile: mismeasured(profile, levelPct / 100, seed) });
      add('wrong-profile', levelPct, [mistaken, truth], [knowing, truth]);
    }
    for (const levelPct of DISTURBANCES['stale-profile']) {
      const drift = driftOfStages(profile.stages.length, levelPct / 100, seed);
      const { operation, operations } = setting.dag;
      const factors = Float64Array.from(operation, (op) => drift[operations[op]!.modelStage]!);
      const world = { setting, factors };
      const fresh = plansFor({ profile: drifted(profile, drift) });
      add('stale-profile', levelPct, [knowing, world], [fresh, world]);
    }
  }
  return outcomes;
}

/** Plans by slowdown, and the world in which they are executed. */
type Execution = readonly [SlowdownPlans, World];

/** The results of plans in a disturbed world, beside those of plans made with knowledge of it. */
function outcomeOf(
  [planAt, world]: Execution,
  [informedPlanAt, informedWorld]: Execution,
  slowdown: number,
): Pick<Outcome, 'slowerPct' | 'savingPct' | 'informedSavingPct'> {
  const found = execute(world, planAt(slowdown), slowdown);
  const usual = execute(informedWorld, informedPlanAt(slowdown), slowdown);
  // A run that is late is compared with a plan that was to take that much longer than usual.
  const later = found.slowdown / usual.slowdown;
  const informed =
    later > 1 ? execute(informedWorld, informedPlanAt(slowdown * later), found.slowdown) : usual;
  return {
    slowerPct: Math.max(0, 100 * (found.slowdown / slowdown - 1)),
    savingPct: found.savingPct,
    informedSavingPct: informed.savingPct,
  };
}

/** The problem as told to the planner. */
interface Belief {
  readonly profile: StageProfile;
  readonly planning: PlanningSettings;
}

/** The world in which plans are executed. */
interface World {
  readonly setting: Setting;
  /** Per instruction: factor on its duration. */
  readonly factors?: Float64Array;
}

type SlowdownPlans = (slowdown: number) => FrequencyPlan;

/** Plans by slowdown; the straggler's time is given in multiples of the planner's own. */
function slowdownPlans(
  planner: UncheckedPlanner,
  { dag }: Setting,
  { profile, planning }: Belief,
): SlowdownPlans {
  const plans = checkedPlans(planner, planningProblem(dag, profile, planning));
  const fastest = plans.fastest;
  return (slowdown) =>
    slowdown === 1 ? fastest : plans.forStraggler(slowdown * fastest.plannedTimeS);
}

/**
 * A plan against the highest clocks in the same world. The first to finish waits for the other, and
 * both wait for the straggler: a late plan saves no energy by being late.
 */
function execute(
  { setting, factors }: World,
  plan: FrequencyPlan,
  slowdown: number,
): { readonly slowdown: number; readonly savingPct: number } {
  const highest = maxFrequency.plan(setting.problem).fastest;
  const baseline = realise(setting, highest, factors);
  const realised = realise(setting, plan, factors);
  const untilS = Math.max(slowdown * baseline.timeS, realised.timeS);
  const waitingW = pipelineWaitingW(setting.problem);
  const until = ({ timeS, energyJ }: RealisedPlan) => energyJ + waitingW * (untilS - timeS);
  return {
    slowdown: untilS / baseline.timeS,
    savingPct: 100 * (1 - until(realised) / until(baseline)),
  };
}

function jitterFactors({ dag }: Setting, instructionSd: number, seed: number): Float64Array {
  const factors = new Float64Array(dag.instructionCount).fill(1);
  // Jitter that is common to an iteration affects all plans alike.
  const model = { instructionSd, iterationSd: 0, gpuSd: 0 };
  addJitter(factors, dag, model, { seed, pipeline: 0, iteration: 0 });
  return factors;
}

/** Times and energies of each operation, off by a fraction, up or down at random. */
function mismeasured(profile: StageProfile, part: number, seed: number): StageProfile {
  const uniform = randomStream(seed, 'robustness/wrong-profile');
  const off = () => (uniform() < 0.5 ? 1 - part : 1 + part);
  const measured = (options: StageProfile['stages'][number]['forward']) => {
    const [time, energy] = [off(), off()];
    return options.map((option) => ({
      ...option,
      timeS: time * option.timeS,
      energyJ: energy * option.energyJ,
    }));
  };
  return {
    ...profile,
    stages: profile.stages.map(({ forward, backward }) => ({
      forward: measured(forward),
      backward: measured(backward),
    })),
  };
}

/** No stage loses more than this of its work. */
const LEAST_DRIFT = 0.2;

function driftOfStages(count: number, sd: number, seed: number): Float64Array {
  const uniform = randomStream(seed, 'robustness/stale-profile');
  return Float64Array.from({ length: count }, () =>
    Math.max(LEAST_DRIFT, 1 + sd * drawTruncatedNormal(uniform)),
  );
}

/** The profile as it would be measured now: more work takes longer at the same power. */
function drifted(profile: StageProfile, drift: Float64Array): StageProfile {
  return {
    ...profile,
    stages: profile.stages.map(
      (stage, s) => scaleProfile({ ...profile, stages: [stage] }, drift[s]!).stages[0]!,
    ),
  };
}

/** One point of a planner's curve: means over cases and seeds. */
export interface RobustnessRow {
  readonly planner: string;
  readonly disturbance: Disturbance;
  readonly levelPct: number;
  readonly slowdown: number;
  readonly savingPct: number;
  /** 95 %, by bootstrap over cases and seeds. */
  readonly interval: Interval;
  readonly informedSavingPct: number;
  /** Fraction of the informed saving that is left; undefined if there is none to lose. */
  readonly survivesPct: number | undefined;
  readonly slowerPct: number;
}

/** A saving below this counts as none. */
const SMALLEST_SAVING_PCT = 0.05;

/** The curves of a planner. @param outcomes of all cases. */
export function robustnessRows(planner: string, outcomes: readonly Outcome[]): RobustnessRow[] {
  const groups = groupBy(outcomes, ({ disturbance, levelPct, slowdown }) =>
    JSON.stringify([disturbance, levelPct, slowdown]),
  );
  const order = Object.keys(DISTURBANCES);
  return [...groups.values()]
    .map((group) => rowOf(planner, group))
    .sort(
      (a, b) =>
        order.indexOf(a.disturbance) - order.indexOf(b.disturbance) ||
        a.slowdown - b.slowdown ||
        a.levelPct - b.levelPct,
    );
}

function rowOf(planner: string, group: readonly Outcome[]): RobustnessRow {
  const { disturbance, levelPct, slowdown } = group[0]!;
  const meanOf = (value: (outcome: Outcome) => number) => mean(group.map(value));
  const savingPct = meanOf((outcome) => outcome.savingPct);
  const informedSavingPct = meanOf((outcome) => outcome.informedSavingPct);
  return {
    planner,
    disturbance,
    levelPct,
    slowdown,
    savingPct,
    interval: bootstrapInterval(
      group.map((outcome) => outcome.savingPct),
      { seed: 1 },
    ),
    informedSavingPct,
    survivesPct:
      informedSavingPct < SMALLEST_SAVING_PCT ? undefined : (100 * savingPct) / informedSavingPct,
    slowerPct: meanOf((outcome) => outcome.slowerPct),
  };
}
