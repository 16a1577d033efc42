import { BrokenPlannerError, InfeasibleDeadlineError, InputError } from '../../src/errors.js';
import type { PlanningProblem } from '../../src/planner/planner.js';
import type { Keeping } from '../run/kept-run.js';
import type { ScenarioResult } from '../run/run-scenario.js';
import type { Scenario } from '../scenario/scenario-schema.js';
import type { ScenarioProfile } from '../scenario/scenario-setting.js';
import type { PlannerAnswer, Question } from './ask-planner.js';
import type { Task } from './judge-process.js';
import { inProcesses } from './planner-process.js';
import type { PlannerSource } from './planner-source.js';

/** An external planner, and its time limit. */
export interface ExternalPlanner {
  /** As named by the user. */
  readonly name: string;
  readonly source: PlannerSource;
  readonly timeLimitS: number;
}

/**
 * Asks a planner in a process of its own.
 * @throws BrokenPlannerError, or InfeasibleDeadlineError.
 */
export async function askExternal(
  planner: ExternalPlanner,
  problem: PlanningProblem,
  question: Question,
): Promise<PlannerAnswer> {
  const task = { kind: 'plan' as const, planner: planner.source, problem, question };
  const answer = (await inProcess(planner, task)) as PlannerAnswer;
  if (question.ask === 'deadline' && answer.plan === undefined) {
    throw new InfeasibleDeadlineError(question.deadlineS, answer.fastestTimeS!);
  }
  return answer;
}

/**
 * Runs a scenario with one more planner, in a process of its own.
 * @throws BrokenPlannerError, or InputError if the scenario is wrong.
 */
export async function runWithExternal(
  planner: ExternalPlanner,
  scenario: Scenario,
  source: ScenarioProfile,
  keep?: Keeping,
): Promise<ScenarioResult> {
  const { name } = planner;
  const task = { kind: 'run' as const, planner: planner.source, name, scenario, source, keep };
  return (await inProcess(planner, task)) as ScenarioResult;
}

async function inProcess({ name, timeLimitS }: ExternalPlanner, task: Task): Promise<unknown> {
  const [reply] = await inProcesses([task], {
    workers: 1,
    timeLimitS,
    onProgress: () => undefined,
  });
  if ('value' in reply!) return reply.value;
  const { failed, problems } = reply!;
  if (problems !== undefined) throw new InputError(problems);
  throw new BrokenPlannerError(`${name} is broken: ${failed}`);
}
