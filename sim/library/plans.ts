import * as z from 'zod';
import { InfeasibleDeadlineError, InputError, type Problem } from '../../src/errors.js';
import { ProblemGathering } from '../../src/problem-list.js';
import { MOST_INSTRUCTIONS } from '../../src/pipeline/schedules.js';
import { oneFOneB } from '../../src/pipeline/one-f-one-b.js';
import { checkFrontierSize } from '../../src/planner/perseus/frontier-size.js';
import type {
  FrequencyPlan,
  FrontierPoint,
  PlanningProblem,
  Plans,
} from '../../src/planner/planner.js';
import { planningProblem } from '../../src/planner/planning-problem.js';
import { POLICIES } from '../../src/planner/policies.js';
import {
  FRONTIER_POLICIES,
  POLICY_NAMES,
  type PolicyName,
} from '../../src/planner/policy-names.js';
import { checkUnitTime, defaultUnitTime } from '../../src/profile/operation-costs.js';
import { scaleProfile, type StageProfile } from '../../src/profile/stage-profile.js';
import { LIBRARY } from '../disk/catalog-files.js';
import { quantityField } from '../hardware/quantity-schema.js';
import { estimateNotes } from '../report/text/estimate-sentences.js';
import { profileNotes } from '../report/text/run-sentences.js';
import { withLikelyError } from '../scenario/estimate.js';
import { estimateOfFile } from '../scenario/scenario-profile.js';
import { asPromise } from './as-promise.js';
import { checkedOptions } from './checked-options.js';
import { shownPlan, type Plan } from './plan.js';
import { profileField, readProfile, type ProfileRow } from './profile-rows.js';

/**
 * Asks for one plan of a frontier: for a deadline in s, or for a straggler that takes this many times
 * as long as the fastest plan.
 *
 * @example
 * ```ts
 * import type { PlanQuestion } from 'pipewatt';
 *
 * const questions: PlanQuestion[] = [{ deadlineS: 3.2 }, { straggler: 1.2 }];
 * console.log(questions.length); // 2
 * ```
 */
export type PlanQuestion = { readonly deadlineS: number } | { readonly straggler: number };

/**
 * The options of `planFrontier`, which plans a 1F1B pipeline of the profile's stages.
 *
 * @example
 * ```ts
 * import { planFrontier, type PlanOptions } from 'pipewatt';
 *
 * const options: PlanOptions = { profile: 'profile.csv', microbatches: 4, blockingPowerW: 80 };
 * const { points } = await planFrontier({ ...options, policy: 'envpipe' });
 * console.log(points.length); // 1
 * ```
 */
export interface PlanOptions {
  /** A profile's CSV, as a path from the working directory or as rows. */
  readonly profile: string | readonly ProfileRow[];
  /** Per pipeline and iteration. */
  readonly microbatches: number;
  /** Power of one GPU that waits, W. */
  readonly blockingPowerW: number;
  /** GPUs of one stage; default: 1. */
  readonly tensorParallel?: number | undefined;
  /** Real work of a stage divided by the profiled work; default: 1. */
  readonly scale?: number | undefined;
  /**
   * Unit time of the planner, s, before `scale`; default: fine enough for 0.1 % of an instruction, or a
   * tenth of the likely error of times that were not measured, up to 1 %.
   */
  readonly unitTimeS?: number | undefined;
  /** The planner; default: `perseus`. */
  readonly policy?: PolicyName | undefined;
  /** Plans to return besides the list of points; default: none. */
  readonly plansFor?: readonly PlanQuestion[] | undefined;
}

/**
 * A time–energy frontier, one iteration of one pipeline with all its GPUs.
 *
 * @example
 * ```ts
 * import { planFrontier, type Frontier } from 'pipewatt';
 *
 * const options = { profile: 'profile.csv', microbatches: 4, blockingPowerW: 80 };
 * const frontier: Frontier = await planFrontier(options);
 * console.log(frontier.unitTimeS, frontier.points.length > 100); // 0.00005 true
 * ```
 */
export interface Frontier {
  /** Unit time of the planner, s: the distance between the points of `perseus`. */
  readonly unitTimeS: number;
  /** s and J, slowest first; the last one is the fastest plan. */
  readonly points: readonly FrontierPoint[];
  /** The answers to `plansFor`, in its order. */
  readonly plans: readonly Plan[];
  /** Notes for readers of the figures, as sentences: estimates, guesses. */
  readonly notes: readonly string[];
}

/**
 * Plans a pipeline from a profile: the whole time–energy frontier, and the clocks of the requested
 * plans.
 *
 * @throws InputError with every problem of the options and the profile; with deadlines that no plan
 *   meets, and the time of the fastest plan.
 *
 * @example
 * ```ts
 * import { planFrontier } from 'pipewatt';
 *
 * const { points, plans } = await planFrontier({
 *   profile: 'profile.csv',
 *   microbatches: 4,
 *   blockingPowerW: 80,
 *   plansFor: [{ deadlineS: 0.8 }],
 * });
 * console.log(points.at(-1)?.timeS.toFixed(3), plans[0]?.plannedTimeS.toFixed(3)); // 0.750 0.800
 * ```
 */
export function planFrontier(options: PlanOptions): Promise<Frontier> {
  return asPromise(() => frontierOf(options, (_, make) => make()));
}

/** The plans known for a question; calls `make` if there are none. */
export type RememberedPlans = (key: string, make: () => Plans) => Plans;

/** As `planFrontier`. @param remembered has the plans of earlier calls. */
export function frontierOf(options: PlanOptions, remembered: RememberedPlans): Frontier {
  const { asked, profile, text } = checkedPlanning(options);
  const estimate = estimateOfFile(text, LIBRARY);
  const problem = problemOf(asked, withLikelyError(profile, estimate));
  const { policy, plansFor, profile: _, ...numbers } = asked;
  const key = JSON.stringify([policy, numbers, text]);
  const plans = remembered(key, () => POLICIES[policy].plan(problem));
  return {
    unitTimeS: problem.unitTimeS,
    points: Array.from({ length: plans.pointCount }, (_, k) => plans.point(k)),
    plans: answers(plans, plansFor, problem).map((plan) =>
      shownPlan(policy, plan, problem.dag, problem.unitTimeS),
    ),
    notes: [
      ...(estimate === undefined ? [] : estimateNotes(estimate)),
      ...profileNotes(profile.notes),
    ],
  };
}

/** Name of the function in messages. */
const CALL = 'planFrontier';

/** Most points listed: more do not fit into memory. */
const MOST_LISTED = 2_000_000;

const optionsSchema = z.strictObject({
  profile: profileField,
  microbatches: z.int().min(1).max(100_000),
  blockingPowerW: quantityField('waitingPowerW'),
  tensorParallel: z.int().min(1).max(1024).default(1),
  scale: quantityField('scale').default(1),
  unitTimeS: quantityField('unitTimeS').optional(),
  policy: z.enum(POLICY_NAMES).default('perseus'),
  plansFor: z
    .array(
      z.union([
        z.strictObject({ deadlineS: z.number().gt(0).max(1e9) }),
        z.strictObject({ straggler: quantityField('slowdown') }),
      ]),
    )
    .default([]),
});

type CheckedOptions = z.output<typeof optionsSchema>;

/** @throws InputError with every problem of the options, the profile, and both together. */
function checkedPlanning(options: PlanOptions) {
  const gathering = new ProblemGathering();
  const asked = gathering.attempt(() => checkedOptions(optionsSchema, options, CALL));
  const { profile: given } = Object(options) as Partial<PlanOptions>;
  const isGiven = typeof given === 'string' || Array.isArray(given);
  const read = isGiven ? gathering.attempt(() => readProfile(given, CALL)) : undefined;
  if (asked !== undefined && read !== undefined) {
    gathering.add(...misfits(asked, read.profile));
    if (asked.unitTimeS !== undefined) {
      const { unitTimeS } = asked;
      gathering.attempt(() => {
        checkUnitTime(read.profile, unitTimeS, { source: CALL, field: 'unitTimeS' });
      });
    }
  }
  gathering.throwIfAny();
  return { asked: asked!, ...read! };
}

/** @throws InputError if its frontier is too long to be listed. */
function problemOf(asked: CheckedOptions, profile: StageProfile): PlanningProblem {
  const { scale, blockingPowerW, unitTimeS = defaultUnitTime(profile) } = asked;
  const dag = oneFOneB(profile.stages.length, asked.microbatches);
  const problem = planningProblem(dag, scaleProfile(profile, scale), {
    // Ticks count the profile's own time, so that a scaled frontier is the profile's, multiplied.
    unitTimeS: unitTimeS * scale,
    blockingPowerW,
    gpusPerStage: asked.tensorParallel,
  });
  if (FRONTIER_POLICIES.has(asked.policy)) {
    const instead = 'plan fewer microbatches';
    const unit = { source: CALL, field: 'unitTimeS', scale, instead, mostPoints: MOST_LISTED };
    checkFrontierSize(problem, unit);
  }
  return problem;
}

/** Finds options that are valid alone, but not with this profile. */
function misfits(
  { microbatches, blockingPowerW }: CheckedOptions,
  profile: StageProfile,
): Problem[] {
  const most = Math.floor(MOST_INSTRUCTIONS / (2 * profile.stages.length));
  const highestW = profile.stages
    .flatMap(({ forward, backward }) => [...forward, ...backward])
    .reduce((highest, { energyJ, timeS }) => Math.max(highest, energyJ / timeS), 0);
  return [
    ...(microbatches <= most
      ? []
      : [
          {
            field: 'microbatches',
            message: `found ${microbatches} for ${profile.stages.length} stages, expected at most ${most}`,
          },
        ]),
    ...(blockingPowerW <= highestW
      ? []
      : [
          {
            field: 'blockingPowerW',
            message: `found ${blockingPowerW}, expected at most what computing draws at the highest clock, ${Math.floor(highestW)} W`,
          },
        ]),
  ].map((problem) => ({ source: CALL, ...problem }));
}

/** @throws InputError with every deadline that no plan meets. */
function answers(
  plans: Plans,
  questions: CheckedOptions['plansFor'],
  problem: PlanningProblem,
): FrequencyPlan[] {
  const problems: Problem[] = [];
  const fastestS = plans.point(plans.pointCount - 1).timeS;
  const found = questions.flatMap((question, k) => {
    if ('straggler' in question) return [plans.forStraggler(question.straggler * fastestS)];
    try {
      return [plans.planAt(question.deadlineS)];
    } catch (error) {
      if (!(error instanceof InfeasibleDeadlineError)) throw error;
      problems.push({
        source: CALL,
        field: `plansFor.${k}.deadlineS`,
        message: `found ${question.deadlineS} s, expected at least ${error.fastestTimeS} s, which the fastest plan of ${problem.dag.instructionCount} instructions takes`,
      });
      return [];
    }
  });
  if (problems.length > 0) throw new InputError(problems);
  return found;
}
