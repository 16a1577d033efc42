import { z } from 'zod';
import { DEFAULT_POLICIES, POLICY_NAMES } from './policies.js';

const nonNegativeS = z.number().min(0);

/**
 * A scenario: one training job, what goes wrong in it, and the policies to compare. The published
 * JSON Schema is made from this.
 */
export const scenarioSchema = z.strictObject({
  name: z.string().min(1).describe('Shown above the table'),
  description: z.string().optional().describe('What this scenario is for'),
  profile: z
    .union([
      z.strictObject({ catalog: z.string().min(1).describe('Name of a catalog entry') }),
      z.strictObject({
        csv: z.string().min(1).describe('Stage profile, relative to this file'),
        blockingPowerW: z.number().positive().describe('Power of one GPU that waits'),
      }),
    ])
    .describe('What the stages take and draw at each clock'),
  scale: z
    .number()
    .positive()
    .optional()
    .describe(
      'Real work of a stage divided by the profiled work; default: the catalog entry, or 1',
    ),
  pipeline: z.strictObject({
    schedule: z.literal('1f1b').default('1f1b'),
    stages: z.int().min(1).max(1024),
    microbatches: z.int().min(1).max(100_000).describe('Per pipeline and iteration'),
  }),
  tensorParallel: z.int().min(1).max(1024).default(1).describe('GPUs of one stage'),
  pipelines: z.int().min(1).max(1_000_000).default(1).describe('Data-parallel copies'),
  unitTimeS: z
    .number()
    .positive()
    .optional()
    .describe(
      "Unit time of the planner, in the profile's own time (before scale); default: fine enough for 0.1 %",
    ),
  timing: z
    .strictObject({
      loadingS: z
        .union([nonNegativeS, z.array(nonNegativeS)])
        .default(0)
        .describe('Before each forward: of the first stage, or one number per stage'),
      transferS: z
        .union([nonNegativeS, z.array(nonNegativeS)])
        .default(0)
        .describe('Per exchange between neighbouring stages: one for all links, or one per link'),
      iterationConstantS: nonNegativeS.default(0).describe('Once per iteration'),
    })
    .prefault({}),
  stragglers: z
    .array(
      z.strictObject({
        pipeline: z.int().min(0).describe('Which pipeline, from 0'),
        slowdown: z.number().min(1).max(1000).describe('How many times as long it takes'),
        cause: z
          .enum(['busy', 'stall'])
          .default('busy')
          .describe('Does it draw computing power or blocking power in the extra time?'),
      }),
    )
    .default([]),
  policies: z
    .array(z.enum(POLICY_NAMES))
    .min(1)
    .default([...DEFAULT_POLICIES]),
  seed: z.int().min(0).default(1),
});

/** A checked scenario, with defaults filled in. */
export type Scenario = z.output<typeof scenarioSchema>;

/** The JSON Schema that editors use to complete and check scenario files. */
export function scenarioJsonSchema(): string {
  const schema = z.toJSONSchema(scenarioSchema, { io: 'input' });
  return `${JSON.stringify({ title: 'pipewatt scenario', ...schema }, undefined, 2)}\n`;
}
