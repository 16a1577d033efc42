import { z } from 'zod';
import { quantityField } from '../hardware/quantity-schema.js';

/** A file of values over time: its name, or its name and what to read of it. */
const signalFile = z.union([
  z.string().min(1),
  z.strictObject({
    csv: z.string().min(1).describe('A table, relative to this file'),
    column: z.string().min(1).optional().describe('The column of values; default: by its name'),
    only: z
      .array(z.string().min(1))
      .min(1)
      .optional()
      .describe('Texts that a row must have among its cells, such as BZN|DE-LU'),
    unit: z
      .string()
      .min(1)
      .optional()
      .describe('Of the values, such as EUR/kWh, lbs/MWh, MW; default: by the name of the column'),
  }),
]);

/** A date, or seconds where the files count seconds. */
const moment = z.union([z.string().min(1), z.number().min(-1e11).max(1e11)]);

const weight = z.number().min(0).max(1e9);

/** Sums of which a schedule may be the least. */
const OBJECTIVES = ['money', 'carbon', 'energy'] as const;

const percentage = z.number().min(0).max(100);

/** Prices, carbon intensities and limits over time, and the work to be done until a date. */
export const signalsSchema = z
  .strictObject({
    price: signalFile
      .optional()
      .describe('Price of electricity over time, by the MWh unless its column says otherwise'),
    carbon: signalFile.optional().describe('Carbon intensity over time, in g/kWh'),
    cap: signalFile
      .optional()
      .describe('The most power that may be drawn over time, by the site if there is one'),
    objective: z
      .union([
        z.enum(OBJECTIVES),
        z.strictObject({
          money: weight.describe('What a unit of the currency counts'),
          carbon: weight.describe('What a kilogram of carbon dioxide counts'),
        }),
      ])
      .optional()
      .describe('What is to be least; default: the first of these that is known'),
    work: z
      .union([
        z.strictObject({ iterations: z.int().min(1).max(1e9) }),
        z.strictObject({ tokens: z.number().min(1).max(1e18) }),
      ])
      .describe('What is to be done until the date'),
    from: moment.optional().describe('When the job may begin; default: when all files have begun'),
    until: moment.optional().describe('When the work must be done; default: when a file ends'),
    hours: z
      .number()
      .min(1 / 3600)
      .max(87_600)
      .optional()
      .describe('Hours from the beginning to that date, instead of it'),
    zone: z
      .string()
      .min(1)
      .default('UTC')
      .describe('Zone of dates without one, and of those printed, such as Europe/Berlin'),
    gaps: z
      .enum(['refuse', 'hold'])
      .default('refuse')
      .describe('Whether the value before a gap of a file is held'),
    mayPause: z
      .boolean()
      .default(false)
      .describe('Whether the job may wait, in memory, for hours in which it does not compute'),
    pausedW: quantityField('waitingPowerW')
      .optional()
      .describe('Power of one GPU of a job that waits so; default: that of waiting'),
    whenDone: z
      .enum(['release', 'idle'])
      .default('release')
      .describe('Whether GPUs are given back when the work is done, or idle until the date'),
    checkpoint: z
      .strictObject({
        saveS: quantityField('durationS').default(60).describe('Time to write a checkpoint'),
        restartS: quantityField('durationS')
          .default(300)
          .describe('Time from the beginning of a restart to the next iteration'),
        releasedW: quantityField('waitingPowerW')
          .or(z.literal(0))
          .default(0)
          .describe('Power of one GPU, and what surrounds it, between a checkpoint and a restart'),
      })
      .prefault({})
      .describe(
        'What stopping and starting takes, for the comparison with a job that is switched on and off',
      ),
    events: z
      .array(
        z.strictObject({
          from: moment,
          until: moment,
          cutPct: percentage.describe('By how much the power is to fall, of what it would be'),
        }),
      )
      .default([])
      .describe('Requests of the grid to draw less for a while'),
    flexPct: percentage
      .default(25)
      .describe('By how much the job may be slowed down while a request lasts'),
  })
  .describe('Electricity over time, and the work that is to be done until a date');

/** A checked section `signals`. */
export type Signals = z.output<typeof signalsSchema>;
export type SignalFile = z.output<typeof signalFile>;
export type WrittenMoment = z.output<typeof moment>;
