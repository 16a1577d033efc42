import { InfeasibleDeadlineError, InputError } from '../../src/errors.js';
import { slowFrontierAdvice } from '../../src/planner/perseus/frontier-size.js';
import type { FrequencyPlan, Plans } from '../../src/planner/planner.js';
import { FRONTIER_POLICIES } from '../../src/planner/policies.js';
import { singlePlan } from '../../src/planner/single-plan.js';
import { answerOf, type PlannerAnswer, type Question } from '../plugins/ask-planner.js';
import { askExternal, type ExternalPlanner } from '../plugins/external-planner.js';
import { policyPlans, type DeployedPlans, type PolicyPlans } from '../run/policy-plans.js';
import { withLines, type LoadedScenario } from '../scenario/scenario.js';
import { scenarioSetting, type Setting } from '../scenario/scenario-setting.js';
import type { Straggler } from '../training/data-parallel.js';
import { isThroughout } from '../training/plain-straggler.js';
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

/** Plans the job of a scenario. */
export async function planScenario(
  { path, text, scenario, profile }: ScenarioInputs,
  planner: ExternalPlanner,
  question: JobQuestion,
  terminal: Terminal,
): Promise<Planned> {
  tellOfProfile(profile.estimate, profile.profile.notes, terminal);
  try {
    const setting = scenarioSetting(scenario, profile);
    const planned =
      planner.source.kind === 'built-in'
        ? planBuiltIn(setting, planner.source.name, question, terminal)
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
  terminal: Terminal,
): Found {
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
  const stragglers = knownStragglers(setting);
  const deployed = plans.forStragglers(stragglers);
  const pipeline = question.pipeline ?? firstHealthy(setting, stragglers);
  const plan = deployed.ofStragglers.get(pipeline) ?? deployed.healthy;
  const notes = notesOn(setting, stragglers, deployed, pipeline);
  return { points, plan, problem, notes };
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
  const stragglers = knownStragglers(setting);
  const alone = { name: planner.name, isGiven: true, plan: () => singlePlan(fastest) } as const;
  const deployed = policyPlans(setting, alone).forStragglers(stragglers);
  const pipeline = question.pipeline ?? firstHealthy(setting, stragglers);
  const notes = notesOn(setting, stragglers, deployed, pipeline);
  if (stragglers.length === 0 || deployed.ofStragglers.has(pipeline)) {
    return { ...first, problem, notes };
  }
  const slowdown = deployed.stragglerTimeS / fastest.plannedTimeS;
  return { ...(await ask({ ask: 'straggler', slowdown })), problem, notes };
}

/** All stragglers of the scenario, as if they were there together. */
function knownStragglers({ stragglers }: Setting): Straggler[] {
  return stragglers.map(({ fromS, untilS, ...slowdown }) => slowdown);
}

function firstHealthy({ scenario }: Setting, stragglers: readonly Straggler[]): number {
  const slow = new Set(stragglers.map(({ pipeline }) => pipeline));
  for (let pipeline = 0; pipeline < scenario.pipelines; pipeline++) {
    if (!slow.has(pipeline)) return pipeline;
  }
  return 0;
}

/** Sentences on which pipelines run the plan, and which run others. */
function notesOn(
  { scenario, stragglers: planned }: Setting,
  stragglers: readonly Straggler[],
  { ofStragglers, stragglerTimeS, healthy }: DeployedPlans,
  pipeline: number,
): string[] {
  const notes: string[] = [];
  if (scenario.randomStragglers !== undefined) {
    notes.push('Stragglers by chance are not planned for; --straggler R plans for one.');
  }
  if (stragglers.length === 0) return notes;
  if (!planned.every(isThroughout)) {
    notes.push('Stragglers come and go; this plan is for the time when all of them are there.');
  }
  const slow = [...ofStragglers.keys()].sort((a, b) => a - b);
  const others = ofStragglers.has(pipeline) ? slow.filter((p) => p !== pipeline) : slow;
  const which = ofStragglers.has(pipeline)
    ? `pipeline ${pipeline}, a straggler`
    : `the ${scenario.pipelines - slow.length} pipelines that are not stragglers, while one takes ${stragglerTimeS.toFixed(4)} s`;
  notes.push(`This is the plan of ${which}.`);
  const isOther = (plan: FrequencyPlan) => plan !== (ofStragglers.get(pipeline) ?? healthy);
  const differing = others.filter((p) => isOther(ofStragglers.get(p)!));
  if (differing.length > 0) {
    const names = differing.slice(0, 10).join(', ');
    const more = differing.length > 10 ? ` and ${differing.length - 10} more` : '';
    notes.push(
      `Slow pipelines run plans of their own: --pipeline N prints that of one (${names}${more}).`,
    );
  }
  if (ofStragglers.has(pipeline) && scenario.pipelines > slow.length && isOther(healthy)) {
    notes.push('Pipelines that are not stragglers run another plan, printed without --pipeline.');
  }
  return notes;
}
