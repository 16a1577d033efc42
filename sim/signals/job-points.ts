import { compensatedSum } from '../../src/compensated-sum.js';
import { least, most } from '../../src/extremes.js';
import type { FrequencyPlan, PlanningProblem } from '../../src/planner/planner.js';
import { FRONTIER_POLICIES, type PolicyName } from '../../src/planner/policy-names.js';
import { planningProblem } from '../../src/planner/planning-problem.js';
import { withinClocks } from '../../src/profile/restrict.js';
import { PlanCache } from '../run/plan-cache.js';
import { policyPlans, type DeployedPlans, type PolicyPlans } from '../run/policy-plans.js';
import { scenarioJitter } from '../run/scenario-jitter.js';
import { withDrawnStragglers } from '../run/stragglers-by-chance.js';
import { siteW, surroundingsOf } from '../run/surroundings.js';
import { trainingRun } from '../run/training-run.js';
import type { Scenario } from '../scenario/scenario-schema.js';
import type { Setting } from '../scenario/scenario-setting.js';
import type { Choice } from './least-cost.js';

/** One way to run a job: its clocks, and the time and power of an iteration as simulated. */
export interface JobPoint extends Choice {
  readonly policy: string;
  /** The pace that its clocks were asked for: they are `pipewatt plan --deadline` of it. */
  readonly paceS: number;
  /** Of pipelines that are not slow. */
  readonly plan: FrequencyPlan;
  /** Given to its planner. */
  readonly problem: PlanningProblem;
  /** Mean over the scenario's iterations and seeds. */
  readonly iterationS: number;
  /** Of all GPUs, mean over an iteration. */
  readonly gpuW: number;
}

/** The ways to run the job of a scenario. */
export interface JobPoints {
  /** All clocks at their highest. */
  readonly fullClocks: JobPoint;
  /** Along the frontier, the slowest first. */
  readonly frontier: readonly JobPoint[];
  /** One power limit for all GPUs, the lowest first. */
  readonly limits: readonly JobPoint[];
  /** All clocks at a low one, the lowest first: slower than the frontier, with less power. */
  readonly lowClocks: readonly JobPoint[];
  /** The point of the frontier for a pace. */
  frontierAt(paceS: number): JobPoint;
}

type Stragglers = Parameters<PolicyPlans['forStragglers']>[0];

/** Points of the frontier that are simulated: neighbours differ by a few thousandths of the time. */
const MOST_POINTS = 96;
const FEWEST_POINTS = 12;
/** Instructions that are simulated for all points together. */
const MOST_INSTRUCTIONS = 2e8;

/**
 * Plans and simulates a job at every pace from the fastest to the one that uses the least energy.
 *
 * @param gpus of the whole job.
 * @param onProgress receives the part that is done.
 * @throws InputError as `policyPlans` does.
 */
export function jobPoints(
  setting: Setting,
  gpus: number,
  cache: PlanCache,
  onProgress: (part: number) => void = () => undefined,
): JobPoints {
  const { scenario } = setting;
  const plansOf = (policy: PolicyName, share: number) =>
    policyPlans(
      setting,
      policy,
      (part) => {
        onProgress(share * part);
      },
      cache,
    );
  const plans = plansOf(frontierPolicy(scenario), 0.5);
  const limits = plansOf('zeus-global', 0.5);
  const pointAt = (policy: PolicyPlans, paceS: number) =>
    simulatedPoint(setting, gpus, policy, paceS);
  const [fastestS, slowestS] = pacesOf(setting, plans);
  const count = pointCount(setting);
  const frontier = Array.from({ length: count }, (_, k) => {
    onProgress(0.5 + (0.5 * k) / count);
    return pointAt(plans, slowestS - ((slowestS - fastestS) * k) / (count - 1));
  });
  const slowest = frontier[0]!;
  const ofLimits = Array.from(
    { length: limits.plans.pointCount },
    (_, k) => limits.plans.point(k).timeS,
  );
  const slowdown = fastestS / plans.fastest.plannedTimeS;
  return {
    fullClocks: pointAt(plansOf('max-frequency', 1), 0),
    frontier: distinct(frontier),
    limits: distinct(ofLimits.map((timeS) => pointAt(limits, timeS * slowdown))),
    lowClocks: lowClocks(setting, gpus).filter(({ rate }) => rate < slowest.rate),
    frontierAt: (paceS) => pointAt(plans, paceS),
  };
}

/** Low clocks that are simulated. */
const MOST_LOW_CLOCKS = 24;

/** Points with all clocks at the same one, from the lowest to the highest that all stages have. */
function lowClocks(setting: Setting, gpus: number): readonly JobPoint[] {
  const { profile, dag, planning, askedBy } = setting;
  const lists = profile.stages.flatMap(({ forward, backward }) => [forward, backward]);
  const lowest = lists.map((options) => least(options.map(({ frequencyMHz }) => frequencyMHz)));
  const all = new Set(lists.flatMap((options) => options.map(({ frequencyMHz }) => frequencyMHz)));
  const clocks = [...all].filter((clock) => clock >= most(lowest)).sort((a, b) => a - b);
  const step = Math.max(1, clocks.length / MOST_LOW_CLOCKS);
  const chosen = Array.from(
    { length: Math.min(clocks.length, MOST_LOW_CLOCKS) },
    (_, k) => clocks[Math.floor(k * step)]!,
  );
  return chosen.map((highestMHz) => {
    const lower = withinClocks(profile, { highestMHz }, { source: askedBy, field: 'clocks' });
    const problem = planningProblem(dag, lower, planning);
    // Plans of other clocks: they are none of the scenario's.
    const below = { ...setting, profile: lower, problem };
    const plans = policyPlans(below, 'max-frequency', undefined, new PlanCache());
    return simulatedPoint(setting, gpus, plans, 0);
  });
}

/** The first policy of a scenario that plans a frontier, or else Perseus. */
function frontierPolicy({ policies }: Scenario): PolicyName {
  return policies.find((policy) => FRONTIER_POLICIES.has(policy)) ?? 'perseus';
}

/** The paces of the fastest and of the slowest plans, in the planner's time, with all stragglers there. */
function pacesOf({ stragglers }: Setting, plans: PolicyPlans): readonly [number, number] {
  const all = stragglers.map(({ fromS, untilS, ...slowdown }) => slowdown);
  const { stragglerTimeS } = plans.forStragglers(all);
  const fastestS = Math.max(plans.fastest.plannedTimeS, stragglerTimeS);
  const slowestS = plans.plans.point(0).timeS * (fastestS / plans.fastest.plannedTimeS);
  return [fastestS, Math.max(fastestS, slowestS)];
}

/** As many as are simulated within a minute or two; with jitter all pipelines differ. */
function pointCount({ scenario, dag, stragglers }: Setting): number {
  const { jitter, sequenceLengths, randomStragglers, pipelines, iterations, seeds } = scenario;
  const isRandom = [jitter, sequenceLengths, randomStragglers].some((one) => one !== undefined);
  const distinctPipelines = isRandom ? pipelines : 1 + stragglers.length;
  const runs = isRandom || stragglers.length > 0 ? iterations * seeds : 1;
  const each = dag.instructionCount * distinctPipelines * runs;
  return Math.max(FEWEST_POINTS, Math.min(MOST_POINTS, Math.floor(MOST_INSTRUCTIONS / each)));
}

/** Points of different clocks. */
function distinct(points: readonly JobPoint[]): readonly JobPoint[] {
  return points.filter(
    ({ rate, powerW }, k) =>
      points.findIndex((other) => other.rate === rate && other.powerW === powerW) === k,
  );
}

function simulatedPoint(
  setting: Setting,
  gpus: number,
  plans: PolicyPlans,
  paceS: number,
): JobPoint {
  const { scenario } = setting;
  const paced = atPace(plans, paceS);
  const time = compensatedSum();
  const energy = compensatedSum();
  for (let k = 0; k < scenario.seeds; k++) {
    const seed = scenario.seed + k;
    const jitter = scenarioJitter(scenario, setting.dag, seed);
    const steps = withDrawnStragglers(setting, seed, function* (stragglers) {
      // Its plans are at hand: it waits for none.
      yield* [] as never[];
      const run = trainingRun({ ...setting, stragglers }, paced, 'notified', jitter);
      return { ...run, longestS: run.timeS };
    });
    const end = steps.next();
    if (end.done !== true) throw new Error('a run whose plans are at hand waits for none');
    time.add(end.value.timeS);
    energy.add(end.value.ledger.totalJ);
  }
  const iterationS = time.value() / (scenario.iterations * scenario.seeds);
  const gpuW = energy.value() / time.value();
  return {
    ...{ policy: plans.policy, paceS, iterationS, gpuW, rate: 1 / iterationS },
    ...{ plan: paced.forStragglers([]).healthy, problem: plans.problem },
    powerW: siteW(surroundingsOf(scenario), gpus, gpuW),
  };
}

/** Plans with which all pipelines take a pace, or the time of the slowest one if that is longer. */
function atPace(plans: PolicyPlans, paceS: number): PolicyPlans {
  const known = new Map<string, DeployedPlans>();
  const paced = (stragglers: Stragglers): DeployedPlans => {
    const fastest = plans.forStragglers(stragglers);
    const { stragglerTimeS, ofStragglers } = fastest;
    if (paceS <= stragglerTimeS) return fastest;
    const slower = (plan: FrequencyPlan) =>
      plans.plans.forStraggler((plan.plannedTimeS * paceS) / stragglerTimeS);
    return {
      stragglerTimeS: paceS,
      healthy: plans.plans.forStraggler(paceS),
      ofStragglers: new Map([...ofStragglers].map(([k, plan]) => [k, slower(plan)])),
    };
  };
  return {
    ...plans,
    forStragglers: (stragglers) => {
      const key = JSON.stringify(stragglers);
      const found = known.get(key) ?? paced(stragglers);
      known.set(key, found);
      return found;
    },
  };
}
