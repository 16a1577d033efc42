import { evaluateSpline, fitMonotoneSpline, type MonotoneSpline } from './monotone-spline.js';
import { usefulOptions } from './pareto.js';
import {
  byKind,
  type ExecutionOption,
  type ProfiledKind,
  type StageProfile,
} from './stage-profile.js';

/**
 * Time and power of one operation on a device, as functions of the locked clock: t(f) never rises
 * and P(f) never falls with the clock.
 *
 * The textbook forms, t = a + b / min(f, f_sat) and P = p0 + p1·x + p2·x³, miss the time by 1–5 %
 * near the power limit, where GPUs lose clock gradually and where the savings are; monotone
 * splines with cross-validated knots do not.
 */
export interface DeviceCurve {
  /** Seconds over MHz. */
  readonly time: MonotoneSpline;
  /** Watts over MHz. */
  readonly power: MonotoneSpline;
  readonly fit: DeviceCurveFit;
}

/** The accuracy of a curve: errors in percent of the measured value. */
export interface DeviceCurveFit {
  readonly measuredClocks: number;
  readonly lowestMHz: number;
  readonly highestMHz: number;
  readonly timeRmsPct: number;
  readonly timeWorstPct: number;
  readonly timeWorstAtMHz: number;
  readonly powerRmsPct: number;
  readonly powerWorstPct: number;
  readonly powerWorstAtMHz: number;
  /** At the highest clock, the baseline of every saving. */
  readonly timeAtHighestPct: number;
  readonly energyAtHighestPct: number;
}

/** Curves of every operation of a pipeline, one record per stage. */
export type StageCurves = Readonly<Record<ProfiledKind, DeviceCurve>>;

/**
 * Fits the curves of one operation. Deterministic.
 *
 * Clocks are weighted by their use: the highest one is the baseline of every saving, plans run at
 * the useful ones, and the others are never run. The weights were chosen on the four published
 * profiles, by the difference between table 6 planned on the curves and table 6 planned on the
 * measurements (published unit times; now 0.42 points on Bloom 176B A100, 0.80 on A40, 0.07 on
 * GPT-3). Changes that did not help, each tried alone:
 * - equal weights for useful and other clocks: Bloom on A100 0.52;
 * - useful clocks at 2: Bloom on A40 1.06, its curve follows the luckiest measurements;
 * - power held harder to the highest clock's (weight 4 or 10): Bloom on A40 1.11–1.12;
 * - time held harder to the highest clock's (weight 3 or 4): Bloom on A100 0.6 to 1.1 too high. Its
 *   1395 MHz was measured 0.2 % faster than 1410 MHz, which a monotone curve cannot have; T_min
 *   rises across a whole tick of 1 ms.
 */
export function fitDeviceCurve(options: readonly ExecutionOption[]): DeviceCurve {
  const rising = [...options].sort((a, b) => a.frequencyMHz - b.frequencyMHz);
  const useful = new Set(usefulOptions(rising));
  const highest = rising.at(-1);
  const pointOf = (option: ExecutionOption, y: number) => ({
    x: option.frequencyMHz,
    y,
    weight:
      option === highest ? HIGHEST_CLOCK_WEIGHT : useful.has(option) ? USEFUL_CLOCK_WEIGHT : 1,
  });
  const time = rounded(
    fitMonotoneSpline(
      rising.map((option) => pointOf(option, option.timeS)),
      -1,
    ),
  );
  const power = rounded(
    fitMonotoneSpline(
      rising.map((option) => pointOf(option, option.energyJ / option.timeS)),
      1,
    ),
  );
  return { time, power, fit: measureFit(time, power, rising) };
}

const HIGHEST_CLOCK_WEIGHT = 2;
const USEFUL_CLOCK_WEIGHT = 1.5;

/**
 * Time of the operation at a clock; outside the measured range, the time at the nearest measured
 * clock.
 */
export function timeAt(curve: DeviceCurve, frequencyMHz: number): number {
  return evaluateSpline(curve.time, frequencyMHz);
}

/** Power while the operation runs at a clock; outside the measured range as for `timeAt`. */
export function powerAt(curve: DeviceCurve, frequencyMHz: number): number {
  return evaluateSpline(curve.power, frequencyMHz);
}

/** The options of a device according to its curve, highest clock first. */
export function optionsFromCurve(
  curve: DeviceCurve,
  clocksMHz: readonly number[],
): ExecutionOption[] {
  return [...clocksMHz]
    .sort((a, b) => b - a)
    .map((frequencyMHz) => {
      const timeS = timeAt(curve, frequencyMHz);
      return { frequencyMHz, timeS, energyJ: powerAt(curve, frequencyMHz) * timeS };
    });
}

/** Clocks of a grid from the lowest to the highest. */
export function clockGrid(lowestMHz: number, highestMHz: number, stepMHz: number): number[] {
  const count = Math.floor((highestMHz - lowestMHz) / stepMHz + 1e-9) + 1;
  return Array.from({ length: count }, (_, k) => lowestMHz + k * stepMHz);
}

/** Fits the curves of a whole profile. */
export function fitStageCurves(profile: StageProfile): StageCurves[] {
  return profile.stages.map((stage) => byKind((kind) => fitDeviceCurve(stage[kind])));
}

/** A profile at every clock of a grid, from curves. */
export function profileFromCurves(
  source: string,
  stages: readonly StageCurves[],
  clocksMHz: readonly number[],
): StageProfile {
  return {
    source,
    origin: 'fitted',
    stages: stages.map((curves) => byKind((kind) => optionsFromCurve(curves[kind], clocksMHz))),
  };
}

/** Coefficients rounded to the digits that matter: one part in a million of a measured value. */
function rounded(spline: MonotoneSpline): MonotoneSpline {
  return {
    knots: spline.knots.map((knot) => Number(knot.toFixed(3))),
    coefficients: spline.coefficients.map((value) => Number(value.toPrecision(6))),
  };
}

function measureFit(
  time: MonotoneSpline,
  power: MonotoneSpline,
  rising: readonly ExecutionOption[],
): DeviceCurveFit {
  const times = residuals(rising, (o) => evaluateSpline(time, o.frequencyMHz) / o.timeS);
  const powers = residuals(
    rising,
    (o) => (evaluateSpline(power, o.frequencyMHz) * o.timeS) / o.energyJ,
  );
  const highest = rising.at(-1)!;
  const highestTimeS = evaluateSpline(time, highest.frequencyMHz);
  const highestEnergyJ = evaluateSpline(power, highest.frequencyMHz) * highestTimeS;
  return {
    measuredClocks: rising.length,
    lowestMHz: rising[0]!.frequencyMHz,
    highestMHz: highest.frequencyMHz,
    timeRmsPct: times.rmsPct,
    timeWorstPct: times.worstPct,
    timeWorstAtMHz: times.worstAtMHz,
    powerRmsPct: powers.rmsPct,
    powerWorstPct: powers.worstPct,
    powerWorstAtMHz: powers.worstAtMHz,
    timeAtHighestPct: percent(highestTimeS / highest.timeS - 1),
    energyAtHighestPct: percent(highestEnergyJ / highest.energyJ - 1),
  };
}

function residuals(
  options: readonly ExecutionOption[],
  ratio: (option: ExecutionOption) => number,
): { rmsPct: number; worstPct: number; worstAtMHz: number } {
  let squared = 0;
  let worst = 0;
  let worstAtMHz = options[0]!.frequencyMHz;
  for (const option of options) {
    const error = ratio(option) - 1;
    squared += error * error;
    if (Math.abs(error) > Math.abs(worst)) {
      worst = error;
      worstAtMHz = option.frequencyMHz;
    }
  }
  return {
    rmsPct: percent(Math.sqrt(squared / options.length)),
    worstPct: percent(worst),
    worstAtMHz,
  };
}

function percent(fraction: number): number {
  return Number((100 * fraction).toFixed(3));
}
