import { InfeasibleDeadlineError, InputError } from '../../src/errors.js';
import { perseusOnDemand } from '../../src/planner/deadline/plans-on-demand.js';
import { slowFrontierAdvice } from '../../src/planner/perseus/frontier-size.js';
import type { Plans } from '../../src/planner/planner.js';
import { FRONTIER_POLICIES } from '../../src/planner/policy-names.js';
import { singlePlan } from '../../src/planner/single-plan.js';
import { answerOf, planOf, type PlannerAnswer, type Question } from '../plugins/ask-planner.js';
import { askExternal, type ExternalPlanner } from '../plugins/external-planner.js';
import { pipelinePlan, type PipelinePlan } from '../run/pipeline-plan.js';
import { policyPlans, type PolicyPlans } from '../run/policy-plans.js';
import { withLines, type LoadedScenario } from '../scenario/scenario.js';
import { scenarioSetting, type Setting } from '../scenario/scenario-setting.js';
import type { Planned } from './plan-contents.js';
import { tellOfProfile } from './profile-notes.js';
import { progressBar } from './progress.js';
import type { Terminal } from './terminal.js';

/** A scenario's file, read. */
export interface ScenarioInputs extends LoadedScenario {
  readonly path: string;
  readonly text: string;
}

/** A question to a planner, or the scenario's own: the plan of one of its pipelines. */
export type JobQuestion =
  | Question
  /** The first one that is not slow, if none is named. */
  | { readonly ask: 'pipeline'; readonly pipeline: number | undefined };

/**
 * Plans the job of a scenario.
 * @param isAlone whether a single plan may come without the frontier that it is on.
 */
export async function planScenario(
  { path, text, scenario, profile }: ScenarioInputs,
  planner: ExternalPlanner,
  question: JobQuestion,
  isAlone: boolean,
  terminal: Terminal,
): Promise<Planned> {
  tellOfProfile(profile.estimate, profile.profile.notes, terminal);
  try {
    const setting = scenarioSetting(scenario, profile);
    const planned =
      planner.source.kind === 'built-in'
        ? planBuiltIn(setting, planner.source.name, question, isAlone, terminal)
        : await planExternal(setting, planner, question);
    return { ...planned, planner: planner.name };
  } catch (error) {
    throw error instanceof InputError ? withLines(error, text, path) : error;
  }
}

type Found = Omit<Planned, 'planner'>;

function planBuiltIn(
  setting: Setting,
  policy: Parameters<typeof policyPlans>[1] & string,
  question: JobQuestion,
  isAlone: boolean,
  terminal: Terminal,
): Found {
  if (
    isAlone &&
    policy === perseusOnDemand.name &&
    setting.scenario.power.jobLimitW === undefined
  ) {
    const found = planOnDemand(setting, question);
    if (found !== undefined) return found;
  }
  const advice = FRONTIER_POLICIES.has(policy)
    ? slowFrontierAdvice(setting.problem, { scale: setting.scale, field: 'unitTimeS' })
    : undefined;
  if (advice !== undefined) terminal.err(`pipewatt: ${advice}\n`);
  const progress = progressBar(terminal);
  const plans = policyPlans(setting, policy, (part) => {
    progress.update(part, 1, 'frontier');
  });
  progress.stop();
  const { problem } = plans;
  const allowed = withinPower(plans);
  if (question.ask !== 'pipeline') {
    const answer = answerOf(allowed, question);
    if (question.ask === 'deadline' && answer.plan === undefined) {
      throw new InfeasibleDeadlineError(question.deadlineS, plans.fastest.plannedTimeS);
    }
    return { ...answer, problem, notes: [] };
  }
  const { points } = answerOf(allowed, { ask: 'frontier' });
  return { points, ...ofPipeline(setting, plans, question.pipeline) };
}

/** A single plan of `perseus` without its frontier; undefined if more is asked for. */
function planOnDemand(setting: Setting, question: JobQuestion): Found | undefined {
  const plans = policyPlans(setting, perseusOnDemand);
  if (question.ask === 'pipeline') {
    return { points: [], ...ofPipeline(setting, plans, question.pipeline) };
  }
  const plan = planOf(plans.plans, question);
  return plan && { points: [], plan, problem: plans.problem, notes: [] };
}

/** The plan of one pipeline, with sentences on the others. */
function ofPipeline(
  setting: Setting,
  plans: PolicyPlans,
  pipeline: number | undefined,
): Omit<Found, 'points'> {
  const found = pipelinePlan(setting, plans, pipeline);
  return { plan: found.plan, problem: plans.problem, notes: notesOn(setting, found) };
}

/** The plans of a policy that the site's power allows: all that are no faster than the fastest. */
function withinPower({ plans, fastest }: PolicyPlans): Plans {
  let pointCount = plans.pointCount;
  while (pointCount > 1 && plans.point(pointCount - 1).timeS < fastest.plannedTimeS) pointCount--;
  return {
    pointCount,
    point: (k) => plans.point(k),
    fastest,
    planAt: (deadlineS) => {
      if (deadlineS >= fastest.plannedTimeS) return plans.planAt(deadlineS);
      throw new InfeasibleDeadlineError(deadlineS, fastest.plannedTimeS);
    },
    forStraggler: (timeS) => plans.forStraggler(Math.max(timeS, fastest.plannedTimeS)),
  };
}

/** An external planner is asked once for its fastest plan, and once for what T' follows from it. */
async function planExternal(
  setting: Setting,
  planner: ExternalPlanner,
  question: JobQuestion,
): Promise<Found> {
  const { problem } = setting;
  const ask = (asked: Question): Promise<PlannerAnswer> => askExternal(planner, problem, asked);
  if (question.ask !== 'pipeline') return { ...(await ask(question)), problem, notes: [] };
  const first = await ask({ ask: 'straggler', slowdown: 1 });
  const fastest = first.plan!;
  const alone = { name: planner.name, isGiven: true, plan: () => singlePlan(fastest) } as const;
  const found = pipelinePlan(setting, policyPlans(setting, alone), question.pipeline);
  const notes = notesOn(setting, found);
  if (found.isSlow || setting.stragglers.length === 0) return { ...first, problem, notes };
  const slowdown = found.stragglerTimeS / fastest.plannedTimeS;
  return { ...(await ask({ ask: 'straggler', slowdown })), problem, notes };
}

/** Sentences on which pipelines run the plan, and which run others. */
function notesOn({ scenario, stragglers }: Setting, found: PipelinePlan): string[] {
  const { pipeline, isSlow, isForAWhile, healthyCount, stragglerTimeS } = found;
  const notes: string[] = [];
  if (scenario.randomStragglers !== undefined) {
    notes.push('Stragglers by chance are not planned for; --straggler R plans for one.');
  }
  if (stragglers.length === 0) return notes;
  if (isForAWhile) {
    notes.push('Stragglers come and go; this plan is for the time when all of them are there.');
  }
  notes.push(
    isSlow
      ? `This is the plan of pipeline ${pipeline}, a straggler.`
      : `This is the plan of the ${healthyCount} pipelines that are not stragglers, while one takes ${stragglerTimeS.toFixed(4)} s.`,
  );
  const others = found.slowThatDiffer;
  if (others.length > 0) {
    const more = others.length > 10 ? ` and ${others.length - 10} more` : '';
    const names = `${others.slice(0, 10).join(', ')}${more}`;
    notes.push(
      `Slow pipelines run plans of their own: --pipeline N prints that of one (${names}).`,
    );
  }
  if (found.healthyDiffer) {
    notes.push('Pipelines that are not stragglers run another plan, printed without --pipeline.');
  }
  return notes;
}
