import { isDeepStrictEqual } from 'node:util';
import { RefusedRequestError } from '../../src/errors.js';
import type { JobState } from './job-state.js';
import type { RankInfo } from './protocol.js';

/**
 * Judges a rank that wants to register.
 * @returns whether it is new; false for a repeated registration, which changes nothing.
 * @throws RefusedRequestError if it does not fit into the job.
 */
export function judgeRank(state: JobState, info: RankInfo): boolean {
  const { rank } = info;
  const { dp, pp, tp } = state.degrees;
  checkRank(state, rank);
  const outside = (
    [
      ['dp_rank', info.dp_rank, dp],
      ['pp_rank', info.pp_rank, pp],
      ['tp_rank', info.tp_rank, tp],
    ] as const
  ).filter(([, found, degree]) => found >= degree);
  if (outside.length > 0) {
    const found = outside.map(
      ([name, value, degree]) => `${name} ${value}, expected 0 to ${degree - 1}`,
    );
    throw new RefusedRequestError(
      422,
      `rank ${rank} does not fit into the job: ${found.join('; ')}`,
    );
  }
  const known = state.ranks.get(rank);
  if (known !== undefined) {
    if (isDeepStrictEqual(known, info)) return false;
    throw new RefusedRequestError(
      409,
      `rank ${rank} has registered with other values; a rank keeps its place and its clocks`,
    );
  }
  const other = state.rankAt(info);
  if (other !== undefined) {
    throw new RefusedRequestError(
      409,
      `the place of rank ${rank} (dp_rank ${info.dp_rank}, pp_rank ${info.pp_rank}, tp_rank ${info.tp_rank}) is that of rank ${other}`,
    );
  }
  return true;
}

/** @throws RefusedRequestError if a job is too small for a rank. */
function checkRank(state: JobState, rank: number): void {
  if (rank < state.worldSize) return;
  throw new RefusedRequestError(
    422,
    `found rank ${rank}, expected 0 to ${state.worldSize - 1}: the job has a world size of ${state.worldSize}`,
  );
}

/** The rank with a number. @throws RefusedRequestError if the job has no such rank. */
export function registeredRank(state: JobState, rank: number): RankInfo {
  const info = state.ranks.get(rank);
  if (info !== undefined) return info;
  throw new RefusedRequestError(
    404,
    rank < state.worldSize
      ? `rank ${rank} has not registered; send POST /register_rank/${state.id} first`
      : `there is no rank ${rank}: the job has a world size of ${state.worldSize}`,
  );
}

/** @throws RefusedRequestError if a job has no such pipeline. */
export function checkPipeline({ degrees }: JobState, pipeline: number): void {
  if (pipeline < degrees.dp) return;
  throw new RefusedRequestError(
    422,
    `found pipeline ${pipeline}, expected 0 to ${degrees.dp - 1}: the job has ${degrees.dp}`,
  );
}
