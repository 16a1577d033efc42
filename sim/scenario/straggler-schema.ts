import { z } from 'zod';
import type { Vocabulary } from '../../src/vocabulary.js';
import { quantityField } from '../hardware/quantity-schema.js';
import type { StragglerKind } from '../training/straggler-draws.js';
import { LONGEST_S, SHORTEST_S } from '../training/straggler-frequency.js';

/** A time within a run. */
const duration = quantityField('durationS');

/** The size and place of a slowdown. */
const slowdown = quantityField('slowdown').describe('How many times as long it takes');
const backwardSlowdown = quantityField('slowdown')
  .optional()
  .describe('The same of backwards; default: slowdown');
const stage = z.int().min(0).optional().describe('Only this stage; default: all');
const link = z.int().min(0).optional().describe('Only the link behind this stage; default: all');

/** A cause with the fields that it has besides those of every straggler. */
function straggler<Name extends z.ZodType, Fields extends z.ZodRawShape>(
  cause: Name,
  fields: Fields,
) {
  return z.strictObject({
    pipeline: z.int().min(0).describe('Which pipeline, from 0'),
    cause,
    ...fields,
    fromS: duration.optional().describe('When it becomes slow; default: before the run'),
    untilS: duration.gt(0).optional().describe('When it recovers; default: never'),
  });
}

/**
 * A straggler. Each cause is declared here with its fields; messages about fields that are missing,
 * or go with another cause, follow from this (`variants.ts`), and so does the published JSON Schema.
 * `training/slowdown.ts` simulates exactly what this schema reads.
 */
export const stragglerSchema = z.discriminatedUnion('cause', [
  straggler(
    z
      .literal('busy')
      .optional()
      .default('busy')
      .describe('The pipeline computes longer at the same power; the default'),
    { slowdown, backwardSlowdown, stage },
  ),
  straggler(z.literal('stall').describe('The pipeline waits in the middle of instructions'), {
    ...{ slowdown, backwardSlowdown, stage },
  }),
  straggler(z.literal('throttle').describe('The pipeline runs no clock above clockLimitMHz'), {
    clockLimitMHz: quantityField('clockMHz').describe('The highest clock that it runs'),
    stage,
  }),
  straggler(z.literal('slow-link').describe('Transfers between stages take longer'), {
    slowdown,
    link,
  }),
  straggler(z.literal('data-stall').describe('Every microbatch comes delayS later'), {
    delayS: quantityField('overheadS').gt(0).describe('Per microbatch'),
  }),
]);

export type ScenarioStraggler = z.output<typeof stragglerSchema>;

/** The causes of stragglers, and their names elsewhere. */
export const CAUSE_VOCABULARY: Vocabulary<ScenarioStraggler['cause']> = {
  names: stragglerSchema.options.map(({ shape: { cause } }) => {
    return ('unwrap' in cause ? cause.unwrap().unwrap() : cause).value;
  }),
  aliases: { compute: 'busy', slow: 'busy', thermal: 'throttle', network: 'slow-link' },
};

/** The kinds of drawn stragglers, and their effects. */
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
      z.number().min(0).max(1e6).optional().describe(text),
    ]),
  ) as Record<StragglerKind, z.ZodOptional<z.ZodNumber>>,
);

/** Stragglers that are drawn at random. */
export const randomStragglersSchema = z
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
      .describe('Part of slow jobs and steps that wait instead of computing'),
    kinds: kindsSchema
      .default({ 'slow-job': 1 })
      .describe('Kinds of slowdowns, and their relative frequencies'),
  })
  .describe('Slowdowns that come and go at random, as slow as those of production jobs');
