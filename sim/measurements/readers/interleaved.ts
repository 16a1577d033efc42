/** Intervals this much shorter than the mean are between GPUs, not between samples. */
const SHORT = 0.2;

/**
 * The number of GPUs whose samples seem to alternate in a list of times: a tool that asks them one
 * after the other makes short intervals, and one long one each round. 1 if nothing points to
 * several. O(times).
 */
export function interleavedGpus(timeS: readonly number[]): number {
  const intervals = timeS.slice(1).map((time, k) => time - timeS[k]!);
  if (intervals.length < 3) return 1;
  const mean = (timeS.at(-1)! - timeS[0]!) / intervals.length;
  const short = intervals.filter((interval) => interval < SHORT * mean).length;
  const rounds = intervals.length - short + 1;
  const gpus = Math.round(timeS.length / rounds);
  return short >= intervals.length / 3 && mean > 0 ? Math.max(2, gpus) : 1;
}
