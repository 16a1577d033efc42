import { z } from 'zod';
import { quantityField } from '../hardware/quantity-schema.js';

const bandSchema = z.strictObject({
  fromHz: quantityField('swingHz').describe('Lowest frequency, included'),
  toHz: quantityField('swingHz').describe('Highest frequency, included'),
  mostW: quantityField('jobPowerW').describe(
    'Most that the power may swing there: amplitude (half of the swing) of the sine that has the power of all frequencies of the band',
  ),
});

/** Limits that a utility or a site sets to the power of a job over time. */
export const gridSchema = z
  .strictObject({
    peakW: quantityField('jobPowerW').optional().describe('Most power at any time'),
    dynamicRangeW: quantityField('jobPowerW')
      .optional()
      .describe('Most that the highest power may be above the lowest one during the run'),
    dynamicRangePct: quantityField('percent')
      .optional()
      .describe('The same as percent of the highest power'),
    rampUpWPerS: quantityField('rampWPerS')
      .optional()
      .describe('Steepest rise: within overS power may rise by this times overS'),
    rampDownWPerS: quantityField('rampWPerS').optional().describe('Steepest fall, the same way'),
    rampUpMWPerMin: quantityField('rampMWPerMin')
      .optional()
      .describe('Steepest rise, instead of rampUpWPerS'),
    rampDownMWPerMin: quantityField('rampMWPerMin')
      .optional()
      .describe('Steepest fall, instead of rampDownWPerS'),
    overS: quantityField('rampTimeS').default(1).describe('Time over which ramps count'),
    bands: z
      .array(bandSchema)
      .min(1)
      .optional()
      .describe('Limits to swings in bands of frequencies'),
  })
  .describe('Limits to the power of the job over time; the run says whether it keeps them');

/** Checked limits, with defaults filled in. */
export type GridLimits = z.output<typeof gridSchema>;
