import { judgePlanner, leastEnergies, type Judgement } from '../judge/judge-planner.js';
import type { JudgedCase } from '../judge/suites.js';
import { loadPlanner, type PlannerSource } from './planner-source.js';

/** A case for a planner. */
export interface JudgeTask {
  readonly kind: 'judge';
  readonly planner: PlannerSource;
  readonly judged: JudgedCase;
  /** Simulated times to be judged at besides the deadlines. */
  readonly alsoAtS: readonly number[];
}

/** A case whose least energies are asked for, at multiples of the least time. */
export interface BoundTask {
  readonly kind: 'bound';
  readonly judged: JudgedCase;
  readonly factors: readonly number[];
}

export type Task = JudgeTask | BoundTask;
export type Answer = Judgement | number[];

/** A process of its own that does a task for each message: whatever a planner does to it, it ends alone. */
process.on('message', (task: Task) => {
  void answerTo(task).then((answer) => process.send!(answer));
});

async function answerTo(task: Task): Promise<Answer> {
  if (task.kind === 'bound') return leastEnergies(task.judged, task.factors);
  const planner = await loadPlanner(task.planner);
  return judgePlanner(planner, task.judged, task.alsoAtS, () => performance.now() / 1000);
}
