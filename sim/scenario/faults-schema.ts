import { z } from 'zod';
import { quantityField } from '../hardware/quantity-schema.js';

/** A time within a run. */
const duration = quantityField('durationS');
const gpuPower = quantityField('waitingPowerW');

/** Goals that an interval between checkpoints can be best for. */
export const INTERVAL_GOALS = ['time', 'energy'] as const;

const checkpointSchema = z
  .strictObject({
    best: z
      .enum(INTERVAL_GOALS)
      .optional()
      .describe('The interval with the least expected time or energy; default: time'),
    everyS: duration
      .gt(0)
      .optional()
      .describe('Computing time from one checkpoint to the next, to the nearest iteration'),
    everyIterations: z
      .int()
      .min(1)
      .max(1e9)
      .optional()
      .describe('Iterations from one checkpoint to the next'),
    timeS: duration.describe('Time to write a checkpoint'),
    powerW: gpuPower
      .optional()
      .describe('Of one GPU while all wait for a checkpoint; default: that of waiting'),
    blocking: z
      .boolean()
      .default(true)
      .describe('Whether GPUs wait until it is written; otherwise they compute meanwhile'),
    pauseS: duration
      .default(0)
      .describe('GPUs wait this long for the copy that is then written while they compute'),
  })
  .describe('How often the state of the job is saved, and at what cost');

/** Failures of a job over days. */
export const faultsSchema = z
  .strictObject({
    perGpuHour: quantityField('faultsPerGpuHour').optional().describe('Faults of one GPU per hour'),
    mtbfGpuHours: quantityField('mtbfGpuHours')
      .optional()
      .describe(
        'GPU-hours from one fault to the next; default: 49,152, one per 16,384 GPUs every 3 h',
      ),
    days: quantityField('days').optional().describe('Length of the run; default: 30 days'),
    iterations: z
      .int()
      .min(1)
      .max(1e9)
      .optional()
      .describe('Iterations to do, instead of a length'),
    checkpoint: checkpointSchema,
    detectS: duration.default(0).describe('Time until a fault is noticed: all GPUs wait'),
    restartS: duration.describe('Time to load the last checkpoint and go on'),
    restartPowerW: gpuPower
      .optional()
      .describe('Of one GPU during a restart; default: that of waiting'),
    nodeShare: quantityField('fraction')
      .default(1)
      .describe('Part of the faults after which a node has to be repaired'),
    gpusPerNode: z.int().min(1).max(1024).default(8),
    spares: z
      .int()
      .min(0)
      .max(100_000)
      .optional()
      .describe('Nodes at hand; default: there is always one, which costs nothing'),
    sparePowerW: gpuPower
      .optional()
      .describe('Of one GPU that is not needed; default: that of waiting'),
    repairS: duration.gt(0).optional().describe('Time until a broken node is at hand again'),
    withoutSpare: z
      .enum(['wait', 'shrink'])
      .default('wait')
      .describe('Without a node at hand, wait for one or go on with fewer pipelines'),
    seeds: z
      .int()
      .min(1)
      .max(10_000)
      .default(20)
      .describe("Courses to draw, from the scenario's seed on; figures are their means"),
  })
  .describe('Failures and checkpoints over days');

/** Failures of a job over days, with defaults filled in. */
export type ScenarioFaults = z.output<typeof faultsSchema>;
