import { z } from 'zod';
import { InputError } from '../../src/errors.js';
import { parseDescription } from './described.js';
import { modelParameters } from './layer-work.js';
import { quantityField } from './quantity-schema.js';

/** A whole number, from 1 to a maximum that no model exceeds. */
const upTo = (most: number) => z.int().min(1).max(most);

const common = {
  name: z.string().min(1),
  source: z.string().min(1).optional(),
  /** 10⁹, as published; checked against the number implied by the dimensions. */
  parametersB: quantityField('parametersB'),
  layers: upTo(2000),
  hidden: upTo(1e6),
  sequence: upTo(1e8),
  vocabulary: upTo(1e8),
};

/** Groups of heads share keys and values. */
const sharesHeads = ({ heads, keyValueHeads }: { heads: number; keyValueHeads: number }) =>
  heads % keyValueHeads === 0;
const SHARED_HEADS = { path: ['keyValueHeads'], error: 'must divide heads' };

/** Grouped-query attention and a gated feed-forward. */
const gated = {
  ...common,
  heads: upTo(1e5),
  keyValueHeads: upTo(1e5),
  feedForward: upTo(1e7),
};

const modelSchema = z.discriminatedUnion('family', [
  /** Full attention and a feed-forward four times as wide. */
  z.strictObject({ family: z.literal('gpt'), ...common, heads: upTo(1e5).optional() }),
  z.strictObject({ family: z.literal('llama'), ...gated }).refine(sharesHeads, SHARED_HEADS),
  /** Each token passes some of several gated feed-forwards. */
  z
    .strictObject({
      family: z.literal('moe'),
      ...gated,
      experts: upTo(1e5),
      activeExperts: upTo(1e5),
    })
    .refine(sharesHeads, SHARED_HEADS)
    .refine(({ experts, activeExperts }) => activeExperts <= experts, {
      path: ['activeExperts'],
      error: 'must not be above experts',
    }),
]);

/** A transformer, as its authors describe it. */
export type ModelDescription = z.infer<typeof modelSchema>;

/** Declared parameters further than this from the dimensions belong to another model. */
const MOST_OFF = 0.1;
/** Biases, norms and positions make up no more than this. */
const NOTABLE = 0.03;

/**
 * The difference between the declared parameters and those implied by the dimensions. Descriptions
 * do not say whether input and output share an embedding, so the nearer count is taken.
 */
function partOff(model: ModelDescription): number {
  const parts = [1, 2].map((n) => modelParameters(model, n) / 1e9 / model.parametersB - 1);
  return Math.min(...parts.map(Math.abs));
}

function figures(model: ModelDescription): string {
  const derivedB = Number((modelParameters(model) / 1e9).toPrecision(3));
  return `the dimensions give ${derivedB} · 10⁹ parameters, ${model.parametersB} · 10⁹ are declared`;
}

/** A sentence on declared parameters that are slightly off; undefined if they are not. */
export function parametersNote(model: ModelDescription): string | undefined {
  return partOff(model) <= NOTABLE ? undefined : `${model.name}: ${figures(model)}`;
}

/**
 * Reads a model's description.
 * @throws InputError naming every wrong field, or saying that the parameters belong to another
 *   model than the dimensions.
 */
export function parseModel(text: string, source: string): ModelDescription {
  const model = parseDescription(modelSchema, text, source);
  if (partOff(model) <= MOST_OFF) return model;
  throw InputError.of({
    source,
    field: 'parametersB',
    message: `${figures(model)}; correct the number, or the dimensions (family "${model.family}" ${FAMILIES[model.family]})`,
  });
}

/** The assumptions of a family, for messages. */
const FAMILIES: Readonly<Record<ModelDescription['family'], string>> = {
  gpt: 'has heads that make up hidden together, and a feed-forward four times as wide',
  llama: 'has heads that make up hidden together, and a gated feed-forward',
  moe: 'has gated feed-forwards, one for each expert',
};
