import { mean } from 'simple-statistics';
import { nonNegativeLeastSquares } from '../../src/profile/non-negative-least-squares.js';
import type { ProfiledKind } from '../../src/profile/stage-profile.js';
import type { GpuDescription } from '../../sim/hardware/gpu-description.js';
import {
  BACKWARD_WORK,
  computingTime,
  curveShape,
  relativePower,
  relativeTime,
  type CurveShape,
  type SynthModel,
} from '../../sim/hardware/synth-model.js';

/** Times and powers of one kind of instruction at some clocks. */
export interface ProfiledOperation {
  readonly kind: ProfiledKind;
  readonly points: readonly {
    readonly frequencyMHz: number;
    readonly timeS: number;
    readonly powerW: number;
  }[];
}

/** A profile to learn from. */
export interface CalibrationProfile {
  readonly name: string;
  readonly gpu: GpuDescription;
  /** Of the GPU: boards with the same chip tell much of each other. */
  readonly chip: string;
  readonly operations: readonly ProfiledOperation[];
  /** Operations of a forward, where it is known what was run. */
  readonly forwardFlops?: number;
}

/**
 * Learns a synthesis model from profiles, and says how far each of them is from what the others
 * would have predicted of it.
 */
export function calibrateSynth(
  profiles: readonly CalibrationProfile[],
  source: string,
): SynthModel {
  const model = fitAll(profiles);
  return {
    source,
    efficiency: {
      forward: rounded(model.efficiency.forward, 4),
      backward: rounded(model.efficiency.backward, 4),
    },
    clockIndependentShare: rounded(model.clockIndependentShare, 4),
    power: {
      constant: rounded(model.power.constant, 4),
      linear: rounded(model.power.linear, 4),
      cubic: rounded(model.power.cubic, 4),
    },
    leaveOneOut: errorsLeavingOut(profiles, (profile, other) => other === profile),
    leaveChipOut: errorsLeavingOut(profiles, (profile, other) => other.chip === profile.chip),
  };
}

/** Errors of profiles predicted from the others. */
function errorsLeavingOut(
  profiles: readonly CalibrationProfile[],
  isLeftOut: (profile: CalibrationProfile, other: CalibrationProfile) => boolean,
): SynthModel['leaveOneOut'] {
  const errors = profiles.map((profile) => {
    const others = profiles.filter((other) => !isLeftOut(profile, other));
    return predictionErrors(profile, fitAll(others));
  });
  const summary = (values: readonly number[]) => ({
    meanPct: rounded(mean(values.map(Math.abs)), 2),
    worstPct: rounded(Math.max(...values.map(Math.abs)), 2),
  });
  const ofAll = (pick: (error: PredictionErrors) => readonly number[]) => ({
    ...summary(errors.flatMap(pick)),
    profiles: errors.filter((error) => pick(error).length > 0).length,
  });
  return {
    time: ofAll(({ timePct }) => timePct),
    slowdown: ofAll(({ slowdownPct }) => slowdownPct),
    power: ofAll(({ powerPct }) => powerPct),
  };
}

function rounded(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}

type Fitted = CurveShape & Pick<SynthModel, 'efficiency'>;

function fitAll(profiles: readonly CalibrationProfile[]): Fitted {
  const power = fitPower(profiles);
  const shape = curveShape({ power, clockIndependentShare: fitShare(profiles) });
  return { ...shape, efficiency: fitEfficiency(profiles, shape) };
}

/** Powers this near the board's limit are held down by it, and say nothing of the curve. */
const HELD_DOWN = 0.97;

/** Power over the limit as 1, x, x³; every profile counts alike. */
function fitPower(profiles: readonly CalibrationProfile[]): CurveShape['power'] {
  const rows: number[][] = [];
  const values: number[] = [];
  for (const { gpu, operations } of profiles) {
    const points = operations.flatMap(({ points: ofKind }) =>
      ofKind.filter(({ powerW }) => powerW < HELD_DOWN * gpu.powerLimitW.value),
    );
    const weight = 1 / Math.sqrt(points.length);
    for (const { frequencyMHz, powerW } of points) {
      const x = frequencyMHz / gpu.highestMHz.value;
      rows.push([weight, weight * x, weight * x ** 3]);
      values.push((weight * powerW) / gpu.powerLimitW.value);
    }
  }
  const [constant, linear, cubic] = nonNegativeLeastSquares(rows, values, 1);
  return { constant: constant!, linear: linear!, cubic: cubic! };
}

const SHARE_STEP = 0.001;
const LARGEST_SHARE = 0.9;

/**
 * The share of time without the clock that repeats the profiles' slowdowns best, at clocks at which
 * the power limit does not hold them up already.
 */
function fitShare(profiles: readonly CalibrationProfile[]): number {
  const free = profiles.flatMap(({ gpu, operations }) => {
    const ofProfile = operations.flatMap(({ points }) => {
      const limitW = HELD_DOWN * gpu.powerLimitW.value;
      return slowdowns(
        gpu,
        points.filter(({ powerW }) => powerW < limitW),
      );
    });
    return ofProfile.length === 0 ? [] : [ofProfile];
  });
  const errorOf = (share: number): number =>
    mean(
      free.map((ofProfile) =>
        mean(
          ofProfile.map(({ x, top, slower }) => {
            const found = (share + (1 - share) / x) / (share + (1 - share) / top);
            return Math.log(found / slower) ** 2;
          }),
        ),
      ),
    );
  let best = 0;
  for (let share = 0; share <= LARGEST_SHARE; share += SHARE_STEP) {
    if (errorOf(share) < errorOf(best)) best = share;
  }
  return best;
}

/** Measured time at each clock over that at the highest one; clocks in highest clocks of the GPU. */
function slowdowns(gpu: GpuDescription, points: ProfiledOperation['points']) {
  if (points.length === 0) return [];
  const top = points.reduce((a, b) => (b.frequencyMHz > a.frequencyMHz ? b : a));
  const relative = (frequencyMHz: number) => frequencyMHz / gpu.highestMHz.value;
  return points
    .filter((point) => point !== top)
    .map(({ frequencyMHz, timeS }) => ({
      x: relative(frequencyMHz),
      top: relative(top.frequencyMHz),
      slower: timeS / top.timeS,
    }));
}

function fitEfficiency(
  profiles: readonly CalibrationProfile[],
  shape: CurveShape,
): SynthModel['efficiency'] {
  const of = (kind: ProfiledKind): number => {
    const found = profiles.flatMap((profile) =>
      topTimes(profile, shape, { forward: 1, backward: 1 })
        .filter((time) => time.kind === kind)
        .map(({ predictedS, measuredS }) => predictedS / measuredS),
    );
    return found.length === 0 ? NaN : mean(found);
  };
  return { forward: of('forward'), backward: of('backward') };
}

/** Times at the highest clock, where it is known what was run. */
function topTimes(
  { gpu, operations, forwardFlops }: CalibrationProfile,
  shape: CurveShape,
  efficiency: SynthModel['efficiency'],
) {
  if (forwardFlops === undefined) return [];
  return operations.map(({ kind, points }) => {
    const top = points.reduce((a, b) => (b.frequencyMHz > a.frequencyMHz ? b : a));
    const flops = forwardFlops * BACKWARD_WORK[kind];
    const computingS = computingTime(flops, gpu, efficiency[kind], shape);
    const x = top.frequencyMHz / gpu.highestMHz.value;
    return { kind, predictedS: computingS * relativeTime(shape, x), measuredS: top.timeS };
  });
}

/** Errors of one profile, percent of what was measured. */
interface PredictionErrors {
  readonly timePct: readonly number[];
  readonly slowdownPct: readonly number[];
  readonly powerPct: readonly number[];
}

function predictionErrors(profile: CalibrationProfile, fitted: Fitted): PredictionErrors {
  const { gpu, operations } = profile;
  const pct = (found: number, expected: number) => 100 * (found / expected - 1);
  return {
    timePct: topTimes(profile, fitted, fitted.efficiency).map(({ predictedS, measuredS }) =>
      pct(predictedS, measuredS),
    ),
    slowdownPct: operations.map(({ points }) => {
      const lowest = slowdowns(gpu, points).reduce((a, b) => (b.x < a.x ? b : a));
      return pct(relativeTime(fitted, lowest.x) / relativeTime(fitted, lowest.top), lowest.slower);
    }),
    powerPct: operations.map(({ points }) =>
      mean(
        points.map(({ frequencyMHz, powerW }) => {
          const x = frequencyMHz / gpu.highestMHz.value;
          const found = gpu.powerLimitW.value * relativePower(fitted, x);
          // A measured job's power may lie above the limit: it was worked out, not read off.
          const measuredW = Math.min(powerW, gpu.powerLimitW.value);
          return Math.abs(pct(found, measuredW));
        }),
      ),
    ),
  };
}
