import { z } from 'zod';
import type { QuantityName } from '../../src/quantities.js';
import { parseDescription } from './described.js';
import { quantityField } from './quantity-schema.js';

/** A number and its source. */
const sourced = (name: QuantityName) =>
  z.strictObject({
    value: quantityField(name),
    source: z.string().min(1).optional(),
    /** Not published: derived from other numbers by the rule in `source`. */
    extrapolated: z.literal(true).optional(),
  });

const gpuSchema = z
  .strictObject({
    name: z.string().min(1),
    /** 10¹² floating-point operations per second of dense half-precision matrix products. */
    peakTflops: sourced('peakTflops'),
    /** The clock at which it reaches them. */
    peakAtMHz: sourced('clockMHz'),
    /** 10⁹ bytes per second. */
    memoryBandwidthGBs: sourced('memoryBandwidthGBs'),
    /** 10⁹ bytes, to compare with weights and activations. */
    memoryGB: sourced('memoryGB'),
    powerLimitW: sourced('powerLimitW'),
    lowestMHz: sourced('clockMHz'),
    highestMHz: sourced('clockMHz'),
    stepMHz: sourced('clockStepMHz'),
    /** Without a job; used only to check that waiting draws no less. */
    idlePowerW: sourced('waitingPowerW').optional(),
    /** Waiting for other GPUs in a job. */
    blockingPowerW: sourced('waitingPowerW'),
  })
  .refine(({ lowestMHz, highestMHz }) => lowestMHz.value < highestMHz.value, {
    path: ['lowestMHz', 'value'],
    error: 'must be below highestMHz',
  })
  .refine(({ blockingPowerW, powerLimitW }) => blockingPowerW.value < powerLimitW.value, {
    path: ['blockingPowerW', 'value'],
    error: 'must be below powerLimitW',
  })
  .refine(({ blockingPowerW, idlePowerW }) => (idlePowerW?.value ?? 0) <= blockingPowerW.value, {
    path: ['idlePowerW', 'value'],
    error: 'must not be above blockingPowerW',
  });

/** The published data of a GPU. */
export type GpuDescription = z.infer<typeof gpuSchema>;

/** Reads a GPU's description. @throws InputError naming every wrong field. */
export function parseGpu(text: string, source: string): GpuDescription {
  return parseDescription(gpuSchema, text, source);
}

/** Names of the numbers that were not published. */
export function extrapolatedFields(gpu: GpuDescription): string[] {
  return Object.entries(gpu).flatMap(([field, number]) =>
    typeof number === 'object' && number.extrapolated === true ? [field] : [],
  );
}
