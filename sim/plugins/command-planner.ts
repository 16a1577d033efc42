import { spawnSync } from 'node:child_process';
import type { Planner } from '../../src/planner/planner.js';
import { plansFromAnswer, problemDocument } from './planner-json.js';

/** The longest output of a command: plans of thousands of instructions. */
const MOST_BYTES = 2 ** 30;

/**
 * A planner that is a separate program: it reads one problem as JSON from standard input and writes
 * its plans as JSON to standard output (`planner-json.ts` defines both).
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
      const { code } = (error ?? {}) as NodeJS.ErrnoException;
      if (code === 'ETIMEDOUT') throw new Error(`no answer within ${timeLimitS} s`);
      if (code === 'ENOBUFS') throw new Error(`its answer is longer than ${MOST_BYTES} bytes`);
      if (signal !== null) throw new Error(`the command was ended by ${signal}`);
      if (status !== null && status !== 0) {
        const last = stderr.trim().split('\n').at(-1)!;
        const said = last === '' ? 'without a message' : `: ${last}`;
        throw new Error(`the command ended with exit code ${status}${said}`);
      }
      // A planner need not read the whole problem.
      if (error !== undefined && code !== 'EPIPE') throw error;
      return plansFromAnswer(stdout, problem);
    },
  };
}
