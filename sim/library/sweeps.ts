import { availableParallelism } from 'node:os';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import * as z from 'zod';
import { InputError } from '../../src/errors.js';
import { foundValue, ProblemGathering } from '../../src/problem-list.js';
import { LIBRARY } from '../disk/catalog-files.js';
import { readUserFile } from '../disk/files.js';
import { memoryShareMB } from '../processes/memory-share.js';
import type { ResultRow } from '../results/columns.js';
import { readYaml } from '../scenario/yaml-file.js';
import { runLocally } from '../sweep/local-workers.js';
import type { RunResult } from '../sweep/run-result.js';
import { profileReader } from '../sweep/profile-reader.js';
import { prepareSweep, type PreparedRun } from '../sweep/run-sweep.js';
import type { Parameters, sweepSchema } from '../sweep/sweep-axes.js';
import { parseSweep } from '../sweep/sweep.js';
import { asPromise } from './as-promise.js';
import { checkedOptions, checkPath } from './checked-options.js';

/**
 * Many scenarios: a base, and the values that its fields take. The fields are those of a
 * sweep's YAML file (docs/sweep.md); `base` is a scenario, or the path of one.
 *
 * @example
 * ```ts
 * import { readScenario, runSweep, type SweepInput } from 'pipewatt';
 *
 * const sweep: SweepInput = {
 *   name: 'slowdowns',
 *   base: await readScenario('scenario.yaml'),
 *   matrix: { 'stragglers[0].slowdown': { from: 1, to: 1.4, count: 3 } },
 * };
 * for await (const { parameters } of runSweep(sweep, { workers: 1 })) {
 *   console.log(parameters['stragglers[0].slowdown']);
 * }
 * // 1
 * // 1.2
 * // 1.4
 * ```
 */
export type SweepInput = z.input<typeof sweepSchema>;

/**
 * Options of a sweep.
 *
 * @example
 * ```ts
 * import type { SweepOptions } from 'pipewatt';
 *
 * const options: SweepOptions = { workers: 2 };
 * console.log(options.workers); // 2
 * ```
 */
export interface SweepOptions {
  /** Processes that execute the runs; default: the number of cores. */
  readonly workers?: number | undefined;
}

/**
 * One run of a sweep.
 *
 * @example
 * ```ts
 * import { readScenario, runSweep, type SweepRun } from 'pipewatt';
 *
 * const base = await readScenario('scenario.yaml');
 * const sweep = { name: 'pipelines', base, matrix: { pipelines: [8, 16] } };
 * const runs: SweepRun[] = [];
 * for await (const run of runSweep(sweep, { workers: 1 })) runs.push(run);
 * console.log(runs.map(({ rows }) => rows[0]?.gpus)); // [ 128, 256 ]
 * ```
 */
export interface SweepRun {
  /** From 0, in the order of the matrix: its last field varies fastest, then seeds. */
  readonly index: number;
  /** Values of the fields that vary. */
  readonly parameters: Parameters;
  /** The error of a failed run, else null. Other runs go on. */
  readonly error: string | null;
  /** A row for each policy, as in `Run`; none for a failed run. */
  readonly rows: readonly ResultRow[];
}

/**
 * Reads a sweep's YAML file.
 *
 * @param path of the file. Its base is relative to it, and absolute in the returned sweep, so that it
 *   can be run from anywhere.
 * @throws InputError with every problem and its line: of the sweep, its base, and its runs.
 *
 * @example
 * ```ts
 * import { readSweep } from 'pipewatt';
 *
 * const sweep = await readSweep('sweep.yaml');
 * console.log(sweep.name, Object.keys(sweep.matrix ?? {})); // small [ 'pipelines' ]
 * ```
 */
export function readSweep(path: string): Promise<SweepInput> {
  return asPromise(() => {
    checkPath(path, 'readSweep');
    const text = readUserFile(path, 'sweep');
    parsed(text, path, path);
    const sweep = readYaml(text, path).value as SweepInput;
    const { base } = sweep;
    if (typeof base === 'string') return { ...sweep, base: resolve(dirname(path), base) };
    return sweep;
  });
}

/**
 * Runs a sweep's scenarios, in processes of their own, and yields each run in the order of the matrix.
 * Nothing is written; `pipewatt sweep` writes a file of results and resumes after a stop.
 * Leaving the loop ends the processes.
 *
 * @throws InputError before the first run, with every problem of the sweep, its base, its runs and the
 *   options.
 *
 * @example
 * ```ts
 * import { readSweep, runSweep } from 'pipewatt';
 *
 * for await (const { parameters, rows } of runSweep(await readSweep('sweep.yaml'))) {
 *   const perseus = rows.find(({ policy }) => policy === 'perseus');
 *   console.log(parameters['pipelines'], perseus?.simulated_saving_pct?.toFixed(1));
 * }
 * // 4 9.5
 * // 8 10.8
 * ```
 */
export async function* runSweep(
  sweep: SweepInput,
  options: SweepOptions = {},
): AsyncGenerator<SweepRun, void, undefined> {
  yield* sweepRuns(checkedSweep(sweep, options));
}

/** A sweep whose runs are known. */
export interface CheckedSweep {
  readonly runs: readonly PreparedRun[];
  readonly workers: number;
}

/**
 * The runs of a sweep in order, as `runSweep`.
 * @param signal ends them early.
 */
export async function* sweepRuns(
  { runs, workers }: CheckedSweep,
  signal?: AbortSignal,
): AsyncGenerator<SweepRun, void, undefined> {
  const waiting = new Map<number, RunResult>();
  const stop = new AbortController();
  const end = () => {
    stop.abort();
  };
  signal?.addEventListener('abort', end);
  let wake: () => void = () => undefined;
  const onResult = (result: RunResult): Promise<void> => {
    waiting.set(result.index, result);
    wake();
    return Promise.resolve();
  };
  const limits = { workers, memoryMB: memoryShareMB(workers), signal: stop.signal };
  const ended = runLocally(runs, limits, onResult);
  // Errors are thrown where the result is awaited.
  ended.catch(() => undefined);
  try {
    for (const { index, parameters } of runs) {
      while (!waiting.has(index)) {
        const told = new Promise<void>((resolve) => (wake = resolve));
        await Promise.race([told, ended]);
        if (stop.signal.aborted) return;
      }
      const { error, rows } = waiting.get(index)!;
      waiting.delete(index);
      yield { index, parameters, error, rows };
    }
  } finally {
    signal?.removeEventListener('abort', end);
    stop.abort();
  }
}

/** Name of the function in messages. */
const CALL = 'runSweep';

/** More processes than this are a typing error. */
const MOST_WORKERS = 1024;

const optionsSchema = z.strictObject({
  workers: z
    .int()
    .min(1)
    .max(MOST_WORKERS)
    .default(() => availableParallelism()),
});

/** @throws InputError with every problem of the sweep and the options. */
export function checkedSweep(sweep: SweepInput, options: SweepOptions): CheckedSweep {
  const gathering = new ProblemGathering();
  const asked = gathering.attempt(() => checkedOptions(optionsSchema, options, CALL));
  const runs = gathering.attempt(() => runsOf(sweep));
  gathering.throwIfAny();
  return { ...asked!, runs: runs! };
}

/** @throws InputError with every problem, without lines, since the text is made from an object. */
function runsOf(sweep: SweepInput): readonly PreparedRun[] {
  const text = textOf(sweep);
  try {
    return parsed(text, SWEEP, SWEEP);
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    const ofObject = error.problems.map((problem) => {
      const { line: _, ...withoutLine } = problem;
      return problem.source === SWEEP ? withoutLine : problem;
    });
    throw new InputError(ofObject);
  }
}

/** @throws InputError if it is not an object, or contains itself. */
function textOf(sweep: unknown): string {
  const isObject = typeof sweep === 'object' && sweep !== null;
  const message = isObject ? 'holds itself' : `found ${foundValue(sweep)}, expected a sweep`;
  try {
    if (isObject) return JSON.stringify(sweep);
  } catch {
    // It is reported below.
  }
  throw InputError.of({ source: SWEEP, message });
}

/** The name in messages of a sweep that is an object. */
const SWEEP = 'sweep';

/** @throws InputError with every problem of the sweep, its base, its runs and their profiles. */
function parsed(text: string, source: string, path: string): readonly PreparedRun[] {
  const profileOf = profileReader(path, LIBRARY);
  const sweep = parseSweep(text, source, {
    readBase: (base) => {
      const beside = isAbsolute(base) ? base : join(dirname(path), base);
      const ofBase = readUserFile(beside, 'scenario', { source, field: 'base' });
      return { text: ofBase, source: beside };
    },
    checkProfile: profileOf,
  });
  // Results that are not stored need no version.
  return prepareSweep(sweep, ({ scenario }) => profileOf(scenario), '').runs;
}
