import { InputError, type Problem } from '../../src/errors.js';
import type { PlanningProblem } from '../../src/planner/planner.js';
import { loadDiscreteOracle } from '../../src/planner/discrete-oracle.js';
import { caseBounds } from '../judge/case-bounds.js';
import { checkedPlanner } from '../judge/check-plan.js';
import { judgePlanner, whatFailed } from '../judge/judge-planner.js';
import { caseRobustness } from '../judge/robustness.js';
import type { JudgedCase } from '../judge/suites.js';
import { gridWatch } from '../power/figures/run-power.js';
import { energyBound } from '../run/energy-bound.js';
import type { Keeping } from '../run/kept-run.js';
import { runScenario } from '../run/run-scenario.js';
import type { Scenario } from '../scenario/scenario-schema.js';
import type { ScenarioProfile } from '../scenario/scenario-setting.js';
import { serveParent } from '../processes/serve.js';
import { askPlanner, type PlannerAnswer, type Question } from './ask-planner.js';
import { loadPlanner, type PlannerSource } from './planner-source.js';

/** The tasks of a process; `Reply` holds the result of the named function. */
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

/**
 * A process that performs a task for each message; if a planner crashes it, nothing else is
 * affected.
 */
let solver: ReturnType<typeof loadDiscreteOracle> | undefined;

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
 * Planning time is measured in processor time, so that other work on the machine does not count. A
 * command runs in another process, so for commands it is elapsed time.
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
    solver ??= loadDiscreteOracle();
    return caseBounds(task.judged, task.timesS, await solver);
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
      return asData(askPlanner(checkedPlanner(planner), task.problem, task.question));
    case 'run': {
      const { scenario, source, name, keep } = task;
      const more = [{ ...checkedPlanner(planner), name }];
      const watch = gridWatch(scenario);
      return runScenario(scenario, source, { findBound: energyBound, more, keep, watch });
    }
  }
}

/** An answer that crosses to another process. */
function asData({ plans, ...answer }: PlannerAnswer): PlannerAnswer {
  return { ...answer, ...(plans === undefined ? {} : { plans: [...plans] }) };
}
