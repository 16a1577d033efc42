import { z } from 'zod';
import type { ProfiledKind } from '../../src/profile/stage-profile.js';
import type { GpuDescription } from './gpu-description.js';
import { parseDescription } from './described.js';

const errorSchema = z.strictObject({
  /** Largest and mean absolute error, percent. */
  meanPct: z.number(),
  worstPct: z.number(),
  profiles: z.int().positive(),
});

const errorsSchema = z.strictObject({
  /** At the highest clock. */
  time: errorSchema,
  /** At the lowest profiled clock, of the time relative to that at the highest. */
  slowdown: errorSchema,
  power: errorSchema,
});

const synthModelSchema = z.strictObject({
  source: z.string().min(1),
  /** Fraction of the peak that matrix products reach at the clock of the peak. */
  efficiency: z.strictObject({ forward: z.number().positive(), backward: z.number().positive() }),
  /** Fraction of the time at the highest clock that does not depend on the clock. */
  clockIndependentShare: z.number().min(0).max(1),
  /** Power relative to the board's limit: constant, linear, and cubic in clock / highest clock. */
  power: z.strictObject({
    constant: z.number(),
    linear: z.number().min(0),
    cubic: z.number().min(0),
  }),
  /** Of profiles predicted from all others. */
  leaveOneOut: errorsSchema,
  /** Of profiles predicted from those on other chips only. */
  leaveChipOut: errorsSchema,
});

/**
 * The synthesis model, learnt from profiles and applied to GPUs and models that were not profiled.
 */
export type SynthModel = z.infer<typeof synthModelSchema>;

/** Reads it. @throws InputError if it is invalid. */
export function parseSynthModel(text: string): SynthModel {
  return parseDescription(synthModelSchema, text, 'synthesis model');
}

/** Time and power as functions of the clock x, relative to the highest clock. */
export interface CurveShape {
  readonly clockIndependentShare: number;
  readonly power: SynthModel['power'];
  /** The highest clock that the board's power limit allows. */
  readonly saturation: number;
}

/** The curves for a clock-independent share and a power. */
export function curveShape({
  clockIndependentShare,
  power,
}: Pick<SynthModel, 'clockIndependentShare' | 'power'>): CurveShape {
  return { clockIndependentShare, power, saturation: saturationOf(power) };
}

/** Power at a clock relative to the board's limit, before the limit takes effect. */
function uncappedPower(power: SynthModel['power'], x: number): number {
  return power.constant + power.linear * x + power.cubic * x ** 3;
}

const BISECTIONS = 50;

function saturationOf(power: SynthModel['power']): number {
  if (uncappedPower(power, 1) <= 1) return 1;
  let low = 0;
  let high = 1;
  for (let k = 0; k < BISECTIONS; k++) {
    const middle = (low + high) / 2;
    if (uncappedPower(power, middle) <= 1) low = middle;
    else high = middle;
  }
  return low;
}

/** Power at a clock relative to the board's limit. */
export function relativePower(shape: CurveShape, x: number): number {
  return Math.min(1, uncappedPower(shape.power, x));
}

/** Time at a clock, relative to that at the highest clock without a power limit. */
export function relativeTime(shape: CurveShape, x: number): number {
  const { clockIndependentShare: share, saturation } = shape;
  return share + (1 - share) / Math.min(x, saturation);
}

/** Time of matrix products at the highest clock, without a power limit. */
export function computingTime(
  flops: number,
  gpu: Pick<GpuDescription, 'peakTflops' | 'peakAtMHz' | 'highestMHz'>,
  efficiency: number,
  { clockIndependentShare: share }: CurveShape,
): number {
  const atPeakS = flops / (gpu.peakTflops.value * 1e12 * efficiency);
  return atPeakS / (share + ((1 - share) * gpu.highestMHz.value) / gpu.peakAtMHz.value);
}

/** The work of a backward: two products for each product of the forward. */
export const BACKWARD_WORK: Readonly<Record<ProfiledKind, number>> = { forward: 1, backward: 2 };
