import { z } from 'zod';
import { parseDescription } from './described.js';

const count = z.int().positive();

const common = {
  name: z.string().min(1),
  source: z.string().min(1),
  /** 10⁹, as published. */
  parametersB: z.number().positive(),
  layers: count,
  hidden: count,
  heads: count,
  sequence: count,
  vocabulary: count,
};

/** Groups of heads share keys and values. */
const sharesHeads = ({ heads, keyValueHeads }: { heads: number; keyValueHeads: number }) =>
  heads % keyValueHeads === 0;
const SHARED_HEADS = { path: ['keyValueHeads'], error: 'must divide heads' };

/** Grouped-query attention and a gated feed-forward. */
const gated = { ...common, keyValueHeads: count, feedForward: count };

const modelSchema = z.discriminatedUnion('family', [
  /** Full attention and a feed-forward four times as wide. */
  z.strictObject({ family: z.literal('gpt'), ...common }),
  z.strictObject({ family: z.literal('llama'), ...gated }).refine(sharesHeads, SHARED_HEADS),
  /** Of several gated feed-forwards each token passes some. */
  z
    .strictObject({ family: z.literal('moe'), ...gated, experts: count, activeExperts: count })
    .refine(sharesHeads, SHARED_HEADS)
    .refine(({ experts, activeExperts }) => activeExperts <= experts, {
      path: ['activeExperts'],
      error: 'must not be above experts',
    }),
]);

/** A transformer, as its authors describe it. */
export type ModelDescription = z.infer<typeof modelSchema>;

/** Reads a model's description. @throws InputError naming every field that is wrong. */
export function parseModel(text: string, source: string): ModelDescription {
  return parseDescription(modelSchema, text, source);
}
