import type { GridLimits } from '../../scenario/grid-schema.js';
import type { PowerSeries } from '../power-series.js';
import { loadDuration } from './load-duration.js';
import { powerFigures, rampsOf, type PowerFigures, type Ramp } from './power-figures.js';
import type { FrequencyBand } from './power-scales.js';
import { bandMagnitude } from './spectrum.js';

/** The kinds of limits. */
export type GridLimit = 'peak' | 'dynamic range' | 'ramp up' | 'ramp down' | 'band';

/** One limit, and whether the power keeps it. */
export interface GridCheck {
  readonly limit: GridLimit;
  /** Of the two figures. */
  readonly unit: 'W' | 'W/s';
  readonly allowed: number;
  readonly found: number;
  readonly isKept: boolean;
  /** Found above allowed, percent of allowed; negative if there is room. */
  readonly abovePct: number;
  /** Of a peak that is not kept: the time above the limit, all of it together. */
  readonly aboveS?: number;
  /** Where the worst of it begins, and ends if it takes time; absent for bands. */
  readonly atS?: number;
  readonly untilS?: number;
  /** The time over which a ramp counts. */
  readonly overS?: number;
  /** Of a band; the frequency with the largest amplitude, if any. */
  readonly band?: FrequencyBand;
  readonly largestHz?: number;
  /** Whether the power is known finely enough to be judged. */
  readonly isReliable: boolean;
}

/** Limits, and whether power over time keeps them. */
export interface GridVerdict {
  readonly isKept: boolean;
  readonly checks: readonly GridCheck[];
}

/** Excess below this part of a limit is rounding. */
const ROUNDING = 1e-9;

/**
 * Judges power over time by the limits of a grid: each limit that is given is a check, in the order
 * peak, dynamic range, ramps, bands. O(n).
 *
 * @param figures those of the series, if they are known.
 */
export function gridVerdict(
  series: PowerSeries,
  limits: GridLimits,
  figures: PowerFigures = powerFigures(series),
): GridVerdict {
  const checks = [
    ...levelChecks(series, limits, figures),
    ...rampChecks(series, limits),
    ...bandChecks(limits, figures),
  ];
  return { isKept: checks.every(({ isKept }) => isKept), checks };
}

function levelChecks(series: PowerSeries, limits: GridLimits, figures: PowerFigures): GridCheck[] {
  const { peakW, peakAtS, leastW, leastAtS } = figures;
  const rangeW =
    limits.dynamicRangeW ??
    (limits.dynamicRangePct === undefined ? undefined : (limits.dynamicRangePct / 100) * peakW);
  return [
    ...(limits.peakW === undefined ? [] : [peakCheck(series, limits.peakW, figures)]),
    ...(rangeW === undefined
      ? []
      : [
          {
            limit: 'dynamic range' as const,
            ...compared('W', rangeW, peakW - leastW),
            atS: Math.min(peakAtS, leastAtS),
            untilS: Math.max(peakAtS, leastAtS),
          },
        ]),
  ];
}

function peakCheck(
  series: PowerSeries,
  mostW: number,
  { peakW, peakAtS }: PowerFigures,
): GridCheck {
  const check = { limit: 'peak' as const, ...compared('W', mostW, peakW), atS: peakAtS };
  return check.isKept ? check : { ...check, aboveS: loadDuration(series).timeAboveS(mostW) };
}

/** Watts per second in one megawatt per minute. */
const W_PER_S = 1e6 / 60;

function rampChecks(series: PowerSeries, limits: GridLimits): GridCheck[] {
  const { rampUpWPerS, rampUpMWPerMin, rampDownWPerS, rampDownMWPerMin, overS } = limits;
  const wPerS = (direct: number | undefined, perMin: number | undefined) =>
    direct ?? (perMin === undefined ? undefined : perMin * W_PER_S);
  const up = wPerS(rampUpWPerS, rampUpMWPerMin);
  const down = wPerS(rampDownWPerS, rampDownMWPerMin);
  if (up === undefined && down === undefined) return [];
  const ramps = rampsOf(series, overS);
  const check = (limit: GridLimit, allowed: number | undefined, ramp: Ramp): GridCheck[] =>
    allowed === undefined
      ? []
      : [
          {
            limit,
            ...compared('W/s', allowed, ramp.wPerS),
            ...{ atS: ramp.fromS, untilS: ramp.untilS, overS: ramps.overS },
            // Within intervals longer than the time, power may rise and fall unseen.
            isReliable: series.everyS <= overS * (1 + ROUNDING),
          },
        ];
  return [...check('ramp up', up, ramps.up), ...check('ramp down', down, ramps.down)];
}

function bandChecks({ bands = [] }: GridLimits, { spectrum }: PowerFigures): GridCheck[] {
  return bands.map(({ fromHz, toHz, mostW }) => {
    const { totalW, largestHz, isReliable } = bandMagnitude(spectrum, { fromHz, toHz });
    return {
      limit: 'band',
      ...compared('W', mostW, totalW),
      band: { fromHz, toHz },
      ...(largestHz !== undefined && { largestHz }),
      isReliable,
    };
  });
}

function compared(unit: GridCheck['unit'], allowed: number, found: number) {
  return {
    ...{ unit, allowed, found, isReliable: true },
    isKept: found <= allowed * (1 + ROUNDING),
    abovePct: 100 * (found / allowed - 1),
  };
}
