import { z } from 'zod';
import { parseDescription } from './described.js';

/** A number, and where it comes from. */
const sourced = z.strictObject({
  value: z.number().positive(),
  source: z.string().min(1),
  /** Not published: worked out from others by the rule in `source`. */
  extrapolated: z.literal(true).optional(),
});

const gpuSchema = z
  .strictObject({
    name: z.string().min(1),
    /** 10¹² floating-point operations per second of dense half-precision matrix products. */
    peakTflops: sourced,
    /** The clock at which it has them. */
    peakAtMHz: sourced,
    /** 10⁹ bytes per second. */
    memoryBandwidthGBs: sourced,
    memoryGB: sourced,
    powerLimitW: sourced,
    lowestMHz: sourced,
    highestMHz: sourced,
    stepMHz: sourced,
    /** Without a job. */
    idlePowerW: sourced,
    /** Waiting for other GPUs in a job. */
    blockingPowerW: sourced,
  })
  .refine(({ lowestMHz, highestMHz }) => lowestMHz.value < highestMHz.value, {
    path: ['lowestMHz', 'value'],
    error: 'must be below highestMHz',
  })
  .refine(({ blockingPowerW, powerLimitW }) => blockingPowerW.value < powerLimitW.value, {
    path: ['blockingPowerW', 'value'],
    error: 'must be below powerLimitW',
  });

/** What is published of a GPU. */
export type GpuDescription = z.infer<typeof gpuSchema>;

/** Reads a GPU's description. @throws InputError naming every field that is wrong. */
export function parseGpu(text: string, source: string): GpuDescription {
  return parseDescription(gpuSchema, text, source);
}

/** Names of the numbers that nobody published. */
export function extrapolatedFields(gpu: GpuDescription): string[] {
  return Object.entries(gpu).flatMap(([field, number]) =>
    typeof number === 'object' && number.extrapolated === true ? [field] : [],
  );
}
