/** One of several parts of a sweep. */
export interface Shard {
  /** From 1. */
  readonly number: number;
  readonly of: number;
}

/**
 * Reads `i/n`, or `slurm`: the variables that a batch scheduler sets in the jobs of an array.
 * @returns a sentence with the problem, if it is invalid.
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

/** `--array=5-20:5` are the tasks 5, 10, 15, 20; a task may know only the numbers, not the step. */
function slurmShard(environment: Readonly<Record<string, string | undefined>>): Shard | string {
  const variable = (name: string) => Number(environment[`SLURM_ARRAY_TASK_${name}`] ?? NaN);
  const [id, of] = [variable('ID'), variable('COUNT')];
  const first = variable('MIN') || 0;
  const step = variable('STEP') || 1;
  const number = (id - first) / step + 1;
  const last = environment['SLURM_ARRAY_TASK_MAX'];
  const isWhole = last === undefined || (Number(last) - first) / step + 1 === of;
  return Number.isInteger(number) && number >= 1 && number <= of && isWhole
    ? { number, of }
    : 'found "slurm", but SLURM_ARRAY_TASK_ID, _MIN, _MAX, _STEP and _COUNT are not those of an array without gaps';
}

/** Whether a run belongs to a shard: runs are dealt out like cards. */
export function isOfShard(index: number, { number, of }: Shard): boolean {
  return index % of === number - 1;
}
