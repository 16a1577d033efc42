import seedrandom from 'seedrandom';

/** A stream of independent uniform numbers in [0, 1). */
export type RandomStream = () => number;

/**
 * The random numbers of one run. Every purpose has its own stream, so that the draws of one part of
 * a scenario do not depend on another part: the jitter of pipeline 3 stays the same when a
 * straggler is added.
 *
 * @param seed the run's seed.
 * @param purpose a name that no other purpose shares, such as `jitter/pipeline-3`.
 */
export function randomStream(seed: number, purpose: string): RandomStream {
  return seedrandom.alea(`${seed}/${purpose}`);
}
