/** One of several parts of a sweep. */
export interface Shard {
  /** From 1. */
  readonly number: number;
  readonly of: number;
}

/**
 * Reads `i/n`, or `slurm`: the variables that a batch scheduler sets in the jobs of an array.
 * @returns a sentence that says what is wrong, if it is none.
 */
export function parseShard(
  text: string,
  environment: Readonly<Record<string, string | undefined>>,
): Shard | string {
  if (text === 'slurm') return slurmShard(environment);
  const match = /^(\d+)\/(\d+)$/.exec(text);
  const [number, of] = [Number(match?.[1]), Number(match?.[2])];
  return number >= 1 && number <= of
    ? { number, of }
    : `found "${text}", expected i/n with i from 1 to n, such as 3/8, or slurm`;
}

function slurmShard(environment: Readonly<Record<string, string | undefined>>): Shard | string {
  const [id, count, first] = ['ID', 'COUNT', 'MIN'].map((name) =>
    Number(environment[`SLURM_ARRAY_TASK_${name}`] ?? NaN),
  ) as [number, number, number];
  const of = count;
  const number = id - (Number.isNaN(first) ? 0 : first) + 1;
  return number >= 1 && number <= of
    ? { number, of }
    : 'found "slurm", but SLURM_ARRAY_TASK_ID and SLURM_ARRAY_TASK_COUNT are not those of an array without gaps';
}

/** Whether a run is a shard's: runs are dealt out like cards. */
export function isOfShard(index: number, { number, of }: Shard): boolean {
  return index % of === number - 1;
}
