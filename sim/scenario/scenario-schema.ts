import { z } from 'zod';
import { SCHEDULE_NAMES, schedulesWhere } from '../../src/pipeline/schedules.js';
import { quantityField } from '../hardware/quantity-schema.js';
import { LONGEST_S, SHORTEST_S, type StragglerKind } from '../training/straggler-draws.js';
import { DEFAULT_POLICIES, POLICY_NAMES } from '../../src/planner/policies.js';

const nonNegative = z.number().min(0);
/** Of what happens within an iteration. */
const seconds = quantityField('overheadS');
/** Of what happens within a run. */
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
      model: z.string().min(1).describe('Model of the catalog, or a .yaml file'),
      gpu: z.string().min(1).describe('GPU of the catalog, or a .yaml file'),
      microbatch: z.int().min(1).max(1e6).describe('Sequences per microbatch'),
      sequence: z
        .int()
        .min(1)
        .max(1e8)
        .optional()
        .describe("Tokens per sequence; default: the model's"),
      efficiency: quantityField('efficiency')
        .optional()
        .describe('Part of the peak that matrix products reach; default: as calibrated'),
    }),
  ])
  .describe('What the stages take and draw at each clock');

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
      `Whether the profiled backward holds the recomputation of ${schedulesWhere(({ recomputes }) => recomputes)}`,
    ),
});

/** How a partition of layers may be chosen. */
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
        .describe('What one block takes and draws'),
    }),
  ])
  .describe('Stages that are not as the profile has them');

const linkSchema = z.strictObject({
  latencyS: quantityField('latencyS').default(0),
  bandwidthGBs: quantityField('bandwidthGBs').describe('10⁹ bytes per second, one way'),
});

/** How a transfer may hold up its stages. */
export const TRANSFER_RULES = ['exchange', 'message', 'overlapped'] as const;

const communicationSchema = z
  .strictObject({
    rule: z
      .enum(TRANSFER_RULES)
      .default('exchange')
      .describe(
        'How a transfer holds up its stages: both for an exchange, for each message, or not',
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
    betweenNodes: linkSchema.describe('Link between nodes, also that of the ring'),
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
      .describe('Only every clock so far below the highest one'),
    switchS: quantityField('clockSwitchS')
      .default(0)
      .describe('A stage waits so long for another clock; about 0.01 where it does not overlap'),
  })
  .describe('Clocks that may be set, and what it takes to set them');

const powerSchema = z
  .strictObject({
    gpuLimitW: quantityField('powerLimitW')
      .optional()
      .describe('Of one GPU; clocks that draw more are not run'),
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
      .describe('Of one GPU that waits at the highest clock; blockingW is at the lowest one then'),
  })
  .describe('Limits and what waiting draws');

/** What a straggler's cause may be. */
export const CAUSES = ['busy', 'stall', 'throttle', 'slow-link', 'data-stall'] as const;

const stragglerSchema = z.strictObject({
  pipeline: z.int().min(0).describe('Which pipeline, from 0'),
  cause: z
    .enum(CAUSES)
    .default('busy')
    .describe(
      'busy: computes longer at the same power; stall: waits in the middle of instructions; throttle: no clock above clockLimitMHz; slow-link: transfers take longer; data-stall: microbatches come delayS later',
    ),
  slowdown: quantityField('slowdown')
    .optional()
    .describe('How many times as long it takes; for busy, stall and slow-link'),
  backwardSlowdown: quantityField('slowdown')
    .optional()
    .describe('The same of backwards, for busy and stall; default: slowdown'),
  clockLimitMHz: quantityField('clockMHz').optional().describe('For throttle'),
  delayS: seconds.gt(0).optional().describe('Per microbatch; for data-stall'),
  stage: z.int().min(0).optional().describe('Only this stage; default: all'),
  link: z.int().min(0).optional().describe('Only the link behind this stage; default: all'),
  fromS: duration.optional().describe('It becomes slow then; default: it was before'),
  untilS: duration.gt(0).optional().describe('It recovers then; default: never'),
});

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
  .describe('How times of healthy instructions scatter, relative; defaults as measured');

const sequenceSchema = z
  .strictObject({
    forwardSd: quantityField('lengthScatter').default(0.25),
    forwardP99: quantityField('lengthPercentile').gt(1).default(2),
    backwardSd: quantityField('lengthScatter').default(0.45),
    backwardP99: quantityField('lengthPercentile').gt(1).default(2.8),
    correlation: quantityField('fraction').default(0.99),
  })
  .describe('How microbatches differ by the lengths of their sequences; defaults as measured');

/** Each kind of drawn straggler, with what it does. */
const KIND_DESCRIPTIONS: Readonly<Record<StragglerKind, string>> = {
  'slow-job': 'The whole pipeline, as slow as production jobs are',
  'slow-step': 'The whole pipeline for one iteration, as slow as single steps are',
  'bad-worker': 'One stage: 2.5 times forward, 2.27 times backward',
  'long-last-stage': 'The last stage: 2.07 times forward, 1.42 times backward',
  'slow-gpu': 'One stage, up to 8 %, as GPUs of one model differ',
  'slow-link': 'One link between stages, as many times as jobs are slow',
  'data-stall': 'Microbatches come late, so that the pipeline is as slow as jobs are',
};

const kindsSchema = z.strictObject(
  Object.fromEntries(
    Object.entries(KIND_DESCRIPTIONS).map(([kind, text]) => [
      kind,
      nonNegative.max(1e6).optional().describe(text),
    ]),
  ) as Record<StragglerKind, z.ZodOptional<z.ZodNumber>>,
);

const randomStragglersSchema = z
  .strictObject({
    meanTimeBetweenS: duration
      .gt(0)
      .optional()
      .describe(
        'Of one pipeline, from one slowdown to the next; default: as often as its GPUs have faults',
      ),
    shortestS: duration.gt(0).default(SHORTEST_S).describe('Shortest slowdown'),
    longestS: duration.gt(0).default(LONGEST_S).describe('Longest slowdown'),
    stallShare: quantityField('fraction')
      .default(0)
      .describe('Part of slow jobs and steps that wait, not compute'),
    kinds: kindsSchema
      .default({ 'slow-job': 1 })
      .describe('What may be slow, and how often relative to each other'),
  })
  .describe('Slowdowns that come and go by chance, as slow as those of production jobs');

const pricesSchema = z
  .strictObject({
    perKWh: quantityField('pricePerKWh').optional().describe('Money for a kilowatt-hour'),
    currency: z.string().min(1).default('USD').describe('What perKWh is in'),
    carbonGPerKWh: quantityField('carbonGPerKWh')
      .optional()
      .describe('Grams of carbon dioxide that a kilowatt-hour sets free'),
  })
  .describe('What energy costs; savings are then told in money and carbon dioxide too');

/**
 * A scenario: one training job, what goes wrong in it, and the policies to compare. The published
 * JSON Schema is made from this.
 */
export const scenarioSchema = z.strictObject({
  name: z.string().min(1).describe('Shown above the table'),
  description: z.string().optional().describe('What this scenario is for'),
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
      "Unit time of the planner, in the profile's own time (before scale); default: fine enough for 0.1 %",
    ),
  imbalance: imbalanceSchema.optional(),
  timing: timingSchema
    .prefault({})
    .describe('What is spent besides computing; default: nothing, or as the job was measured'),
  communication: communicationSchema.optional(),
  clocks: clocksSchema.prefault({}),
  power: powerSchema.prefault({}),
  jitter: jitterSchema.optional(),
  sequenceLengths: sequenceSchema.optional(),
  stragglers: z.array(stragglerSchema).default([]),
  randomStragglers: randomStragglersSchema.optional(),
  iterations: z
    .int()
    .min(1)
    .max(1_000_000)
    .default(1)
    .describe('Iterations of the run that is simulated'),
  noticeS: duration
    .default(0)
    .describe(
      'A straggler is noticed so long after it came or left; plans change with the next iteration',
    ),
  prices: pricesSchema.optional(),
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
    .describe('Runs with so many seeds, from seed on; figures become means with intervals'),
});

/** A checked scenario, with defaults filled in. */
export type Scenario = z.output<typeof scenarioSchema>;

/** The JSON Schema that editors use to complete and check scenario files. */
export function scenarioJsonSchema(): string {
  const schema = z.toJSONSchema(scenarioSchema, { io: 'input' });
  return `${JSON.stringify({ title: 'pipewatt scenario', ...schema }, undefined, 2)}\n`;
}
