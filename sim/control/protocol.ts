import { z } from 'zod';
import { quantityField } from '../hardware/quantity-schema.js';

/**
 * The messages of Zeus' Pipeline Frequency Optimizer, and those of ours. Unknown fields are ignored,
 * as there.
 */

/** The most GPUs of a job. */
const MOST_RANKS = 131_072;
/** The most iterations of one report, and entries of one list in it. */
const MOST_ENTRIES = 200_000;
const MOST_METADATA = 4096;
/** The largest number that JSON's readers agree on. */
const index = z
  .int()
  .min(0)
  .max(2 ** 31 - 1);
const degree = z.int().min(1).max(MOST_RANKS);

export const jobInfoSchema = z
  .object({
    job_id: z.literal('', { error: 'the server makes the id; leave job_id empty' }).default(''),
    pp_degree: degree.describe('Pipeline stages'),
    dp_degree: degree.describe('Data-parallel copies of the pipeline'),
    tp_degree: degree.describe('GPUs of a stage'),
    world_size: degree.describe('Their product'),
    job_metadata: z.string().max(MOST_METADATA).nullish().describe('Becomes part of the id'),
  })
  .check(({ value, issues }) => {
    const { pp_degree, dp_degree, tp_degree, world_size } = value;
    if (pp_degree * dp_degree * tp_degree === world_size) return;
    issues.push({
      code: 'custom',
      input: world_size,
      path: ['world_size'],
      message: `found ${world_size}, expected pp_degree × dp_degree × tp_degree = ${pp_degree * dp_degree * tp_degree}`,
    });
  });

export const rankInfoSchema = z.object({
  rank: index,
  dp_rank: index,
  pp_rank: index,
  tp_rank: index,
  available_frequencies: z
    .array(z.int().min(1).max(100_000))
    .max(4096)
    .describe('Clocks of its GPU in MHz, highest first'),
});

/** A rank of a job, and the clocks of its GPU in MHz, highest first. */
export type RankInfo = z.output<typeof rankInfoSchema>;

const perIteration = (about: string) =>
  z.array(z.number()).min(1).max(MOST_ENTRIES).describe(about);
const breakdown = (about: string) =>
  z
    .record(z.string().max(100), z.array(z.array(z.number()).max(MOST_ENTRIES)).max(MOST_ENTRIES))
    .default({})
    .describe(about);

export const profilingResultSchema = z.object({
  rank: index,
  iter_time: perIteration('Seconds of each iteration'),
  iter_energy: perIteration('Joules of this GPU in each iteration'),
  time_breakdown: breakdown('By instruction: per iteration, the seconds of each'),
  energy_breakdown: breakdown('By instruction: per iteration, the joules of each'),
  round: z
    .int()
    .min(0)
    .optional()
    .describe('Numbers the reports of a rank, so that a report sent twice is known to be one'),
});

/** Measurements of a rank, of one iteration or several. */
export type ProfilingResult = z.output<typeof profilingResultSchema>;

export const stragglerSchema = z.union([
  z.object({ pipeline: index, slowdown: quantityField('slowdown').describe('1: no longer slow') }),
  z.object({ pipeline: index, seconds: quantityField('iterationTimeS') }),
]);

const numeral = (least: number, most: number) =>
  z
    .string()
    .regex(/^\d{1,10}$/, 'expected a whole number')
    .transform(Number)
    .pipe(z.int().min(least).max(most));
const quantityNumeral = (name: 'waitingPowerW' | 'unitTimeS') =>
  z
    .string()
    .regex(/^[\d.]+(?:e[+-]?\d+)?$/i, 'expected a number')
    .transform(Number)
    .pipe(quantityField(name));

export const scheduleQuerySchema = z.object({
  rank: numeral(0, 2 ** 31 - 1),
  wait: z
    .enum(['true', 'false'])
    .default('false')
    .describe('true: wait for the schedule that follows from all requests acknowledged so far'),
});

/** Settings that go with a profile, as they are typed in a query. */
export const profileQuerySchema = z.object({
  microbatches: numeral(1, 100_000).optional(),
  blockingPowerW: quantityNumeral('waitingPowerW').optional(),
  schedule: z.string().max(100).optional(),
  chunks: numeral(1, 64).optional(),
  policy: z.string().max(100).optional(),
  unitTimeS: quantityNumeral('unitTimeS').optional(),
});

/** Settings that go with a profile. */
export type ProfileSettings = z.output<typeof profileQuerySchema>;
