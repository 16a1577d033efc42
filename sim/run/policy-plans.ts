import { groupBy } from '../../src/groups.js';
import { lastPassing } from '../../src/last-passing.js';
import { least } from '../../src/extremes.js';
import { InputError } from '../../src/errors.js';
import { checkFrontierSize } from '../../src/planner/perseus/frontier-size.js';
import { planningProblem } from '../../src/planner/planning-problem.js';
import type {
  FrequencyPlan,
  Planner,
  PlanningProblem,
  PlanningProgress,
  Plans,
} from '../../src/planner/planner.js';
import { withinClocks } from '../../src/profile/restrict.js';
import { bookEnergy } from '../energy/ledger.js';
import { dataParallelJob, type Clocks, type Straggler } from '../training/data-parallel.js';
import { simulateJob } from '../training/job.js';
import { isPlain } from '../training/plain-straggler.js';
import type { LivePlans } from './live-plans.js';
import { PlanCache } from './plan-cache.js';
import { stragglerTime } from './planned-job.js';
import { POLICIES } from '../../src/planner/policies.js';
import { FRONTIER_POLICIES, type PolicyName } from '../../src/planner/policy-names.js';
import type { Setting } from '../scenario/scenario-setting.js';

/** A planner that was handed its plans: it has no others for lower clocks. */
interface GivenPlanner extends Planner {
  readonly isGiven: true;
}

/** The plans that a policy deploys in a scenario. */
export interface PolicyPlans {
  readonly policy: string;
  /** The problem that it planned: the scenario's, or one with lower clocks if power is limited. */
  readonly problem: PlanningProblem;
  /** Its fastest plan that the site's power allows: for healthy times, and for stragglers. */
  readonly fastest: FrequencyPlan;
  /** The plans of pipelines while these are slow, within one iteration. */
  forStragglers(stragglers: readonly Straggler[]): DeployedPlans;
  /** All plans: points of the frontier, slowest first. */
  readonly plans: Plans;
  /** If a run has to wait for its plans: `forStragglers` then knows only those it waited for. */
  readonly live?: LivePlans;
}

/** The plans of pipelines while some of them are slow. */
export interface DeployedPlans {
  /** T': the slowest straggler's time with the fastest plan, or the deadline, in the planner's time. */
  readonly stragglerTimeS: number;
  /** The plan for T'. */
  readonly healthy: FrequencyPlan;
  /**
   * Plans of stragglers, by pipeline. One that holds up the job runs the fastest plan; one that takes
   * only T'' < T' with it runs the plan that takes T' / T'' times as long.
   */
  readonly ofStragglers: ReadonlyMap<number, FrequencyPlan>;
}

/**
 * Plans a scenario with a policy.
 * @param policy a built-in one, or an external planner.
 * @param cache holds its frontier, or stores it.
 * @throws InputError if no plan stays within the job's power, or a frontier does not fit into memory.
 */
export function policyPlans(
  setting: Setting,
  policy: PolicyName | Planner,
  onProgress?: PlanningProgress,
  cache = new PlanCache(),
): PolicyPlans {
  const planner = typeof policy === 'string' ? POLICIES[policy] : policy;
  const made = cache.plansOf(setting.scenario, planner.name, () => {
    if (planner === POLICIES[planner.name as PolicyName] && FRONTIER_POLICIES.has(planner.name)) {
      const { askedBy, scale } = setting;
      const instead = 'leave the policy out';
      const unit = { source: askedBy, field: 'unitTimeS', scale, instead };
      checkFrontierSize(setting.problem, unit);
    }
    return planner.plan(setting.problem, onProgress);
  });
  const { plans, fastest, problem } = fastestWithinPower(setting, planner, made);
  checkDeadline(setting, fastest);
  const known = new Map<string, DeployedPlans>();
  return {
    policy: planner.name,
    problem,
    fastest,
    plans,
    forStragglers: (stragglers) => {
      const key = JSON.stringify(stragglers);
      const deployed = known.get(key) ?? deploy(setting, { plans, fastest, problem }, stragglers);
      known.set(key, deployed);
      return deployed;
    },
  };
}

/** Times that differ by less are the same: plans are made in whole ticks. */
const SAME_TIME = 1 + 1e-9;
/** A plan may take this many times as long as it promises: durations become clocks. */
const TURNS_OUT = 1.002;

/** @throws InputError if an iteration takes longer than it may, however fast. */
function checkDeadline({ scenario, askedBy }: Setting, { plannedTimeS }: FrequencyPlan): void {
  const { deadlineS = Infinity } = scenario;
  if (plannedTimeS <= deadlineS * TURNS_OUT) return;
  throw InputError.of({
    source: askedBy,
    field: 'deadlineS',
    message: `found ${deadlineS} s, but an iteration takes ${Number(plannedTimeS.toPrecision(5))} s with the fastest plan; allow at least that`,
  });
}

/** Plans for stragglers: all pipelines end with the slowest one, or when the scenario lets them. */
function deploy(
  setting: Setting,
  { plans, fastest, problem }: Found,
  stragglers: readonly Straggler[],
): DeployedPlans {
  const { deadlineS = 0 } = setting.scenario;
  if (stragglers.length === 0 && deadlineS <= fastest.plannedTimeS) {
    return { stragglerTimeS: fastest.plannedTimeS, healthy: fastest, ofStragglers: new Map() };
  }
  const byPipeline = groupBy(stragglers, ({ pipeline }) => pipeline);
  const slow = [...byPipeline].map(([pipeline, causes]) => {
    return { pipeline, causes, timeS: ownTime(setting, problem, fastest, fastest, causes) };
  });
  const meetS = Math.max(fastest.plannedTimeS, deadlineS, ...slow.map(({ timeS }) => timeS));
  const planOf = ({ causes, timeS }: (typeof slow)[number]): FrequencyPlan => {
    if (timeS * SAME_TIME >= meetS) return fastest;
    const slower = plans.forStraggler((fastest.plannedTimeS * meetS) / timeS);
    // A plan has no slack: a slowdown at one place may cost it more than it costs the fastest.
    const slowerS = ownTime(setting, problem, fastest, slower, causes);
    return slowerS <= meetS * TURNS_OUT ? slower : fastest;
  };
  return {
    stragglerTimeS: meetS,
    healthy: plans.forStraggler(meetS),
    ofStragglers: new Map(slow.map((straggler) => [straggler.pipeline, planOf(straggler)])),
  };
}

/** The time of a pipeline with a plan, slowed by these causes, in the planner's time. */
function ownTime(
  setting: Setting,
  problem: PlanningProblem,
  fastest: FrequencyPlan,
  plan: FrequencyPlan,
  causes: readonly Straggler[],
): number {
  if (causes.every(isPlain)) {
    const all = causes.reduce((product, { slowdown }) => product * slowdown, 1);
    return stragglerTime(problem, plan, all);
  }
  // Planned times are rounded to ticks: simulated times are scaled in proportion.
  const healthyS = endTime(setting, fastest, []);
  return (fastest.plannedTimeS * endTime(setting, plan, causes)) / healthyS;
}

/** The end of a pipeline that runs a plan, slowed by these causes; simulated. */
export function endTime(setting: Setting, plan: Clocks, causes: readonly Straggler[]): number {
  const stragglers = causes.map((cause) => ({ ...cause, pipeline: 0 }));
  return simulateJob(dataParallelJob({ ...setting, pipelineCount: 1, plan, stragglers })).meetS;
}

interface Found {
  readonly plans: Plans;
  readonly fastest: FrequencyPlan;
  readonly problem: PlanningProblem;
}

/**
 * The fastest plan whose mean power, simulated without stragglers, is within the job's limit: the
 * fastest such point of a frontier, else the plan made with a highest clock that is low enough.
 */
function fastestWithinPower(setting: Setting, planner: Planner, plans: Plans): Found {
  const { problem, scenario } = setting;
  const fastest = plans.fastest;
  const limitW = scenario.power.jobLimitW;
  if (limitW === undefined || meanPower(setting, fastest) <= limitW) {
    return { plans, fastest, problem };
  }
  const slowerBy = largestWithin(plans.pointCount, (k) => {
    return meanPower(setting, planAtPoint(plans, k)) <= limitW;
  });
  if (slowerBy !== undefined) return { plans, fastest: planAtPoint(plans, slowerBy), problem };
  if (isGiven(planner))
    throw tooMuchPower(setting, planner, meanPower(setting, planAtPoint(plans, 0)));
  const clocksMHz = distinctClocks(setting);
  const capped = (k: number): Found => {
    const where = { source: setting.askedBy, field: 'power.jobLimitW' };
    const profile = withinClocks(setting.profile, { highestMHz: clocksMHz[k]! }, where);
    const below = planningProblem(setting.dag, profile, setting.planning);
    const found = planner.plan(below);
    return { plans: found, fastest: found.fastest, problem: below };
  };
  const cap = largestWithin(clocksMHz.length, (k) => {
    return meanPower(setting, capped(k).fastest) <= limitW;
  });
  if (cap !== undefined) return capped(cap);
  throw tooMuchPower(setting, planner, meanPower(setting, capped(0).fastest));
}

/** @param lowestW of all that the planner can do. */
function tooMuchPower(
  { askedBy, scenario }: Setting,
  planner: Planner,
  lowestW: number,
): InputError {
  const at = isGiven(planner) ? 'with its slowest plan' : 'at the lowest clocks';
  return InputError.of({
    source: askedBy,
    field: 'power.jobLimitW',
    message: `found ${scenario.power.jobLimitW!} W, but ${planner.name} draws ${Math.ceil(lowestW)} W ${at}; allow at least that`,
  });
}

function isGiven(planner: Planner | GivenPlanner): planner is GivenPlanner {
  return 'isGiven' in planner;
}

function planAtPoint(plans: Plans, k: number): FrequencyPlan {
  return plans.planAt(plans.point(k).timeS);
}

/** Every possible clock limit for all instructions, lowest first. */
function distinctClocks({ profile }: Setting): number[] {
  const ofStage = profile.stages.flatMap((stage) => [stage.forward, stage.backward]);
  const lowestOfAll = Math.max(
    ...ofStage.map((options) => least(options.map((o) => o.frequencyMHz))),
  );
  const clocks = ofStage.flatMap((options) => options.map((o) => o.frequencyMHz));
  return [...new Set(clocks)].filter((clock) => clock >= lowestOfAll).sort((a, b) => a - b);
}

/** The last of 0 … count − 1 that passes a test that all later ones fail; undefined if none does. */
function largestWithin(count: number, passes: (k: number) => boolean): number | undefined {
  if (!passes(0)) return undefined;
  return lastPassing(0, count - 1, passes);
}

/** Mean power of the whole job over an iteration without stragglers. */
function meanPower(setting: Setting, plan: FrequencyPlan): number {
  const job = dataParallelJob({ ...setting, stragglers: [], pipelineCount: 1, plan });
  const record = simulateJob(job);
  const { totalJ } = bookEnergy(job, record, setting.gpus);
  return (setting.scenario.pipelines * totalJ) / record.iterationTimeS;
}
