import { z } from 'zod';
import { SCHEDULE_NAMES, schedulesWhere } from '../../src/pipeline/schedules.js';
import { quantityField } from '../hardware/quantity-schema.js';
import { DEFAULT_POLICIES, POLICY_NAMES } from '../../src/planner/policy-names.js';
import { PRECISIONS, RECOMPUTATIONS } from '../operators/job-choices.js';
import { faultsSchema } from './faults-schema.js';
import { gridSchema } from './grid-schema.js';
import { jobSchema, siteSchema } from './job-schema.js';
import { signalsSchema } from './signals-schema.js';
import { flattenSchema } from './smoothing-schema.js';
import { randomStragglersSchema, stragglerSchema } from './straggler-schema.js';

/** A time within an iteration. */
const seconds = quantityField('overheadS');
/** A time within a run. */
const duration = quantityField('durationS');

const profileSchema = z
  .union([
    z.strictObject({
      catalog: z
        .string()
        .min(1)
        .describe('Name of a catalog entry: fitted curves, or a measured job with its overheads'),
    }),
    z.strictObject({
      csv: z.string().min(1).describe('Stage profile, relative to this file'),
      blockingPowerW: quantityField('waitingPowerW').describe('Power of one GPU that waits'),
    }),
    z.strictObject({
      model: z
        .string()
        .min(1)
        .describe('Model of the catalog, a .yaml file, or a config.json of Hugging Face'),
      gpu: z.string().min(1).describe('GPU of the catalog, or a .yaml file'),
      microbatch: z.int().min(1).max(1e6).describe('Sequences per microbatch'),
      sequence: z
        .int()
        .min(1)
        .max(1e8)
        .optional()
        .describe("Tokens per sequence; default: the model's"),
      precision: z
        .enum(PRECISIONS)
        .optional()
        .describe('Numbers that matrix products are made of; default: bf16'),
      recompute: z
        .enum(RECOMPUTATIONS)
        .optional()
        .describe('How much of a forward is computed again before its backward; default: none'),
      contextParallel: z
        .int()
        .min(1)
        .max(1024)
        .optional()
        .describe('GPUs that share a sequence, each of them tensorParallel GPUs; default: 1'),
      expertParallel: z
        .int()
        .min(1)
        .max(4096)
        .optional()
        .describe(
          'GPUs among which experts are divided, of several pipelines if need be; default: those of tensorParallel',
        ),
      sequenceParallel: z
        .boolean()
        .optional()
        .describe(
          'Whether the GPUs of a stage share tokens too between matrix products; default: true',
        ),
      efficiency: quantityField('efficiency')
        .optional()
        .describe(
          'Part of the peak that all matrix products reach; default: what operators reach on the GPU, or as calibrated where that is not known',
        ),
    }),
  ])
  .describe('Time and power of the stages at each clock');

const pipelineSchema = z.strictObject({
  schedule: z.enum(SCHEDULE_NAMES).default('1f1b').describe('The order of instructions'),
  stages: z.int().min(1).max(1024),
  microbatches: z.int().min(1).max(100_000).describe('Per pipeline and iteration'),
  chunks: z
    .int()
    .min(1)
    .max(64)
    .default(1)
    .describe(
      `Parts of the model on each stage, for ${schedulesWhere(({ usesChunks }) => usesChunks)}`,
    ),
  microbatchGroup: z
    .int()
    .min(1)
    .max(100_000)
    .optional()
    .describe(
      `Microbatches that pass a chunk before the next chunk has its turn, for ${schedulesWhere(({ usesMicrobatchGroups }) => usesMicrobatchGroups)}; default: one per stage, or the fewest more with which the last group has as many`,
    ),
  inputGradientShare: quantityField('share')
    .default(0.5)
    .describe(
      `Of a backward that is split (${schedulesWhere(({ splitsBackward }) => splitsBackward)}), the part that makes the input's gradient`,
    ),
  recomputeInBackward: z
    .boolean()
    .default(false)
    .describe(
      `Whether the profiled backward includes the recomputation of ${schedulesWhere(({ recomputes }) => recomputes)}`,
    ),
});

/** Rules for choosing a partition of layers. */
export const PARTITIONERS = ['even', 'minimum-bottleneck', 'minimum-imbalance'] as const;

const imbalanceSchema = z
  .union([
    z.strictObject({
      factors: z
        .array(quantityField('workFactor'))
        .min(1)
        .describe("Work of each of the model's stages, as a multiple of the profile's"),
    }),
    z.strictObject({
      layers: z
        .strictObject({
          blocks: z.int().min(1).max(1024).describe('Transformer blocks of the model'),
          embedding: quantityField('relativeWork')
            .default(0)
            .describe('Work of the embedding, in blocks'),
          head: quantityField('relativeWork')
            .default(0)
            .describe('Work of the language-model head, in blocks'),
        })
        .describe('The model, layer by layer'),
      partition: z
        .union([z.enum(PARTITIONERS), z.array(z.int().min(1)).min(1)])
        .default('minimum-imbalance')
        .describe('How layers are cut into stages: a rule, or the number of layers of each stage'),
      profiled: z
        .strictObject({
          stage: z.int().min(0).describe('A stage of the profile that holds only blocks'),
          blocks: z.number().min(0.01).max(1e4).describe('How many blocks it holds'),
        })
        .describe('Time and power of one block'),
    }),
  ])
  .describe('Stages that differ from the profile');

const linkSchema = z.strictObject({
  latencyS: quantityField('latencyS').default(0),
  bandwidthGBs: quantityField('bandwidthGBs').describe('10⁹ bytes per second, one way'),
});

/** Ways in which a transfer holds up its stages. */
export const TRANSFER_RULES = ['exchange', 'message', 'overlapped'] as const;

const communicationSchema = z
  .strictObject({
    rule: z
      .enum(TRANSFER_RULES)
      .default('exchange')
      .describe(
        'Whether a transfer holds up its stages: both for an exchange, for each message, or not',
      ),
    activationMB: quantityField('messageMB')
      .default(0)
      .describe('10⁶ bytes that a GPU hands on per microbatch, in either direction'),
    gradientMB: quantityField('gradientsMB')
      .default(0)
      .describe('10⁶ bytes of gradients per GPU, added up over all pipelines by a ring'),
    stagesPerNode: z
      .int()
      .min(1)
      .max(1024)
      .default(1)
      .describe('Neighbouring stages that share a node'),
    insideNode: linkSchema.optional().describe('Link between stages of one node'),
    betweenNodes: linkSchema.describe('Link between nodes, also used by the ring'),
    powerW: quantityField('waitingPowerW')
      .optional()
      .describe('Power of one GPU that sends or receives; default: that of waiting'),
  })
  .describe('Transfers between stages and the reduction of gradients, from sizes and links');

const timingSchema = z.strictObject({
  loadingS: z
    .union([seconds, z.array(seconds)])
    .optional()
    .describe('Before each forward: of the first stage, or one number per stage'),
  transferS: z
    .union([seconds, z.array(seconds)])
    .optional()
    .describe('Per exchange between neighbouring stages: one for all links, or one per link'),
  iterationConstantS: seconds.optional().describe('Once per iteration, waiting'),
  synchronisationS: seconds
    .optional()
    .describe('Once per iteration: gradient reduction and optimizer step, at a power of their own'),
});

const clocksSchema = z
  .strictObject({
    lowestMHz: quantityField('clockMHz').optional(),
    highestMHz: quantityField('clockMHz').optional(),
    stepMHz: quantityField('clockStepMHz')
      .optional()
      .describe('Only clocks at whole steps below the highest one'),
    switchS: quantityField('clockSwitchS')
      .default(0)
      .describe('A stage waits this long for a new clock; about 0.01 if that does not overlap'),
  })
  .describe('Clocks that may be set, and the time to set them');

const powerSchema = z
  .strictObject({
    gpuLimitW: quantityField('powerLimitW')
      .optional()
      .describe('Of one GPU; clocks that draw more are not used'),
    jobLimitW: quantityField('jobPowerW')
      .optional()
      .describe('Of the whole job, mean over an iteration: "the site allows 6 MW"'),
    blockingW: quantityField('waitingPowerW')
      .optional()
      .describe('Of one GPU that waits, instead of the profile’s'),
    synchronisationW: quantityField('waitingPowerW')
      .optional()
      .describe(
        'Of one GPU during timing.synchronisationS; default: that of communication, or as measured',
      ),
    blockingAtHighestClockW: quantityField('waitingPowerW')
      .optional()
      .describe('Of one GPU that waits at the highest clock; blockingW is then at the lowest one'),
  })
  .describe('Limits, and the power of waiting');

const jitterSchema = z
  .strictObject({
    instructionSd: quantityField('scatter')
      .default(0.02)
      .describe('Of each instruction; 0.016–0.027'),
    iterationSd: quantityField('scatter')
      .default(0.014)
      .describe('Common to an iteration; 0.006–0.022'),
    gpuSd: quantityField('scatter').default(0.004).describe('Between GPUs of a stage; 0.003–0.005'),
  })
  .describe('Relative scatter of the times of healthy instructions; defaults as measured');

const sequenceSchema = z
  .strictObject({
    forwardSd: quantityField('lengthScatter').default(0.25),
    forwardP99: quantityField('lengthPercentile').gt(1).default(2),
    backwardSd: quantityField('lengthScatter').default(0.45),
    backwardP99: quantityField('lengthPercentile').gt(1).default(2.8),
    correlation: quantityField('fraction').default(0.99),
  })
  .describe('How microbatches differ by the lengths of their sequences; defaults as measured');

const pricesSchema = z
  .strictObject({
    perKWh: quantityField('pricePerKWh').optional().describe('Money for a kilowatt-hour'),
    currency: z.string().min(1).default('USD').describe('Currency of perKWh'),
    carbonGPerKWh: quantityField('carbonGPerKWh')
      .optional()
      .describe('Grams of carbon dioxide emitted per kilowatt-hour'),
  })
  .describe('Cost of energy; savings are then shown in money and carbon dioxide too');

/**
 * A scenario: one training job, what goes wrong in it, and the policies to compare. The published
 * JSON Schema is made from this.
 */
export const scenarioSchema = z.strictObject({
  name: z.string().min(1).describe('Shown above the table'),
  description: z.string().optional().describe('Purpose of this scenario'),
  profile: profileSchema,
  scale: quantityField('scale')
    .optional()
    .describe(
      'Real work of a stage divided by the profiled work; default: the catalog entry, or 1',
    ),
  pipeline: pipelineSchema,
  tensorParallel: z.int().min(1).max(1024).default(1).describe('GPUs of one stage'),
  pipelines: z.int().min(1).max(1_000_000).default(1).describe('Data-parallel copies'),
  unitTimeS: quantityField('unitTimeS')
    .optional()
    .describe(
      "Unit time of the planner, in the profile's own time (before scale); default: fine enough for 0.1 %, or a tenth of the likely error of times that were not measured, up to 1 %",
    ),
  imbalance: imbalanceSchema.optional(),
  timing: timingSchema
    .prefault({})
    .describe('Time spent besides computing; default: none, or as the job was measured'),
  communication: communicationSchema.optional(),
  clocks: clocksSchema.prefault({}),
  power: powerSchema.prefault({}),
  jitter: jitterSchema.optional(),
  sequenceLengths: sequenceSchema.optional(),
  stragglers: z.array(stragglerSchema).default([]),
  randomStragglers: randomStragglersSchema.optional(),
  iterations: z.int().min(1).max(1_000_000).default(1).describe('Iterations of the simulated run'),
  noticeS: duration
    .default(0)
    .describe(
      'Time until a straggler that came or left is noticed; plans change with the next iteration',
    ),
  deadlineS: duration
    .gt(0)
    .optional()
    .describe(
      'Time that pipelines may take for an iteration: plans slow down to it; default: no slower than at the highest clocks',
    ),
  job: jobSchema.optional(),
  site: siteSchema.optional(),
  prices: pricesSchema.optional(),
  faults: faultsSchema.optional(),
  signals: signalsSchema.optional(),
  grid: gridSchema.optional(),
  flatten: flattenSchema.optional(),
  policies: z
    .array(z.enum(POLICY_NAMES))
    .min(1)
    .default([...DEFAULT_POLICIES]),
  seed: z.int().min(0).default(1),
  seeds: z
    .int()
    .min(1)
    .max(10_000)
    .default(1)
    .describe('Number of seeds to run, from seed on; figures become means with intervals'),
});

/** A checked scenario, with defaults filled in. */
export type Scenario = z.output<typeof scenarioSchema>;

/** The JSON Schema that editors use to complete and check scenario files. */
export function scenarioJsonSchema(): string {
  const schema = z.toJSONSchema(scenarioSchema, { io: 'input' });
  return `${JSON.stringify({ title: 'pipewatt scenario', ...schema }, undefined, 2)}\n`;
}
