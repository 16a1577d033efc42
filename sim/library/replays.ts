import * as z from 'zod';
import { InputError } from '../../src/errors.js';
import { ProblemGathering } from '../../src/problem-list.js';
import { LIBRARY } from '../disk/catalog-files.js';
import { readUserBytes } from '../disk/files.js';
import { catalogProfile } from '../hardware/catalog.js';
import { quantityField } from '../hardware/quantity-schema.js';
import { readTrace } from '../replay/read-trace.js';
import { replayedEnergy, type AssumedGpus, type ReplayedEnergy } from '../replay/replay-energy.js';
import { replayTrace as replaySteps, type TraceReplay } from '../replay/replay-trace.js';
import { gpusPerRank } from '../replay/traced-job.js';
import { estimateNotes } from '../report/text/estimate-sentences.js';
import { profileNotes } from '../report/text/run-sentences.js';
import { estimateOfFile } from '../scenario/scenario-profile.js';
import { checkedOptions, checkPath } from './checked-options.js';
import { profileField, readProfile, type ProfileRow } from './profile-rows.js';

/**
 * The GPUs that a trace is assumed to have run on. Without a `catalog` entry and without a `profile`,
 * there is no energy.
 *
 * @example
 * ```ts
 * import { replayTrace, type ReplayOptions } from 'pipewatt';
 *
 * const options: ReplayOptions = { catalog: 'gpt3-175b-a100-sxm' };
 * const replay = await replayTrace('trace.parquet', options);
 * console.log(replay.energy?.policies.map(({ policy }) => policy)); // [ 'max-frequency', 'perseus' ]
 * ```
 */
export interface ReplayOptions {
  /** An entry of the catalog: time and power over the clock. */
  readonly catalog?: string | undefined;
  /** Alternatively a profile, as for `planFrontier`; its middle stage is used. */
  readonly profile?: string | readonly ProfileRow[] | undefined;
  /** Power of one GPU that waits, W; needed with a profile, default: the catalog entry's. */
  readonly blockingPowerW?: number | undefined;
  /** GPUs behind each traced rank; default: as many as the trace's rank numbers leave room for. */
  readonly tensorParallel?: number | undefined;
}

/**
 * The times of a production job step by step, and its what-ifs. Times are in s, errors and
 * savings in percent; the fields are those of `pipewatt replay --format json`.
 *
 * @example
 * ```ts
 * import { replayTrace, type Replay } from 'pipewatt';
 *
 * const replay: Replay = await replayTrace('trace.parquet');
 * const [step] = replay.steps;
 * console.log(replay.stages, step!.replayedS >= step!.idealS, replay.energy); // 2 true null
 * ```
 */
export interface Replay extends TraceReplay {
  /** The energy of all replayed steps at recorded clocks and at those of Perseus; null if not asked for. */
  readonly energy: ReplayedEnergy | null;
  /** Notes for readers of the figures, as sentences. */
  readonly notes: readonly string[];
}

/**
 * Replays a production trace (Parquet, the columns of ByteDance-Seed/StragglerAnalysis), without
 * stragglers too, and computes its energy at other clocks.
 *
 * @param path of the trace.
 * @throws InputError with every problem of the options, the trace and the profile.
 *
 * @example
 * ```ts
 * import { replayTrace } from 'pipewatt';
 *
 * const { steps, slowdown, wastePct } = await replayTrace('trace.parquet');
 * console.log(steps.length, slowdown > 1, wastePct > 0); // 2 true true
 * ```
 */
export async function replayTrace(path: string, options: ReplayOptions = {}): Promise<Replay> {
  const gathering = new ProblemGathering();
  const asked = gathering.attempt(() => checkedOptions(optionsSchema, options, CALL));
  const curves = gathering.attempt(() => curvesOf(Object(options) as ReplayOptions));
  const read = await gathering.attemptAsync(() => {
    checkPath(path, CALL);
    return readTrace(readUserBytes(path, 'trace'), path);
  });
  gathering.throwIfAny();
  const trace = read!;
  const { tensorParallel = gpusPerRank(trace) } = asked!;
  const energy = curves === undefined ? null : replayedEnergy(trace, curves, tensorParallel);
  return { ...replaySteps(trace), energy, notes: curves?.notes ?? [] };
}

/** Name of the function in messages. */
const CALL = 'replayTrace';

const optionsSchema = z.strictObject({
  catalog: z.string().min(1).optional(),
  profile: profileField.optional(),
  blockingPowerW: quantityField('waitingPowerW').optional(),
  tensorParallel: z.int().min(1).max(1024).optional(),
});

/** The GPUs assumed; undefined if none are. @throws InputError if they are unknown. */
function curvesOf({
  catalog,
  profile: given,
  blockingPowerW,
}: ReplayOptions): (AssumedGpus & { readonly notes: readonly string[] }) | undefined {
  if (typeof catalog === 'string' && given !== undefined) {
    const message = 'found catalog and profile, expected one of them';
    throw InputError.of({ source: CALL, field: 'profile', message });
  }
  if (typeof catalog === 'string') {
    const entry = LIBRARY.entry(catalog, { source: CALL, field: 'catalog' });
    return {
      profile: catalogProfile(entry),
      title: `${entry.model} on ${entry.gpu}`,
      blockingPowerW: blockingPowerW ?? entry.blockingPowerW,
      notes: [],
    };
  }
  if (typeof given !== 'string' && !Array.isArray(given)) return undefined;
  const { profile, text } = readProfile(given, CALL);
  if (blockingPowerW === undefined) {
    const message = 'is missing, expected a number from 1 to 2000 W beside a profile';
    throw InputError.of({ source: CALL, field: 'blockingPowerW', message });
  }
  const estimate = estimateOfFile(text, LIBRARY);
  return {
    ...{ profile, blockingPowerW, title: profile.source },
    notes: [
      ...(estimate === undefined ? [] : estimateNotes(estimate)),
      ...profileNotes(profile.notes),
    ],
  };
}
