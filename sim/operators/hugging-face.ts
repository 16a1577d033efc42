import { z } from 'zod';
import { InputError, type Problem } from '../../src/errors.js';
import { jsonProblems } from '../../src/json-problems.js';
import { nearestName } from '../../src/nearest-name.js';
import { parameterNote } from './declared-parameters.js';
import {
  FIELD_SPELLINGS,
  MODEL_FAMILIES,
  TEXT_CONFIG_TYPES,
  type ModelFamily,
} from './model-families.js';
import type { Attention, Block, FeedForward, ModelShape } from './model-shape.js';

const count = z.int().positive().max(100_000_000);
const countOrZero = z.int().min(0).max(100_000_000);

/** A field that may be missing; some files write null instead. */
const optional = <T>(field: z.ZodType<T>) =>
  field.nullish().transform((value) => value ?? undefined);

/** The fields of a `config.json` that determine a model's size. Others are ignored. */
const configSchema = z.looseObject({
  model_type: optional(z.string()),
  /** Of the whole model, if it was added as a check. */
  parameters: optional(z.number().positive().max(1e15)),
  hidden_size: count,
  num_hidden_layers: count.max(10_000),
  num_attention_heads: count,
  vocab_size: count,
  intermediate_size: optional(count),
  num_key_value_heads: optional(count),
  head_dim: optional(count),
  tie_word_embeddings: optional(z.boolean()),
  max_position_embeddings: optional(count),
  sliding_window: optional(count),
  layer_types: optional(z.array(z.string())),
  use_sliding_window: optional(z.boolean()),
  max_window_layers: optional(countOrZero),
  attention_chunk_size: optional(count),
  use_qk_norm: optional(z.boolean()),
  multi_query: optional(z.boolean()),
  new_decoder_architecture: optional(z.boolean()),
  num_nextn_predict_layers: optional(countOrZero.max(16)),
  // Experts.
  num_experts: optional(count),
  num_local_experts: optional(count),
  n_routed_experts: optional(count),
  num_experts_per_tok: optional(count),
  moe_intermediate_size: optional(count),
  n_shared_experts: optional(countOrZero),
  shared_expert_intermediate_size: optional(countOrZero),
  first_k_dense_replace: optional(countOrZero),
  decoder_sparse_step: optional(count),
  mlp_only_layers: optional(z.array(countOrZero)),
  /** The interval of layers with experts; 1 if every layer has them. */
  moe_layer_freq: optional(z.union([count, z.array(countOrZero)])),
  interleave_moe_layer_step: optional(count),
  intermediate_size_mlp: optional(count),
  // Latent attention.
  q_lora_rank: optional(count),
  kv_lora_rank: optional(count),
  qk_rope_head_dim: optional(count),
  qk_nope_head_dim: optional(count),
  v_head_dim: optional(count),
});

type Config = z.infer<typeof configSchema>;

/** A parsed configuration, the defaults of its family, and doubts. */
interface Read {
  readonly config: Config;
  readonly family: ModelFamily;
  readonly notes: readonly string[];
}

/**
 * The shape of a model from its `config.json` on Hugging Face.
 * @param source name of the file, for messages.
 * @throws InputError naming every wrong or missing field.
 */
export function parseHuggingFaceConfig(text: string, source: string, name: string): ModelShape {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw InputError.of({ source, message: `is not JSON: ${(error as Error).message}` });
  }
  const read = readConfig(value, source);
  const { config, family } = read;
  const problems = contradictions(read);
  if (problems.length > 0)
    throw new InputError(problems.map((problem) => ({ source, ...problem })));
  const predictions = config.num_nextn_predict_layers ?? 0;
  const shape: ModelShape = {
    name,
    hidden: config.hidden_size,
    vocabulary: config.vocab_size,
    sequence: config.max_position_embeddings ?? 4096,
    tiedEmbeddings: config.tie_word_embeddings ?? family.tiesEmbeddings ?? false,
    gated: family.hasNoGate !== true,
    blocks: Array.from({ length: config.num_hidden_layers }, (_, layer) => blockOf(read, layer)),
    // Each is a layer like the last one.
    ...(predictions === 0
      ? {}
      : {
          predictionBlocks: Array.from({ length: predictions }, () =>
            blockOf(read, config.num_hidden_layers - 1),
          ),
        }),
  };
  const note = parameterNote(shape, config.parameters);
  const notes = [...read.notes, ...(note === undefined ? [] : [note])];
  return notes.length === 0 ? shape : { ...shape, notes };
}

/** A configuration in the usual spelling, and its family. */
function readConfig(value: unknown, source: string): Read {
  const { inner, notes } = languageModel(value);
  const result = configSchema.safeParse(inner);
  const problems = result.success
    ? []
    : jsonProblems(result.error.issues, inner).map(({ field, message }): Problem => {
        return { source, ...(field === '' ? {} : { field }), message };
      });
  const type = isRecord(inner) ? inner['model_type'] : undefined;
  const family = typeof type === 'string' ? knownFamily(type) : undefined;
  if (typeof type === 'string' && family === undefined) {
    problems.push({ source, field: 'model_type', message: unknownFamily(type) });
  }
  if (problems.length > 0) throw new InputError(problems);
  const unsaid =
    family === undefined
      ? ['has no model_type, and is read as a Llama is; its layers may be others']
      : [];
  return { config: result.data!, family: family ?? {}, notes: [...notes, ...unsaid] };
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const knownFamily = (type: string): ModelFamily | undefined =>
  Object.hasOwn(MODEL_FAMILIES, type) ? MODEL_FAMILIES[type] : undefined;

function unknownFamily(type: string): string {
  const names = Object.keys(MODEL_FAMILIES);
  const near = nearestName(type, names);
  const hint = near === undefined ? '' : `; did you mean "${near}"?`;
  return `found "${type.slice(0, 80)}", expected one whose layers are known: ${names.join(', ')}${hint}`;
}

/** The language model's part of a configuration, with its fields in the usual spelling. */
function languageModel(value: unknown): { inner: unknown; notes: string[] } {
  if (!isRecord(value)) return { inner: value, notes: [] };
  const type = value['model_type'];
  const textType =
    typeof type === 'string' && Object.hasOwn(TEXT_CONFIG_TYPES, type)
      ? TEXT_CONFIG_TYPES[type]
      : undefined;
  const text = value['text_config'];
  if (textType === undefined || !isRecord(text)) return { inner: spelled(value), notes: [] };
  const notes = [`is "${String(type)}": its text_config is read, encoders of images are left out`];
  return { inner: spelled({ model_type: textType, ...text }), notes };
}

function spelled(config: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const made: Record<string, unknown> = { ...config };
  for (const [field, others] of Object.entries(FIELD_SPELLINGS)) {
    if (made[field] !== undefined && made[field] !== null) continue;
    const found = others.find((other) => config[other] !== undefined && config[other] !== null);
    if (found !== undefined) made[field] = config[found];
  }
  return made;
}

function contradictions({ config, family }: Read): Omit<Problem, 'source'>[] {
  const problems: Omit<Problem, 'source'>[] = [];
  const { num_attention_heads: heads, num_key_value_heads: keyValueHeads } = config;
  if (keyValueHeads !== undefined && heads % keyValueHeads !== 0) {
    const message = `found ${keyValueHeads}, which must divide num_attention_heads, ${heads}`;
    problems.push({ field: 'num_key_value_heads', message });
  }
  const headDimension = config.head_dim ?? family.headDimension ?? config.hidden_size / heads;
  if (config.kv_lora_rank === undefined && !Number.isInteger(headDimension)) {
    const message = `found ${heads}, which must divide hidden_size, ${config.hidden_size}, where there is no head_dim`;
    problems.push({ field: 'num_attention_heads', message });
  }
  if (
    needsWidth(config) &&
    config.intermediate_size === undefined &&
    family.widthOverHidden === undefined
  ) {
    problems.push({
      field: 'intermediate_size',
      message: 'found nothing, expected a whole number',
    });
  }
  if (expertCount(config) !== undefined && config.num_experts_per_tok === undefined) {
    problems.push({
      field: 'num_experts_per_tok',
      message: 'found nothing, expected how many experts a token passes',
    });
  }
  if (config.kv_lora_rank !== undefined) {
    for (const field of ['qk_rope_head_dim', 'qk_nope_head_dim', 'v_head_dim'] as const) {
      if (config[field] === undefined) {
        const message = 'found nothing; latent attention (kv_lora_rank) needs it';
        problems.push({ field, message });
      }
    }
  }
  return problems;
}

/**
 * Whether any layer is as wide as `intermediate_size`: one without experts, or with wide experts.
 */
function needsWidth(config: Config): boolean {
  if (expertCount(config) === undefined || config.moe_intermediate_size === undefined) return true;
  return Array.from({ length: config.num_hidden_layers }, (_, layer) => layer).some((layer) =>
    isDense(config, layer),
  );
}

/** Whether a layer of a model with experts has none. */
function isDense(config: Config, layer: number): boolean {
  const frequency = config.moe_layer_freq ?? 1;
  const isLeftOut = Array.isArray(frequency) ? frequency[layer] === 0 : layer % frequency !== 0;
  const step = config.decoder_sparse_step ?? config.interleave_moe_layer_step ?? 1;
  return (
    layer < (config.first_k_dense_replace ?? 0) ||
    isLeftOut ||
    (layer + 1) % step !== 0 ||
    (config.mlp_only_layers ?? []).includes(layer)
  );
}

function blockOf(read: Read, layer: number): Block {
  return {
    attention: attentionOf(read),
    window: windowOf(read, layer),
    feedForward: feedForwardOf(read, layer),
  };
}

function attentionOf({ config, family }: Read): Attention {
  const heads = config.num_attention_heads;
  if (config.kv_lora_rank !== undefined) {
    return {
      kind: 'latent',
      heads,
      queryRank: config.q_lora_rank ?? 0,
      keyValueRank: config.kv_lora_rank,
      rotaryDimension: config.qk_rope_head_dim!,
      plainDimension: config.qk_nope_head_dim!,
      valueDimension: config.v_head_dim!,
    };
  }
  const { normsQueries } = family;
  const hasNorms =
    normsQueries === 'always' || (normsQueries === 'asked' && config.use_qk_norm === true);
  // Falcon's newer form states its key heads; the older one has one, or as many as queries.
  const sharesOne =
    family.sharesOneKey === 'multiQuery' &&
    config.new_decoder_architecture !== true &&
    config.multi_query !== false;
  return {
    kind: 'grouped',
    heads,
    keyValueHeads: sharesOne ? 1 : (config.num_key_value_heads ?? heads),
    headDimension: config.head_dim ?? family.headDimension ?? config.hidden_size / heads,
    ...(hasNorms ? { normsQueries: true } : {}),
  };
}

/**
 * The window applies to the layers that `layer_types` assigns it to; without that list, to those of
 * the family.
 */
function windowOf({ config, family }: Read, layer: number): number | undefined {
  const { layer_types: types, sliding_window: window } = config;
  const type = types?.[layer];
  if (type === 'chunked_attention') return config.attention_chunk_size;
  if (window === undefined) return undefined;
  const isWindowed =
    types === undefined ? hasWindow(family, config, layer) : type === 'sliding_attention';
  return isWindowed ? window : undefined;
}

/** Whether a layer has a window, for each rule of a family. */
const WINDOW_RULES: Readonly<
  Record<NonNullable<ModelFamily['windows']>, (layer: number, config: Config) => boolean>
> = {
  all: () => true,
  alternating: (layer) => layer % 2 === 0,
  threeOfFour: (layer) => (layer + 1) % 4 !== 0,
  fiveOfSix: (layer) => (layer + 1) % 6 !== 0,
  asked: (layer, config) =>
    config.use_sliding_window === true && layer >= (config.max_window_layers ?? 0),
};

function hasWindow({ windows }: ModelFamily, config: Config, layer: number): boolean {
  return windows !== undefined && WINDOW_RULES[windows](layer, config);
}

function expertCount(config: Config): number | undefined {
  return config.n_routed_experts ?? config.num_experts ?? config.num_local_experts;
}

function feedForwardOf({ config, family }: Read, layer: number): FeedForward {
  const experts = expertCount(config);
  const usual = config.intermediate_size ?? (family.widthOverHidden ?? 0) * config.hidden_size;
  if (experts === undefined || isDense(config, layer)) {
    const named = family.namesDenseWidth === true ? config.intermediate_size_mlp : undefined;
    return { kind: 'dense', width: named ?? usual };
  }
  const width = config.moe_intermediate_size ?? usual;
  return {
    kind: 'experts',
    count: experts,
    perToken: config.num_experts_per_tok!,
    width,
    sharedWidth:
      config.shared_expert_intermediate_size ??
      // Llama 4 has a shared expert in each such layer, but does not state it.
      (config.n_shared_experts ?? (family.namesDenseWidth === true ? 1 : 0)) * width,
  };
}
