import { countPassing } from '../../src/last-passing.js';

/** The times when something in the trace was running, anywhere in the job. */
export interface RunningTimes {
  /** Per operation. */
  readonly startS: Float64Array;
  /** Per operation: its length from the time when all that it meets had begun. */
  readonly ownS: Float64Array;
  /** Per operation: the group of operations it meets, or −1. */
  readonly group: Int32Array;
  readonly groupStart: Int32Array;
  readonly member: Int32Array;
}

/**
 * The silent part of every delay: the time before an operation began and after all that it waits
 * for had ended, during which nothing in the trace was running anywhere in the job. No worker can
 * have waited for another then, so this part of the delay is due to the host, or to something that
 * the trace leaves out, and not to other workers.
 *
 * An operation that meets others runs once the last of them has begun. O(n log n).
 *
 * @param delayS per operation, from the end of the last that it waits for to its start.
 */
export function silentDelays(times: RunningTimes, delayS: Float64Array): Float64Array {
  const silence = silenceUntil(runningSpells(times));
  return Float64Array.from(delayS, (delay, i) => {
    const startS = times.startS[i]!;
    return delay > 0 ? silence(startS) - silence(startS - delay) : 0;
  });
}

/** A time span in which something was running. */
interface Spell {
  readonly fromS: number;
  readonly untilS: number;
}

function runningSpells({ startS, ownS, group, groupStart, member }: RunningTimes): Spell[] {
  const groupFromS = Float64Array.from({ length: groupStart.length - 1 }, (_, g) =>
    member
      .subarray(groupStart[g], groupStart[g + 1])
      .reduce((latestS, i) => Math.max(latestS, startS[i]!), -Infinity),
  );
  return Array.from(startS, (ownStartS, i): Spell => {
    const fromS = group[i]! < 0 ? ownStartS : groupFromS[group[i]!]!;
    return { fromS, untilS: fromS + Math.max(0, ownS[i]!) };
  });
}

/** The time up to any moment in which nothing was running between two spells. */
function silenceUntil(spells: readonly Spell[]): (timeS: number) => number {
  const sorted = spells.toSorted((a, b) => a.fromS - b.fromS);
  const silences: { readonly fromS: number; readonly untilS: number; readonly beforeS: number }[] =
    [];
  let runningUntilS = Infinity;
  let totalS = 0;
  for (const { fromS, untilS } of sorted) {
    if (fromS > runningUntilS) {
      silences.push({ fromS: runningUntilS, untilS: fromS, beforeS: totalS });
      totalS += fromS - runningUntilS;
    }
    runningUntilS = runningUntilS === Infinity ? untilS : Math.max(runningUntilS, untilS);
  }
  return (timeS) => {
    const earlier = countPassing(silences.length, (k) => silences[k]!.fromS < timeS);
    const last = silences[earlier - 1];
    return last === undefined ? 0 : last.beforeS + Math.min(timeS, last.untilS) - last.fromS;
  };
}
