import type { ReadingHints } from '../measurement-reader.js';

/** The rank and the stage that the path of a file names. */
export interface NamedPlace {
  readonly rank?: number;
  readonly stage?: number;
}

const STAGE = /(?:^|[^a-z])(?:stage|pp|pp[_-]?rank|pipeline[_-]?rank)[ _=-]?(\d{1,4})(?!\d)/gi;
const RANK = /(?:^|[^a-z_])(?:global[_-]?)?rank[ _=-]?(\d{1,6})(?!\d)/gi;

/** Reads `stage1/rank3.csv`, `pp0-timers.log`, `rank_12.json`; the last mention counts. */
export function placeOf(source: string): NamedPlace {
  const last = (pattern: RegExp) => [...source.matchAll(pattern)].at(-1)?.[1];
  const stage = last(STAGE);
  const rank = last(RANK);
  return {
    ...(rank === undefined ? {} : { rank: Number(rank) }),
    ...(stage === undefined ? {} : { stage: Number(stage) }),
  };
}

/** The highest stage that a job can have. */
export const MOST_STAGE = 1023;

/**
 * The stage of a rank, if the numbers of stages and GPUs are known: frameworks number the GPUs of a
 * stage one after the other. Undefined if they are not known or do not fit.
 */
export function stageOfRank(
  rank: number,
  { stages, gpus }: Pick<ReadingHints, 'stages' | 'gpus'>,
): number | undefined {
  if (stages === 1) return 0;
  if (stages === undefined || gpus === undefined || gpus % stages !== 0 || rank >= gpus) {
    return undefined;
  }
  return Math.floor(rank / (gpus / stages));
}
