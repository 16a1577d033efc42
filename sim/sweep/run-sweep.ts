import { createHash } from 'node:crypto';
import { InputError } from '../../src/errors.js';
import type { Parameters, SweepRun } from '../studies/sweep.js';
import type { ScenarioProfile } from '../studies/scenario-setting.js';
import { runLocally } from './local-workers.js';
import type { RunResult, RunTask } from './run-result.js';
import type { Provenance, SweepStore } from './store.js';

/** A run of a sweep, ready to be done. */
export interface PreparedRun extends RunTask {
  readonly parameters: Parameters;
  /** Of all that decides its results: scenario, profile, version. */
  readonly hash: string;
}

/** Makes runs ready: each with its profile and a hash of all that it depends on. */
export function prepareRuns(
  runs: readonly SweepRun[],
  profileOf: (run: SweepRun) => ScenarioProfile,
  version: string,
): PreparedRun[] {
  return runs.map((run) => {
    const profile = profileOf(run);
    const { index, scenario, parameters } = run;
    const { profile: stages, scale, blockingPowerW } = profile;
    const content = JSON.stringify({ version, scenario, stages, scale, blockingPowerW });
    const hash = createHash('sha256').update(content).digest('hex');
    return { index, scenario, parameters, profile, hash };
  });
}

/** How a sweep is done. */
export interface SweepOptions {
  readonly workers: number;
  /** Stop at the first run that fails. */
  readonly failFast: boolean;
  /** Do runs again whose scenario, profile or version is another than that of their results. */
  readonly rerunChanged: boolean;
  readonly signal?: AbortSignal;
  /** Name of the results' file, for messages. */
  readonly output: string;
  readonly onProgress: (done: number, failed: number, total: number) => void;
}

/** How a sweep ended. */
export interface SweepOutcome {
  readonly total: number;
  /** Done before this call. */
  readonly before: number;
  readonly done: number;
  readonly failed: number;
  readonly isStopped: boolean;
}

/** How runs are done: on threads here, or by workers elsewhere. */
export type RunEverywhere = (
  tasks: readonly RunTask[],
  signal: AbortSignal,
  onResult: (result: RunResult) => Promise<void>,
) => Promise<void>;

/**
 * Does the runs that the store does not have yet, and stores each as it is done. Whatever stops it,
 * the same call goes on where it was.
 *
 * @throws InputError when the store holds results of something else.
 */
export async function runSweep(
  runs: readonly PreparedRun[],
  store: SweepStore,
  provenance: Provenance,
  options: SweepOptions,
  runEverywhere: RunEverywhere = (tasks, signal, onResult) =>
    runLocally(tasks, { workers: options.workers, signal }, onResult),
): Promise<SweepOutcome> {
  const byIndex = new Map(runs.map((run) => [run.index, run]));
  await dropChanged(byIndex, store, provenance, options);
  await store.setProvenance(provenance);
  const stored = new Set((await store.runs()).map(({ index }) => index));
  const pending = runs.filter(({ index }) => !stored.has(index));
  const stop = new AbortController();
  options.signal?.addEventListener('abort', () => {
    stop.abort();
  });
  let done = 0;
  let failed = 0;
  let writing = Promise.resolve();
  const onResult = (result: RunResult): Promise<void> => {
    const run = byIndex.get(result.index)!;
    writing = writing.then(() => store.add(result, run.hash, run.parameters));
    done++;
    if (result.error !== null) failed++;
    options.onProgress(stored.size + done, failed, runs.length);
    if (options.failFast && failed > 0) stop.abort();
    return writing;
  };
  options.onProgress(stored.size, 0, runs.length);
  try {
    await runEverywhere(pending, stop.signal, onResult);
  } catch (error) {
    if (!stop.signal.aborted) throw error;
  } finally {
    await writing;
  }
  const isStopped = stop.signal.aborted;
  return { total: runs.length, before: stored.size, done, failed, isStopped };
}

/** Takes out of the store what is of other scenarios or another version, or refuses to go on. */
async function dropChanged(
  runs: ReadonlyMap<number, PreparedRun>,
  store: SweepStore,
  { sweep, version }: Provenance,
  { rerunChanged, output }: SweepOptions,
): Promise<void> {
  const stored = await store.runs();
  const changed = stored.filter(({ index, hash }) => runs.get(index)?.hash !== hash);
  if (changed.length === 0) return;
  if (!rerunChanged) {
    const before = await store.provenance();
    const why =
      before.version === version
        ? `${changed.length} of its ${stored.length} runs are of other scenarios than ${sweep} has now`
        : `it is of version ${before.version ?? 'unknown'}, this is ${version}`;
    throw InputError.of({
      source: output,
      message: `${why}; --rerun-changed does those runs again, --output writes elsewhere`,
    });
  }
  await store.remove(changed.map(({ index }) => index));
}
