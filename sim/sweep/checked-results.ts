import { z } from 'zod';
import { COLUMN_ENTRIES, type ResultRow } from '../results/columns.js';
import { MOST_TRIES, type BatchJob } from './redis-jobs.js';
import { failedRun, type RunResult } from './run-result.js';

/** No text of a run is longer than these. */
const LONGEST_NAME = 1000;
const LONGEST_ERROR = 10_000;
/** No run has more rows than these: policies, and accounts of each. */
const MOST_POLICIES = 100;
const MOST_ACCOUNTS = 10_000;

const name = z.string().max(LONGEST_NAME);

const columns = z.strictObject(
  Object.fromEntries(
    COLUMN_ENTRIES.map(([column, { type }]) => [
      column,
      (type === 'text' ? name : z.number()).nullable(),
    ]),
  ),
);

const row = z.custom<ResultRow>((value) => columns.safeParse(value).success);

const runResult: z.ZodType<RunResult> = z.strictObject({
  index: z.int().min(0),
  error: z.string().max(LONGEST_ERROR).nullable(),
  rows: z.array(row).max(MOST_POLICIES),
  ledger: z
    .array(z.strictObject({ policy: name, account: name, energyJ: z.number() }))
    .max(MOST_ACCOUNTS),
});

const batchResult = z.union([
  z.strictObject({ results: z.array(z.unknown()) }),
  z.strictObject({ deaths: z.int().min(0).max(1000) }),
]);

const batchJob = z.object({
  sweep: z.string(),
  runs: z.array(z.object({ index: z.int().min(0) })),
  triesBefore: z.int().min(0).max(MOST_TRIES),
});

/** Whether a value from Redis is a batch of a sweep, as coordinators queue it. */
export function isBatchOf(sweep: string, data: unknown): data is BatchJob {
  return batchJob.safeParse(data).data?.sweep === sweep;
}

/** A message in our words only: text from a stranger is not repeated. */
const NO_RESULT =
  'what a worker on Redis gave for it is not a result of this version; --rerun-failed repeats it';

/** The checked answer of another machine to a batch of runs. */
export type CheckedResults =
  { readonly results: readonly RunResult[] } | { readonly deaths: number };

/**
 * Checks the answer of another machine, and keeps what a worker gives: one result for each run of the
 * batch, with our columns, or how many workers died of the batch. A run without a result has failed.
 * So a stranger who can write to the Redis can give false numbers, and nothing else.
 *
 * @param given as it was read from Redis.
 */
export function checkedResults(given: unknown, indices: readonly number[]): CheckedResults {
  const batch = batchResult.safeParse(given).data ?? { results: [] };
  if ('deaths' in batch) return batch;
  const results = new Map<number, RunResult>();
  for (const one of batch.results) {
    const { data } = runResult.safeParse(one);
    if (data !== undefined) results.set(data.index, data);
  }
  return { results: indices.map((index) => results.get(index) ?? failedRun(index, NO_RESULT)) };
}
