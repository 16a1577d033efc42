import { z } from 'zod';
import { InputError, type Problem } from '../../src/errors.js';
import { jsonProblems } from '../../src/json-problems.js';
import type { Attention, Block, FeedForward, ModelShape } from './model-shape.js';

const count = z.int().positive().max(100_000_000);
const countOrZero = z.int().min(0).max(100_000_000);

/** A field that may be missing; some write null instead. */
const optional = <T>(field: z.ZodType<T>) =>
  field.nullish().transform((value) => value ?? undefined);

/**
 * The fields of a `config.json` that say how large a model is, as the families Llama, Qwen, Mixtral,
 * DeepSeek and GPT-OSS spell them. Others are passed over.
 */
const configSchema = z.looseObject({
  model_type: optional(z.string()),
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
  // Latent attention.
  q_lora_rank: optional(count),
  kv_lora_rank: optional(count),
  qk_rope_head_dim: optional(count),
  qk_nope_head_dim: optional(count),
  v_head_dim: optional(count),
});

type Config = z.infer<typeof configSchema>;

/** Two matrices instead of three. */
const NOT_GATED = ['gpt2', 'gpt_neox', 'opt', 'bloom', 'falcon', 'mpt'];

/** Families that norm queries and keys. */
const NORMED_QUERIES = /^qwen3|^olmo2|^gemma3/;

/**
 * The shape of a model from its `config.json` on Hugging Face.
 * @param source name of the file, for messages.
 * @throws InputError naming every field that is wrong or missing.
 */
export function parseHuggingFaceConfig(text: string, source: string, name: string): ModelShape {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw InputError.of({ source, message: `is not JSON: ${(error as Error).message}` });
  }
  const result = configSchema.safeParse(value);
  if (!result.success) {
    throw new InputError(
      jsonProblems(result.error.issues, value).map(({ field, message }): Problem => {
        return { source, ...(field === '' ? {} : { field }), message };
      }),
    );
  }
  const config = result.data;
  const problems = contradictions(config);
  if (problems.length > 0)
    throw new InputError(problems.map((problem) => ({ source, ...problem })));
  return {
    name,
    hidden: config.hidden_size,
    vocabulary: config.vocab_size,
    sequence: config.max_position_embeddings ?? 4096,
    tiedEmbeddings: config.tie_word_embeddings ?? false,
    gated: !NOT_GATED.includes(config.model_type ?? ''),
    blocks: Array.from({ length: config.num_hidden_layers }, (_, layer) => blockOf(config, layer)),
  };
}

function contradictions(config: Config): Omit<Problem, 'source'>[] {
  const problems: Omit<Problem, 'source'>[] = [];
  const { num_attention_heads: heads, num_key_value_heads: keyValueHeads } = config;
  if (keyValueHeads !== undefined && heads % keyValueHeads !== 0) {
    const message = `found ${keyValueHeads}, which must divide num_attention_heads, ${heads}`;
    problems.push({ field: 'num_key_value_heads', message });
  }
  if (needsWidth(config) && config.intermediate_size === undefined) {
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

/** Whether any layer is as wide as `intermediate_size`: one without experts, or with wide experts. */
function needsWidth(config: Config): boolean {
  if (expertCount(config) === undefined || config.moe_intermediate_size === undefined) return true;
  return Array.from({ length: config.num_hidden_layers }, (_, layer) => layer).some((layer) =>
    isDense(config, layer),
  );
}

/** Whether a layer of a model with experts has none. */
function isDense(config: Config, layer: number): boolean {
  return (
    layer < (config.first_k_dense_replace ?? 0) ||
    (layer + 1) % (config.decoder_sparse_step ?? 1) !== 0 ||
    (config.mlp_only_layers ?? []).includes(layer)
  );
}

function blockOf(config: Config, layer: number): Block {
  return {
    attention: attentionOf(config),
    window: windowOf(config, layer),
    feedForward: feedForwardOf(config, layer),
  };
}

function attentionOf(config: Config): Attention {
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
  return {
    kind: 'grouped',
    heads,
    keyValueHeads: config.num_key_value_heads ?? heads,
    headDimension: config.head_dim ?? config.hidden_size / heads,
    ...(NORMED_QUERIES.test(config.model_type ?? '') ? { normsQueries: true } : {}),
  };
}

/** A window holds in the layers that `layer_types` names so; without that list it is not used. */
function windowOf({ layer_types: types, sliding_window: window }: Config, layer: number): number {
  return types?.[layer] === 'sliding_attention' && window !== undefined ? window : Infinity;
}

function expertCount(config: Config): number | undefined {
  return config.n_routed_experts ?? config.num_experts ?? config.num_local_experts;
}

function feedForwardOf(config: Config, layer: number): FeedForward {
  const experts = expertCount(config);
  if (experts === undefined || isDense(config, layer))
    return { kind: 'dense', width: config.intermediate_size! };
  const width = config.moe_intermediate_size ?? config.intermediate_size!;
  return {
    kind: 'experts',
    count: experts,
    perToken: config.num_experts_per_tok!,
    width,
    sharedWidth: config.shared_expert_intermediate_size ?? (config.n_shared_experts ?? 0) * width,
  };
}
