import { z } from 'zod';
import { quantityField } from '../hardware/quantity-schema.js';
import { RECOMPUTATIONS } from '../operators/model-parts.js';

/** What a profile does not say of the job that it is of: its tokens and memory follow from this. */
export const jobSchema = z
  .strictObject({
    model: z
      .string()
      .min(1)
      .optional()
      .describe(
        "Model of the catalog, a .yaml file, or a config.json of Hugging Face; default: the profile's, where it names one",
      ),
    gpu: z
      .string()
      .min(1)
      .optional()
      .describe("GPU of the catalog, or a .yaml file; default: the profile's, where it names one"),
    microbatch: z.int().min(1).max(1e6).optional().describe('Sequences per microbatch'),
    sequence: z
      .int()
      .min(1)
      .max(1e8)
      .optional()
      .describe("Tokens per sequence; default: the model's"),
    recompute: z
      .enum(RECOMPUTATIONS)
      .default('none')
      .describe('What of the forward the profiled backward computes again, instead of keeping it'),
    zeroStage: z
      .int()
      .min(0)
      .max(1)
      .default(0)
      .describe('1 if the pipelines share out the optimizer among them (ZeRO-1)'),
  })
  .describe('What was profiled, for tokens per second, MFU and memory');

/** What surrounds the GPUs and is paid for too. */
export const siteSchema = z
  .strictObject({
    overheadWPerGpu: quantityField('overheadWPerGpu')
      .default(0)
      .describe('What a node draws beside its GPUs, for each of them'),
    pue: quantityField('pue')
      .default(1)
      .describe('Power usage effectiveness: power of the site over that of its nodes'),
  })
  .describe('What is paid for besides the energy of the GPUs');
