/** A connection between GPUs, inside a node or between nodes. */
export interface Link {
  readonly latencyS: number;
  /** 10⁹ bytes per second, one way. */
  readonly bandwidthGBs: number;
}

/** The time that a message of `megabytes` (10⁶ bytes) takes over a link. */
export function transferTime({ latencyS, bandwidthGBs }: Link, megabytes: number): number {
  return latencyS + megabytes / 1e3 / bandwidthGBs;
}

/**
 * The time that a ring of `members` takes to add up `megabytes` held by each of them: 2 (n − 1)
 * steps, each of which moves one n-th (Patarasuk and Yuan, J. Parallel Distrib. Comput. 69, 2009).
 */
export function ringReductionTime(link: Link, megabytes: number, members: number): number {
  return members === 1 ? 0 : 2 * (members - 1) * transferTime(link, megabytes / members);
}
