/**
 * A pause that recurs every few iterations, such as the restart of an epoch: by chance it is part
 * of the mean of one plan's iterations and not of another's. If no medians were kept, the standard
 * deviation kept with the mean reveals it.
 */

/** Iterations of one plan, measured by one GPU: means, and standard deviations if known. */
export interface RankMeasurement {
  readonly stage: number;
  readonly timeS: number;
  readonly energyJ: number;
  /** NaN if unknown, like the two after it. */
  readonly timeSdS: number;
  readonly energySdJ: number;
  readonly iterations: number;
}

/** A plan's spread beyond this multiple of the calmest plan's is more than jitter. */
const RESTLESS = 5;
/**
 * Pauses of one kind have similar lengths: the longest is at most this multiple of the shortest.
 */
const ALIKE = 1.6;
const FEWEST_PLANS = 3;
/** With fewer iterations, none can be called an outlier. */
const FEWEST_ITERATIONS = 4;

/**
 * The same plans without the pause that some of them contain: an estimate of their medians.
 *
 * One iteration of n that takes x longer than the others raises the mean by x / n and the standard
 * deviation to x · √(n − 1) / n. A pause is accepted if at least three plans spread far more than
 * the calmest one and their values of x are similar: other disturbances (a network of varying
 * speed) differ from plan to plan, and are kept. The power of the pause is its total energy over
 * its total time.
 *
 * O(plans · ranks).
 *
 * @param plans the ranks of each plan of one job.
 */
export function withoutRegularPause<T extends RankMeasurement>(
  plans: readonly (readonly T[])[],
): (readonly T[])[] {
  const spreads = plans.map((ranks) => Math.max(...ranks.map((rank) => rank.timeSdS)));
  const calmestS = Math.min(...spreads);
  const isRestless = (p: number) =>
    spreads[p]! > RESTLESS * calmestS &&
    plans[p]!.every(({ iterations }) => iterations >= FEWEST_ITERATIONS);
  const restless = plans.filter((_, p) => isRestless(p)).flat();
  const pauses = plans.flatMap((ranks, p) =>
    isRestless(p) ? [Math.max(...ranks.map((rank) => pauseS(rank, calmestS)))] : [],
  );
  const isOneKind = Math.max(...pauses) <= ALIKE * Math.min(...pauses);
  if (!(calmestS > 0) || pauses.length < FEWEST_PLANS || !isOneKind) return [...plans];
  const powerW = pausePower(plans.flat(), restless, calmestS);
  return plans.map((ranks, p) => {
    if (!isRestless(p)) return ranks;
    return ranks.map((rank) => {
      const shareS = pauseS(rank, calmestS) / rank.iterations;
      return { ...rank, timeS: rank.timeS - shareS, energyJ: rank.energyJ - powerW * shareS };
    });
  });
}

/** The time by which one iteration exceeded the others. */
function pauseS({ timeSdS, iterations }: RankMeasurement, calmestS: number): number {
  return outlier(timeSdS, calmestS, iterations);
}

function outlier(sd: number, calmSd: number, count: number): number {
  return (Math.sqrt(Math.max(0, sd ** 2 - calmSd ** 2)) * count) / Math.sqrt(count - 1);
}

function pausePower(
  all: readonly RankMeasurement[],
  restless: readonly RankMeasurement[],
  calmestS: number,
): number {
  let energyJ = 0;
  let timeS = 0;
  for (const rank of restless) {
    const ofStage = all.filter(({ stage }) => stage === rank.stage);
    const calmestJ = Math.min(...ofStage.map(({ energySdJ }) => energySdJ));
    energyJ += outlier(rank.energySdJ, calmestJ, rank.iterations);
    timeS += pauseS(rank, calmestS);
  }
  return Number.isFinite(energyJ) ? energyJ / timeS : 0;
}
