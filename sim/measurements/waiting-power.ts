import { implausible } from '../../src/plausible.js';
import type { ProblemList } from '../../src/problem-list.js';
import type { GpuSamples, MeasuredFile } from './measured.js';
import { energyBetween, energyOverTime } from './observations.js';
import { digits } from './sentences.js';

/** The power of a GPU that waits, measured by itself. */
export interface WaitingPower {
  readonly powerW: number;
  /** A sentence on it. */
  readonly note: string;
}

/** Part of the samples at each end that may belong to the begin and the end of the run. */
const ENDS = 0.1;

/**
 * The power of the GPU that waited in a run in which one rank posts a receive and the other sleeps:
 * energy over time in the middle of the samples. Of several GPUs, those that slept draw less.
 *
 * @returns undefined if a problem was added.
 */
export function waitingPower(
  files: readonly MeasuredFile[],
  problems: ProblemList,
): WaitingPower | undefined {
  const found = files
    .flatMap(({ samples }) => samples)
    .flatMap((samples) => middlePower(samples) ?? [])
    .sort((a, b) => b.powerW - a.powerW);
  const [waiting, ...others] = found;
  if (waiting === undefined) {
    problems.add('there are no samples of power or of the energy counter', { field: '--waiting' });
    return undefined;
  }
  const expected = implausible('waitingPowerW', waiting.powerW);
  if (expected !== undefined) {
    problems.add(`found ${digits(waiting.powerW)} W, expected ${expected}`, { field: '--waiting' });
    return undefined;
  }
  const rest =
    others.length === 0
      ? ''
      : `; the others ${digits(others.at(-1)!.powerW)} to ${digits(others[0]!.powerW)} W`;
  const varies =
    waiting.variation <= STEADY
      ? ''
      : `; its power varies by ${digits(100 * waiting.variation, 2)} %, so it may not only have waited`;
  return {
    powerW: waiting.powerW,
    note: `a GPU that waits draws ${digits(waiting.powerW)} W (GPU ${waiting.gpu}, over ${digits(waiting.overS, 3)} s${rest}${varies}): --blocking-power ${digits(waiting.powerW)}`,
  };
}

/** Parts of the middle whose powers are compared. */
const PARTS = 8;
/** A GPU that only waits varies by less than this part of its power. */
const STEADY = 0.05;

function middlePower(samples: GpuSamples) {
  const over = energyOverTime(samples);
  if (over === undefined) return undefined;
  const [firstS, lastS] = [over.timeS[0]!, over.timeS.at(-1)!];
  const overS = (lastS - firstS) * (1 - 2 * ENDS);
  if (!(overS > 0)) return undefined;
  const fromS = firstS + (lastS - firstS) * ENDS;
  const powerOf = (beginS: number, lengthS: number) =>
    (energyBetween({ ...over, mostGapS: Infinity }, beginS, beginS + lengthS) ?? NaN) / lengthS;
  const powerW = powerOf(fromS, overS);
  const parts = Array.from({ length: PARTS }, (_, k) =>
    powerOf(fromS + (k * overS) / PARTS, overS / PARTS),
  );
  const variance = parts.reduce((sum, each) => sum + (each - powerW) ** 2, 0) / PARTS;
  return { gpu: samples.gpu, powerW, overS, variation: Math.sqrt(variance) / powerW };
}
