import { z } from 'zod';
import { quantityField } from '../hardware/quantity-schema.js';

/** Ways to keep a job's power below a cap. */
export const CAP_WAYS = ['instant', 'one-clock', 'plan'] as const;

/** A way to keep a job's power below a cap. */
export type CapWay = (typeof CAP_WAYS)[number];

const staggerSchema = z
  .strictObject({
    groups: z
      .int()
      .min(2)
      .max(1_000_000)
      .describe('Groups of pipelines that begin one after another'),
    byS: quantityField('overheadS').describe('From the start of one group to the next'),
  })
  .describe('Starts of pipelines within each iteration; they still meet at its end');

const capSchema = z
  .strictObject({
    powerW: quantityField('jobPowerW').describe('Of the whole job, at every instant'),
    by: z
      .enum(CAP_WAYS)
      .default('instant')
      .describe(
        'Clocks that fall only while power would exceed the cap, one clock for the whole iteration, or a slower plan of the policy; the run compares all three and goes on with this one',
      ),
  })
  .describe('A cap on the power of the job that is never exceeded');

const ballastSchema = z
  .strictObject({
    levelPct: quantityField('powerPct').describe(
      'Power of a GPU that multiplies matrices while it waits, percent of the mean of computing',
    ),
    delayS: quantityField('overheadS')
      .default(0.02)
      .describe('From the end of computing until ballast begins'),
  })
  .describe('Waiting GPUs multiply matrices to hold a level');

const smoothingSchema = z
  .strictObject({
    floorPct: quantityField('powerPct')
      .optional()
      .describe('Below this the GPU burns the difference; percent of maximumW (NVML: of TMP)'),
    maximumW: quantityField('powerLimitW')
      .optional()
      .describe('Power that floorPct is of; default: the highest of the profile'),
    rampUpWPerS: quantityField('gpuRampWPerS')
      .optional()
      .describe('Fastest rise of a GPU’s power; computing is slower meanwhile. Default: no limit'),
    rampDownWPerS: quantityField('gpuRampWPerS')
      .optional()
      .describe('Fastest fall of a GPU’s power. Default: no limit'),
    rampDownHysteresisMs: quantityField('hysteresisMs')
      .optional()
      .describe('The floor is let go once less was wanted for this long. Default: never'),
  })
  .describe('Power smoothing of each GPU, as NVML has it since Blackwell');

const storageSchema = z
  .strictObject({
    capacityKWh: quantityField('storageKWh').describe('Of all storage of the job'),
    powerKW: quantityField('storageKW').describe('Most that it takes, and most that it gives'),
    roundTripEfficiency: quantityField('efficiency')
      .default(0.9)
      .describe('Energy given back over energy taken'),
    startPct: quantityField('chargePct')
      .default(50)
      .describe('Charge at the beginning, percent of the capacity'),
    meanOverS: quantityField('durationS')
      .gt(0)
      .optional()
      .describe('The grid shall deliver the mean of the last seconds. Default: 10 s'),
    levelW: quantityField('jobPowerW')
      .optional()
      .describe('The grid shall deliver this power, instead of a mean'),
    rampUpWPerS: quantityField('storageRampWPerS')
      .optional()
      .describe('Fastest rise of the grid’s power. Default: no limit'),
    rampDownWPerS: quantityField('storageRampWPerS')
      .optional()
      .describe('Fastest fall of the grid’s power. Default: no limit'),
  })
  .describe('Batteries or capacitors between the grid and the job');

/** Controls that flatten a job's power over time; each acts on what those before it leave. */
export const flattenSchema = z
  .strictObject({
    stagger: staggerSchema.optional(),
    cap: capSchema.optional(),
    ballast: ballastSchema.optional(),
    smoothing: smoothingSchema.optional(),
    storage: storageSchema.optional(),
    everyS: quantityField('sampleS')
      .default(0.01)
      .describe('Interval of the power over time; longer in runs of more than 4 million intervals'),
  })
  .describe(
    'Controls that flatten power over time; the run shows what they cost and what they bring',
  );

/** Checked controls, with defaults filled in. */
export type Flattening = z.output<typeof flattenSchema>;
