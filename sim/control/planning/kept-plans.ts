import { InputError } from '../../../src/errors.js';
import { checkFrontierSize, frontierSize } from '../../../src/planner/perseus/frontier-size.js';
import type {
  FrequencyPlan,
  FrontierPoint,
  Planner,
  PlanningProgress,
  Plans,
} from '../../../src/planner/planner.js';
import {
  FRONTIER_POLICIES,
  POLICY_NAMES,
  POLICY_VOCABULARY,
  type PolicyName,
} from '../../../src/planner/policy-names.js';
import { suggestion, understood } from '../../../src/vocabulary.js';
import { PlanCache } from '../../run/plan-cache.js';
import { policyPlans, type DeployedPlans, type PolicyPlans } from '../../run/policy-plans.js';
import { scenarioSetting, type Setting } from '../../scenario/scenario-setting.js';
import type { CatalogLibrary } from '../../hardware/catalog-library.js';
import { pipelineClocks } from './pipeline-clocks.js';
import type { PlannedSchedules, PlanningRequest } from './planning-request.js';
import { jobStragglers } from './reported-stragglers.js';
import { SERVED_SCENARIO, servedScenario } from './served-scenario.js';
import { servedLibrary } from './served-library.js';

/** Points of a frontier that are shown; the first and the last one are among them. */
const MOST_SHOWN = 300;
/** Choices for stragglers that are remembered before all of them are made anew. */
const MOST_CHOICES = 256;
/** Points of a frontier that one job of many may have: 80 MB, and seconds to minutes. */
const MOST_POINTS = 1e7;
/** Visits of instructions that take more than a second or two. */
const LONG_VISITS = 6e6;

/**
 * The part of a request that its plans follow from, as text; stragglers only choose among them. A plan
 * file is served without planning.
 */
export function plansKey(request: PlanningRequest): string {
  const { jobId, degrees, scenarioText, profileCsv, policy } = request;
  return JSON.stringify([jobId, degrees, scenarioText, profileCsv, policy]);
}

/** The settings of planning that are not part of a request. */
export interface PlanningMeans {
  /** A plug-in that was loaded; then the request's policy is only its name. */
  readonly planner?: Planner | undefined;
  readonly onProgress?: PlanningProgress | undefined;
  /** Called before planning that takes more than a second or two. */
  readonly onLong?: (() => void) | undefined;
}

interface Kept {
  readonly key: string;
  readonly setting: Setting;
  readonly policy: PolicyName | Planner;
  readonly cache: PlanCache;
  readonly frontier: readonly FrontierPoint[];
  plans: PolicyPlans;
  choices: number;
}

/**
 * The plans of one job, kept from one request to the next: a request that differs from the one
 * before only in its stragglers costs the choice of a point.
 */
export class KeptPlans {
  private kept: Kept | undefined;

  /** @param libraryOf the catalog, with the uploaded profile as its only file. */
  constructor(
    private readonly libraryOf: (profileCsv: string | undefined) => CatalogLibrary = servedLibrary,
  ) {}

  /**
   * Answers a request.
   * @throws InputError with every problem of the request.
   */
  answer(request: PlanningRequest, means: PlanningMeans = {}): PlannedSchedules {
    const key = plansKey(request);
    if (this.kept?.key !== key) {
      // The plans before must not take up memory while others are made.
      this.kept = undefined;
      this.kept = this.made(key, request, means);
    }
    const { kept } = this;
    if (++kept.choices > MOST_CHOICES) {
      kept.plans = policyPlans(kept.setting, kept.policy, undefined, kept.cache);
      kept.choices = 0;
    }
    const { plans, setting, frontier } = kept;
    const slow = jobStragglers(request, plans.problem, plans.fastest);
    return schedules(setting, plans, plans.forStragglers(slow), frontier);
  }

  private made(key: string, request: PlanningRequest, means: PlanningMeans): Kept {
    const policy = means.planner ?? policyNamed(request.policy);
    const library = this.libraryOf(request.profileCsv);
    const { scenario, profile } = servedScenario(request.scenarioText, request.degrees, library);
    // Simulated stragglers are not known to a job: those that it has are reported.
    const setting = scenarioSetting({ ...scenario, stragglers: [] }, profile);
    if (typeof policy === 'string' && FRONTIER_POLICIES.has(policy)) {
      checkFrontierSize(setting.problem, {
        source: SERVED_SCENARIO,
        field: 'unitTimeS',
        scale: setting.scale,
        instead: 'plan fewer microbatches',
        mostPoints: MOST_POINTS,
      });
      if (frontierSize(setting.problem).visits > LONG_VISITS) means.onLong?.();
    }
    const cache = new PlanCache(1);
    means.onProgress?.(0);
    const plans = policyPlans(setting, policy, means.onProgress, cache);
    const frontier = thinnedOut(plans.plans);
    return { key, setting, policy, cache, plans, frontier, choices: 0 };
  }
}

/**
 * Plans a job once: what `startPlanning` does in threads.
 * @throws InputError with every problem of the request.
 */
export function plannedSchedules(
  request: PlanningRequest,
  means: PlanningMeans = {},
): PlannedSchedules {
  return new KeptPlans().answer(request, means);
}

/** The built-in policy of a name; undefined if it is a plug-in's. */
export function builtInPolicy(name: string): PolicyName | undefined {
  return understood(POLICY_VOCABULARY, name);
}

function policyNamed(name: string): PolicyName {
  const known = builtInPolicy(name);
  if (known !== undefined) return known;
  throw InputError.of({
    source: 'policy',
    message: `found "${name}", expected ${POLICY_NAMES.join(', ')}${suggestion(POLICY_VOCABULARY, name)}`,
  });
}

function schedules(
  { dag }: Setting,
  { policy, fastest, plans }: PolicyPlans,
  { healthy, ofStragglers, stragglerTimeS }: DeployedPlans,
  frontier: readonly FrontierPoint[],
): PlannedSchedules {
  return {
    policy,
    healthy: pipelineClocks(healthy, dag),
    ofStragglers: Object.fromEntries(
      [...ofStragglers].map(([pipeline, plan]) => [pipeline, pipelineClocks(plan, dag)]),
    ),
    frontier,
    frontierPoints: plans.pointCount,
    fastest: pointOf(fastest),
    chosen: pointOf(healthy),
    stragglerTimeS,
  };
}

function pointOf({ plannedTimeS, plannedEnergyJ }: FrequencyPlan): FrontierPoint {
  return { timeS: plannedTimeS, energyJ: plannedEnergyJ };
}

function thinnedOut(plans: Plans): FrontierPoint[] {
  const shown = Math.min(plans.pointCount, MOST_SHOWN);
  return Array.from({ length: shown }, (_, k) =>
    plans.point(shown === 1 ? 0 : Math.round((k * (plans.pointCount - 1)) / (shown - 1))),
  );
}
