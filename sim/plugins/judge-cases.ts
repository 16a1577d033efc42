import { BrokenPlannerError, InputError } from '../../src/errors.js';
import type { Judgement } from '../judge/judge-planner.js';
import type { CaseBounds } from '../judge/case-bounds.js';
import type { Outcome } from '../judge/robustness.js';
import type { JudgedCase } from '../judge/suites.js';
import { inProcesses, type ProcessOptions } from './planner-process.js';
import type { PlannerSource } from './planner-source.js';

/**
 * Judges a planner in every case, each in its own process: if one does not end or crashes its
 * process, that case counts as broken and the others continue.
 *
 * @param alsoAtS per case, further simulated times to judge at, besides the deadlines.
 * @returns in the order of the cases.
 */
export async function judgeCases(
  planner: PlannerSource,
  cases: readonly JudgedCase[],
  alsoAtS: readonly (readonly number[])[],
  options: ProcessOptions,
): Promise<Judgement[]> {
  const tasks = cases.map((judged, k) => ({
    kind: 'judge' as const,
    planner,
    judged,
    alsoAtS: alsoAtS[k]!,
  }));
  const replies = await inProcesses(tasks, options);
  return replies.map((reply, k) =>
    'failed' in reply ? { name: cases[k]!.name, broken: reply.failed } : (reply.value as Judgement),
  );
}

/**
 * The least energies of every case, by `caseBounds`; undefined for a case that takes longer than
 * the time limit.
 *
 * @param timesS per case.
 */
export async function boundCases(
  cases: readonly JudgedCase[],
  timesS: readonly (readonly number[])[],
  options: ProcessOptions,
): Promise<(CaseBounds | undefined)[]> {
  const tasks = cases.map((judged, k) => ({ kind: 'bound' as const, judged, timesS: timesS[k]! }));
  const replies = await inProcesses(tasks, options);
  return replies.map((reply) => ('failed' in reply ? undefined : (reply.value as CaseBounds)));
}

/**
 * The savings that are left of a planner's plans in every case, by `caseRobustness`.
 * @throws BrokenPlannerError that names every case in which the planner failed.
 */
export async function disturbCases(
  name: string,
  planner: PlannerSource,
  cases: readonly JudgedCase[],
  seeds: number,
  options: ProcessOptions,
): Promise<Outcome[]> {
  const tasks = cases.map((judged) => ({ kind: 'robustness' as const, planner, judged, seeds }));
  const replies = await inProcesses(tasks, options);
  const failed = replies.flatMap((reply, k) =>
    'failed' in reply ? [`${name} is broken in "${cases[k]!.name}": ${reply.failed}`] : [],
  );
  if (failed.length > 0) throw new BrokenPlannerError(failed.join('\n'));
  return replies.flatMap((reply) => ('value' in reply ? (reply.value as Outcome[]) : []));
}

/**
 * Checks before any work is done whether planners can be loaded.
 * @throws InputError if a module cannot be loaded or exports no planner.
 */
export async function checkLoadable(
  planners: readonly PlannerSource[],
  timeLimitS: number,
): Promise<void> {
  const modules = planners.filter((planner) => planner.kind === 'module');
  const tasks = modules.map((planner) => ({ kind: 'load' as const, planner }));
  const replies = await inProcesses(tasks, { workers: 1, timeLimitS, onProgress: () => undefined });
  const problems = replies.flatMap((reply, k) => {
    if ('value' in reply) return [];
    return (
      reply.problems ?? [{ source: modules[k]!.url, message: `cannot be loaded: ${reply.failed}` }]
    );
  });
  if (problems.length > 0) throw new InputError(problems);
}
