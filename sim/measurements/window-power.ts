import { groupBy } from '../../src/groups.js';
import { bestOffset } from './alignment.js';
import type { Observations } from './observations.js';
import { apart } from './placed-series.js';
import { certainPowers, relativeErrors } from './series-powers.js';
import type { KeptSeries } from './series.js';
import { betweenIterations, workCourse } from './work-course.js';

/** A counter is read at most this long after its last update. */
const OLDEST_S = 0.15;

/** With fewer windows their mean is as good. */
const FEWEST_WINDOWS = 30;

/**
 * Powers from energies that files say of single instructions, as ZeusMonitor measures them: the
 * counter at the end less that at the begin. Both readings are as old as the counter's last update,
 * so that an instruction gets some energy of the time before it instead of its own end: least squares
 * over all instructions of a rank find how old, and whose energy it is.
 *
 * @param told receives relative standard errors of these powers.
 * @returns by series: power by instruction, W; nothing where plain means are as good.
 */
export function windowPowers(
  kept: readonly KeptSeries[],
  waitingW: number | undefined,
  told: { addErrors(errors: readonly number[]): void },
): ReadonlyMap<string, number>[] {
  const powerW = kept.map(() => new Map<string, number>());
  const between = betweenIterations(kept);
  const ofRank = groupBy(
    kept.map((series, at) => ({ at, series })),
    ({ series }) => series.rank,
  );
  for (const list of ofRank.values()) {
    const observed = windowObservations(list.map(({ series }) => series));
    if (observed === undefined) continue;
    const courses = apart(list).map((each) => workCourse(each, between, waitingW));
    const found = bestOffset(courses, observed, {
      leastS: -OLDEST_S,
      mostS: OLDEST_S,
      expectedS: 0,
    });
    courses.forEach((course, c) => {
      const fit = found?.fits[c];
      if (fit === undefined) return;
      const certain = certainPowers(course, fit);
      if (certain === undefined) return;
      told.addErrors(relativeErrors(course, fit));
      for (const { at, what, powerW: power } of certain) powerW[at]!.set(what, power);
    });
  }
  return powerW;
}

function windowObservations(list: readonly KeptSeries[]): Observations | undefined {
  const windows = list
    .flatMap(({ spans }) =>
      spans.flatMap(({ startS, timeS, energyJ }) =>
        startS === undefined || energyJ === undefined
          ? []
          : [{ fromS: startS, toS: startS + timeS, energyJ }],
      ),
    )
    .sort((a, b) => a.fromS - b.fromS);
  if (windows.length < FEWEST_WINDOWS) return undefined;
  return {
    fromS: Float64Array.from(windows, ({ fromS }) => fromS),
    toS: Float64Array.from(windows, ({ toS }) => toS),
    energyJ: Float64Array.from(windows, ({ energyJ }) => energyJ),
    intervalS: OLDEST_S / 3,
  };
}
