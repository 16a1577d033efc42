import { InputError } from '../../src/errors.js';
import type { Sweep } from './sweep.js';
import type { Parameters } from './sweep-axes.js';
import type { SweepRun } from './sweep-runs.js';
import type { ScenarioProfile } from '../scenario/scenario-setting.js';
import { hashOf, RunIdentities, type RunIdentity } from './identity.js';
import type { RunResult, RunTask } from './run-result.js';
import { ResultWriter } from './result-writer.js';
import { isOfShard, type Shard } from './shard.js';
import type { StoredRun, SweepIdentity, SweepStore } from './store.js';

/** A run of a sweep, ready to be executed. */
export interface PreparedRun extends RunTask, RunIdentity {
  readonly parameters: Parameters;
}

/** A sweep, ready to be run. */
export interface PreparedSweep {
  readonly identity: SweepIdentity;
  readonly runs: readonly PreparedRun[];
}

/** Prepares a sweep: each run with its profile and a hash of everything that it depends on. */
export function prepareSweep(
  sweep: Sweep,
  profileOf: (run: SweepRun) => ScenarioProfile,
  version: string,
): PreparedSweep {
  const identities = new RunIdentities(version);
  const runs = sweep.runs.map((run) => {
    const profile = profileOf(run);
    return { ...run, profile, ...identities.of(run.scenario, profile) };
  });
  const policies = [...new Set(runs.flatMap(({ scenario }) => scenario.policies))];
  const { name, fields } = sweep;
  const hash = hashOf(runs.map(({ scenarioHash }) => scenarioHash));
  return { identity: { name, version, runs: runs.length, hash, fields, policies }, runs };
}

/** Options of executing a sweep. */
export interface SweepOptions {
  /** Only every n-th run, from the i-th. */
  readonly shard?: Shard | undefined;
  /** Stop at the first run that fails. */
  readonly failFast: boolean;
  /** Repeat runs whose scenario, profile or version differs from that of their results. */
  readonly rerunChanged: boolean;
  /** Repeat runs that failed. */
  readonly rerunFailed: boolean;
  /** Of the program, for the record. */
  readonly commit: string;
  readonly signal?: AbortSignal;
  /** Name of the results' file, for messages. */
  readonly output: string;
  readonly onProgress: (done: number, failed: number, total: number) => void;
}

/** The outcome of a sweep. */
export interface SweepOutcome {
  readonly total: number;
  /** Done before this call. */
  readonly before: number;
  readonly done: number;
  /** Runs that failed, in this call or before it. */
  readonly failed: number;
  /** Errors of runs that failed in this call: messages, and the number of runs with each. */
  readonly errors: ReadonlyMap<string, number>;
  readonly isStopped: boolean;
}

/** Executes runs: in processes here, or by workers elsewhere. */
export type RunEverywhere = (
  tasks: readonly RunTask[],
  signal: AbortSignal,
  onResult: (result: RunResult) => Promise<void>,
) => Promise<void>;

/**
 * Executes the runs that the store does not have yet, and stores each when it is done. Whatever
 * stops it, the same call resumes it.
 *
 * @throws InputError if the store holds other results, or cannot be written.
 */
export async function runSweep(
  { identity, runs }: PreparedSweep,
  store: SweepStore,
  options: SweepOptions,
  runEverywhere: RunEverywhere,
): Promise<SweepOutcome> {
  const { shard } = options;
  const byIndex = new Map(runs.map((run) => [run.index, run]));
  const kept = await keptRuns(byIndex, identity, store, options);
  await store.setIdentity(identity);
  const asked = runs.filter(({ index }) => shard === undefined || isOfShard(index, shard));
  const pending = asked.filter(({ index }) => !kept.has(index));
  const before = asked.length - pending.length;
  const failedBefore = asked.filter(({ index }) => kept.get(index)?.isFailed === true).length;
  // An existing table no longer holds all runs.
  if (pending.length > 0) await store.query('DROP TABLE IF EXISTS results');
  const stop = new AbortController();
  const onAbort = () => {
    stop.abort();
  };
  if (options.signal?.aborted === true) onAbort();
  options.signal?.addEventListener('abort', onAbort);
  let done = 0;
  let failed = 0;
  const errors = new Map<string, number>();
  const writer = new ResultWriter(store);
  const onResult = (result: RunResult): Promise<void> => {
    const { parameters, scenarioHash, scenario } = byIndex.get(result.index)!;
    const { version } = identity;
    const provenance = { version, commit: options.commit, scenarioHash, seed: scenario.seed };
    const writing = writer.add({ result, provenance, parameters });
    // A failure to write ends the sweep, and is thrown when everything has stopped.
    writing.catch(onAbort);
    done++;
    if (result.error !== null) {
      failed++;
      errors.set(result.error, (errors.get(result.error) ?? 0) + 1);
    }
    options.onProgress(before + done, failed, asked.length);
    if (options.failFast && failed > 0) stop.abort();
    return writing;
  };
  options.onProgress(before, 0, asked.length);
  try {
    if (pending.length > 0 && !stop.signal.aborted) {
      await runEverywhere(pending, stop.signal, onResult);
    }
  } catch (error) {
    if (!stop.signal.aborted) throw error;
  } finally {
    options.signal?.removeEventListener('abort', onAbort);
    await writer.end();
  }
  const isStopped = stop.signal.aborted && done < pending.length;
  return { total: asked.length, before, done, failed: failedBefore + failed, errors, isStopped };
}

/**
 * The runs whose results stay. Removes from the store results of other scenarios or another version,
 * and failed ones that are to be repeated.
 *
 * @throws InputError if some have changed and are not to be repeated.
 */
async function keptRuns(
  runs: ReadonlyMap<number, PreparedRun>,
  identity: SweepIdentity,
  store: SweepStore,
  { rerunChanged, rerunFailed, output }: SweepOptions,
): Promise<ReadonlyMap<number, StoredRun>> {
  const stored = await store.runs();
  const isChanged = ({ index, scenarioHash }: StoredRun) =>
    runs.get(index)?.scenarioHash !== scenarioHash;
  const changed = stored.filter(isChanged);
  if (changed.length > 0 && !rerunChanged) {
    const before = await store.identity();
    throw InputError.of({
      source: output,
      message: `${whyChanged(identity, before, changed.length, stored.length)}; --rerun-changed repeats those runs, --output writes elsewhere`,
    });
  }
  const again = stored.filter((run) => isChanged(run) || (rerunFailed && run.isFailed));
  await store.remove(again.map(({ index }) => index));
  const removed = new Set(again);
  const kept = stored.filter((run) => !removed.has(run));
  return new Map(kept.map((run) => [run.index, run]));
}

function whyChanged(
  now: SweepIdentity,
  before: SweepIdentity | undefined,
  changed: number,
  stored: number,
): string {
  if (before !== undefined && before.name !== now.name) {
    return `holds results of the sweep ${before.name}, not ${now.name}`;
  }
  if (before !== undefined && before.version !== now.version) {
    return `it is of version ${before.version}, this is ${now.version}`;
  }
  return `${changed} of its ${stored} runs are of other scenarios than ${now.name} has now`;
}
