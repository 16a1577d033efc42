import { evaluateSpline, fitMonotoneSpline, type MonotoneSpline } from './monotone-spline.js';
import {
  byKind,
  type ExecutionOption,
  type InstructionKind,
  type StageProfile,
} from './stage-profile.js';

/**
 * What one operation takes and draws on a device, as functions of the locked clock: t(f) never
 * rises and P(f) never falls with the clock.
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

/** How well a curve repeats what was measured; errors in percent of the measured value. */
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
}

/** Curves of every operation of a pipeline, one record per stage. */
export type StageCurves = Readonly<Record<InstructionKind, DeviceCurve>>;

/** Fits the curves of one operation. Deterministic. */
export function fitDeviceCurve(options: readonly ExecutionOption[]): DeviceCurve {
  const rising = [...options].sort((a, b) => a.frequencyMHz - b.frequencyMHz);
  const time = rounded(
    fitMonotoneSpline(
      rising.map(({ frequencyMHz, timeS }) => ({ x: frequencyMHz, y: timeS })),
      -1,
    ),
  );
  const power = rounded(
    fitMonotoneSpline(
      rising.map(({ frequencyMHz, timeS, energyJ }) => ({ x: frequencyMHz, y: energyJ / timeS })),
      1,
    ),
  );
  return { time, power, fit: measureFit(time, power, rising) };
}

/** Time of the operation at a clock; beyond the measured range that of the nearest clock in it. */
export function timeAt(curve: DeviceCurve, frequencyMHz: number): number {
  return evaluateSpline(curve.time, frequencyMHz);
}

/** Power while the operation runs at a clock; beyond the measured range as for `timeAt`. */
export function powerAt(curve: DeviceCurve, frequencyMHz: number): number {
  return evaluateSpline(curve.power, frequencyMHz);
}

/** Whether a clock lies outside what the curve was fitted to. */
export function isExtrapolated(curve: DeviceCurve, frequencyMHz: number): boolean {
  return frequencyMHz < curve.fit.lowestMHz || frequencyMHz > curve.fit.highestMHz;
}

/** The options that a device has by its curve, highest clock first. */
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
    stages: stages.map((curves) => byKind((kind) => optionsFromCurve(curves[kind], clocksMHz))),
  };
}

/** Coefficients to as many digits as matter: one in a million of a measured value. */
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
  return {
    measuredClocks: rising.length,
    lowestMHz: rising[0]!.frequencyMHz,
    highestMHz: rising.at(-1)!.frequencyMHz,
    timeRmsPct: times.rmsPct,
    timeWorstPct: times.worstPct,
    timeWorstAtMHz: times.worstAtMHz,
    powerRmsPct: powers.rmsPct,
    powerWorstPct: powers.worstPct,
    powerWorstAtMHz: powers.worstAtMHz,
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
  const pct = (fraction: number) => Number((100 * fraction).toFixed(3));
  return { rmsPct: pct(Math.sqrt(squared / options.length)), worstPct: pct(worst), worstAtMHz };
}
