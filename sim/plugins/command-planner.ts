import { spawnSync } from 'node:child_process';
import type { Planner } from '../../src/planner/planner.js';
import { plansFromAnswer, problemDocument } from './planner-json.js';

/** What a command may write: plans of thousands of instructions. */
const MOST_BYTES = 2 ** 30;

/**
 * A planner that is a program of its own: it reads one problem as JSON from standard input and
 * writes its plans as JSON to standard output (`planner-json.ts` has both).
 *
 * @param command the program and its arguments, as for a shell.
 */
export function commandPlanner(command: string, timeLimitS: number): Planner {
  return {
    name: command,
    plan: (problem) => {
      const { status, signal, stdout, stderr, error } = spawnSync(command, {
        shell: true,
        input: JSON.stringify(problemDocument(problem)),
        encoding: 'utf8',
        timeout: 1000 * timeLimitS,
        killSignal: 'SIGKILL',
        maxBuffer: MOST_BYTES,
      });
      if (signal === 'SIGKILL') throw new Error(`no answer within ${timeLimitS} s`);
      if (error !== undefined) throw error;
      if (status !== 0) {
        const last = stderr.trim().split('\n').at(-1) ?? '';
        throw new Error(`the command ended with exit code ${status ?? 'none'}: ${last}`);
      }
      return plansFromAnswer(stdout, problem);
    },
  };
}
