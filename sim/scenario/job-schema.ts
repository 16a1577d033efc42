import { z } from 'zod';
import { quantityField } from '../hardware/quantity-schema.js';
import { RECOMPUTATIONS } from '../operators/model-parts.js';

/** Facts about the profiled job that a profile lacks: its tokens and memory follow from them. */
export const jobSchema = z
  .strictObject({
    model: z
      .string()
      .min(1)
      .optional()
      .describe(
        "Model of the catalog, a .yaml file, or a config.json of Hugging Face; default: the profile's, if it names one",
      ),
    gpu: z
      .string()
      .min(1)
      .optional()
      .describe("GPU of the catalog, or a .yaml file; default: the profile's, if it names one"),
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
      .describe(
        'Parts of the forward that the profiled backward recomputes instead of keeping them',
      ),
    zeroStage: z
      .int()
      .min(0)
      .max(1)
      .default(0)
      .describe('1 if the pipelines share the optimizer (ZeRO-1)'),
  })
  .describe('The profiled job, for tokens per second, MFU and memory');

/** Rules for the batch of a job whose number of pipelines is chosen. */
const GLOBAL_BATCHES = ['grows', 'fixed'] as const;

/** The surroundings of the GPUs that are paid for too, and the power that there is. */
export const siteSchema = z
  .strictObject({
    mw: quantityField('siteMW')
      .optional()
      .describe('Megawatts of the whole site, mean over an iteration; `pipewatt site` fills them'),
    gpus: z
      .int()
      .min(1)
      .max(1e9)
      .optional()
      .describe('GPUs there are at most, for `pipewatt site`; default: any number'),
    globalBatch: z
      .enum(GLOBAL_BATCHES)
      .default('grows')
      .describe(
        'Whether more pipelines make the global batch larger, or share its microbatches, for `pipewatt site`',
      ),
    overheadWPerGpu: quantityField('overheadWPerGpu')
      .default(0)
      .describe('Power of a node besides its GPUs, for each of them'),
    pue: quantityField('pue')
      .default(1)
      .describe('Power usage effectiveness: power of the site over that of its nodes'),
  })
  .describe('Energy that is paid for besides that of the GPUs');
