import { InputError, type Problem } from '../../src/errors.js';
import type { PlanningProblem } from '../../src/planner/planner.js';
import { caseBounds, loadSolvers } from '../judge/case-bounds.js';
import { checkedPlanner } from '../judge/check-plan.js';
import { judgePlanner, whatFailed } from '../judge/judge-planner.js';
import { caseRobustness } from '../judge/robustness.js';
import type { JudgedCase } from '../judge/suites.js';
import { energyBound } from '../run/energy-bound.js';
import type { Keeping } from '../run/kept-run.js';
import { runScenario } from '../run/run-scenario.js';
import type { Scenario } from '../scenario/scenario-schema.js';
import type { ScenarioProfile } from '../scenario/scenario-setting.js';
import { serveParent } from '../processes/serve.js';
import { askPlanner, type Question } from './ask-planner.js';
import { loadPlanner, type PlannerSource } from './planner-source.js';

/** What a process can be asked; `Reply` holds what the function named answers. */
export type Task =
  /** Whether a planner can be loaded. */
  | { readonly kind: 'load'; readonly planner: PlannerSource }
  /** `judgePlanner` */
  | {
      readonly kind: 'judge';
      readonly planner: PlannerSource;
      readonly judged: JudgedCase;
      readonly alsoAtS: readonly number[];
    }
  /** `caseBounds` */
  | { readonly kind: 'bound'; readonly judged: JudgedCase; readonly timesS: readonly number[] }
  /** `caseRobustness` */
  | {
      readonly kind: 'robustness';
      readonly planner: PlannerSource;
      readonly judged: JudgedCase;
      readonly seeds: number;
    }
  /** `askPlanner` */
  | {
      readonly kind: 'plan';
      readonly planner: PlannerSource;
      readonly problem: PlanningProblem;
      readonly question: Question;
    }
  /** `runScenario` with one more planner, of this name */
  | {
      readonly kind: 'run';
      readonly planner: PlannerSource;
      readonly name: string;
      readonly scenario: Scenario;
      readonly source: ScenarioProfile;
      readonly keep: Keeping | undefined;
    };

export type Reply =
  { readonly value: unknown } | { readonly failed: string; readonly problems?: readonly Problem[] };

/** A process of its own that does a task for each message: whatever a planner does to it, it ends alone. */
let solvers: ReturnType<typeof loadSolvers> | undefined;

serveParent((task) => replyTo(task as Task));

async function replyTo(task: Task): Promise<Reply> {
  try {
    return { value: await answerTo(task) };
  } catch (error) {
    if (error instanceof InputError) return { failed: error.message, problems: error.problems };
    return { failed: whatFailed(error) };
  }
}

/**
 * What planning takes is counted in processor time, so that other work of the machine does not count;
 * but a command's is not this process's: of commands the time that passes.
 */
function clockFor({ kind }: PlannerSource): () => number {
  if (kind === 'command') return () => performance.now() / 1000;
  return () => {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1e6;
  };
}

async function answerTo(task: Task): Promise<unknown> {
  if (task.kind === 'bound') {
    solvers ??= loadSolvers();
    return caseBounds(task.judged, task.timesS, await solvers);
  }
  const planner = await loadPlanner(task.planner);
  switch (task.kind) {
    case 'load':
      return undefined;
    case 'judge':
      return judgePlanner(planner, task.judged, task.alsoAtS, clockFor(task.planner));
    case 'robustness':
      return caseRobustness(planner, task.judged, task.seeds);
    case 'plan':
      return askPlanner(checkedPlanner(planner), task.problem, task.question);
    case 'run': {
      const { scenario, source, name, keep } = task;
      const more = [{ ...checkedPlanner(planner), name }];
      return runScenario(scenario, source, { findBound: energyBound, more, keep });
    }
  }
}
