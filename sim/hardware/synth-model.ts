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
  /** At the lowest profiled clock, of time over that at the highest. */
  slowdown: errorSchema,
  power: errorSchema,
});

const synthModelSchema = z.strictObject({
  source: z.string().min(1),
  /** Part of the peak that matrix products reach at the clock of the peak. */
  efficiency: z.strictObject({ forward: z.number().positive(), backward: z.number().positive() }),
  /** Part of the time at the highest clock that does not depend on the clock. */
  clockIndependentShare: z.number().min(0).max(1),
  /** Power over the board's limit: constant, linear, and cubic in clock over highest clock. */
  power: z.strictObject({
    constant: z.number(),
    linear: z.number().min(0),
    cubic: z.number().min(0),
  }),
  /** Of profiles that were predicted from all others. */
  leaveOneOut: errorsSchema,
  /** From those on other chips alone. */
  leaveChipOut: errorsSchema,
});

/** What was learnt from profiles about GPUs and models that nobody profiled. */
export type SynthModel = z.infer<typeof synthModelSchema>;

/** Reads it. @throws InputError when it is none. */
export function parseSynthModel(text: string): SynthModel {
  return parseDescription(synthModelSchema, text, 'synthesis model');
}

/** How time and power go with the clock x, counted in highest clocks. */
export interface CurveShape {
  readonly clockIndependentShare: number;
  readonly power: SynthModel['power'];
  /** The clock above which the board's power limit lets no GPU run. */
  readonly saturation: number;
}

/** The curves of a share and a power. */
export function curveShape({
  clockIndependentShare,
  power,
}: Pick<SynthModel, 'clockIndependentShare' | 'power'>): CurveShape {
  return { clockIndependentShare, power, saturation: saturationOf(power) };
}

/** Power at a clock over the board's limit, before the limit holds it down. */
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

/** Power at a clock over the board's limit. */
export function relativePower(shape: CurveShape, x: number): number {
  return Math.min(1, uncappedPower(shape.power, x));
}

/** Time at a clock over that at the highest clock, were there no power limit. */
export function relativeTime(shape: CurveShape, x: number): number {
  const { clockIndependentShare: share, saturation } = shape;
  return share + (1 - share) / Math.min(x, saturation);
}

/** How long matrix products take at the highest clock, were there no power limit. */
export function computingTime(
  flops: number,
  gpu: Pick<GpuDescription, 'peakTflops' | 'peakAtMHz' | 'highestMHz'>,
  efficiency: number,
  { clockIndependentShare: share }: CurveShape,
): number {
  const atPeakS = flops / (gpu.peakTflops.value * 1e12 * efficiency);
  return atPeakS / (share + ((1 - share) * gpu.highestMHz.value) / gpu.peakAtMHz.value);
}

/** The work of a backward: two products for each of the forward's. */
export const BACKWARD_WORK: Readonly<Record<ProfiledKind, number>> = { forward: 1, backward: 2 };
