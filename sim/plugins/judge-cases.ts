import { fork, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Judgement } from '../judge/judge-planner.js';
import type { JudgedCase } from '../judge/suites.js';
import type { Answer, Task } from './judge-process.js';
import type { PlannerSource } from './planner-source.js';

/** A planner that was ended so often is not waited for in every other case. */
const MOST_KILLED = 5;
const NOT_TRIED = `not tried: ${MOST_KILLED} cases before did not end, or took their process down`;

/** How planners are judged. */
export interface JudgingOptions {
  readonly workers: number;
  /** For one planner in one case, simulation included. */
  readonly timeLimitS: number;
  readonly onProgress: (done: number, total: number) => void;
}

/**
 * Judges a planner in every case, in processes of their own: where one does not end, or takes its
 * process down, that case counts as broken and the others go on.
 *
 * @param alsoAtS per case, simulated times to be judged at besides the deadlines.
 * @returns in the order of the cases.
 */
export async function judgeCases(
  planner: PlannerSource,
  cases: readonly JudgedCase[],
  alsoAtS: readonly (readonly number[])[],
  options: JudgingOptions,
): Promise<Judgement[]> {
  const tasks = cases.map((judged, k) => ({
    kind: 'judge' as const,
    planner,
    judged,
    alsoAtS: alsoAtS[k]!,
  }));
  const answers = await inProcesses(tasks, options);
  return answers.map((answer, k) =>
    typeof answer === 'string' ? { name: cases[k]!.name, broken: answer } : (answer as Judgement),
  );
}

/**
 * The least energies of every case at deadlines, by `leastEnergies`; undefined for a case that
 * takes longer than the time limit.
 */
export async function boundCases(
  cases: readonly JudgedCase[],
  factors: readonly number[],
  options: JudgingOptions,
): Promise<(number[] | undefined)[]> {
  const tasks = cases.map((judged) => ({ kind: 'bound' as const, judged, factors }));
  const answers = await inProcesses(tasks, options);
  return answers.map((answer) => (typeof answer === 'string' ? undefined : (answer as number[])));
}

/** Answers in the order of the tasks, or a sentence where there is none. */
async function inProcesses(
  tasks: readonly Task[],
  { workers, timeLimitS, onProgress }: JudgingOptions,
): Promise<(Answer | string)[]> {
  const answers: (Answer | string)[] = [];
  const next = tasks.entries();
  let done = 0;
  let killed = 0;
  const doTasks = async () => {
    const lane = new JudgeProcess();
    try {
      for (const [k, task] of next) {
        const isHopeless = killed >= MOST_KILLED;
        const answer = isHopeless ? NOT_TRIED : await lane.answerTo(task, timeLimitS);
        if (typeof answer === 'string') killed++;
        answers[k] = answer;
        onProgress(++done, tasks.length);
      }
    } finally {
      lane.end();
    }
  };
  await Promise.all(Array.from({ length: Math.min(workers, tasks.length) }, doTasks));
  return answers;
}

/** A process that does one task after the other, and is replaced when it is gone. */
class JudgeProcess {
  private child: ChildProcess | undefined;

  answerTo(task: Task, timeLimitS: number): Promise<Answer | string> {
    const child = this.child ?? begin();
    this.child = child;
    return new Promise((resolve) => {
      const settle = (answer: Answer | string) => {
        clearTimeout(timer);
        child.removeAllListeners();
        resolve(answer);
      };
      const timer = setTimeout(() => {
        this.end();
        settle(`no end within ${timeLimitS} s`);
      }, 1000 * timeLimitS);
      child.on('message', settle);
      child.on('exit', (code, signal) => {
        this.child = undefined;
        settle(`it took its process down: ${signal ?? `exit code ${code ?? 'none'}`}`);
      });
      child.send(task);
    });
  }

  end(): void {
    this.child?.removeAllListeners();
    this.child?.kill('SIGKILL');
    this.child = undefined;
  }
}

function begin(): ChildProcess {
  const file = fileURLToPath(new URL('./judge-process.js', import.meta.url));
  // What a planner prints, or V8 when it dies, is not part of the verdict.
  return fork(file, { stdio: ['ignore', 'ignore', 'ignore', 'ipc'], serialization: 'advanced' });
}
