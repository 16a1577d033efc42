/** The defaults of a family for fields missing in a configuration, by its `model_type`. */
export interface ModelFamily {
  /** Feed-forwards have two matrices; most families have three, with a gate. */
  readonly hasNoGate?: boolean;
  /** Whether input and output embeddings are shared if a configuration does not say. */
  readonly tiesEmbeddings?: boolean;
  /** Queries and keys pass a norm; `asked`: if `use_qk_norm` says so. */
  readonly normsQueries?: 'always' | 'asked';
  /** Layers with a sliding window if `layer_types` does not name them; none if left out. */
  readonly windows?: 'all' | 'alternating' | 'fiveOfSix' | 'asked' | 'threeOfFour';
  /**
   * Dimension of a head if a configuration does not give it; default: the hidden size over the
   * heads.
   */
  readonly headDimension?: number;
  /** Width of a feed-forward relative to the hidden size, if a configuration does not give it. */
  readonly widthOverHidden?: number;
  /** A single head of keys and values if a configuration does not give their number. */
  readonly sharesOneKey?: 'multiQuery';
  /** Dense layers and experts have separate widths (Llama 4). */
  readonly namesDenseWidth?: boolean;
}

const LLAMA: ModelFamily = {};
const GPT: ModelFamily = { hasNoGate: true, tiesEmbeddings: true, widthOverHidden: 4 };
const GEMMA: ModelFamily = { tiesEmbeddings: true, headDimension: 256 };
const QWEN3: ModelFamily = { normsQueries: 'always', windows: 'asked', headDimension: 128 };

/**
 * Families with layers that are blocks of attention and a feed-forward, dense or of experts, as
 * defined by the classes of Hugging Face's Transformers (5.0).
 */
export const MODEL_FAMILIES: Readonly<Record<string, ModelFamily>> = {
  apertus: { hasNoGate: true, normsQueries: 'always' },
  arcee: { hasNoGate: true },
  bloom: GPT,
  cohere: { tiesEmbeddings: true, normsQueries: 'asked' },
  cohere2: { tiesEmbeddings: true, windows: 'threeOfFour' },
  deepseek_v2: LLAMA,
  deepseek_v3: LLAMA,
  exaone4: { normsQueries: 'always', windows: 'threeOfFour' },
  falcon: { ...GPT, sharesOneKey: 'multiQuery' },
  gemma: GEMMA,
  gemma2: { ...GEMMA, windows: 'alternating' },
  gemma3_text: { ...GEMMA, windows: 'fiveOfSix', normsQueries: 'always' },
  glm: LLAMA,
  glm4: LLAMA,
  glm4_moe: { normsQueries: 'asked' },
  gpt2: GPT,
  gpt_bigcode: { ...GPT, sharesOneKey: 'multiQuery' },
  gpt_neox: { hasNoGate: true },
  gpt_oss: { windows: 'alternating', headDimension: 64 },
  granite: LLAMA,
  granitemoe: LLAMA,
  'grok-1': LLAMA,
  internlm2: LLAMA,
  internlm3: LLAMA,
  kimi_k2: LLAMA,
  llama: LLAMA,
  llama4_text: { namesDenseWidth: true, normsQueries: 'asked' },
  minimax_m2: { normsQueries: 'asked' },
  ministral: { windows: 'all' },
  mistral: { windows: 'all' },
  mixtral: { windows: 'all' },
  mpt: GPT,
  nemotron: { hasNoGate: true },
  olmo: LLAMA,
  olmo2: { normsQueries: 'always' },
  olmo3: { normsQueries: 'always', windows: 'threeOfFour' },
  olmoe: { normsQueries: 'always' },
  opt: GPT,
  phi: { hasNoGate: true },
  phi3: { windows: 'all' },
  phimoe: { windows: 'all' },
  qwen2: { windows: 'asked' },
  qwen2_moe: { windows: 'asked' },
  qwen3: QWEN3,
  qwen3_moe: QWEN3,
  seed_oss: { headDimension: 128 },
  smollm3: { tiesEmbeddings: true, windows: 'asked' },
  stablelm: LLAMA,
  starcoder2: { hasNoGate: true, tiesEmbeddings: true, windows: 'all' },
};

/**
 * Other spellings of fields, by the usual one. The first one present in a configuration is read.
 */
export const FIELD_SPELLINGS: Readonly<Record<string, readonly string[]>> = {
  hidden_size: ['n_embd', 'd_model', 'n_embed'],
  num_hidden_layers: ['n_layer', 'n_layers', 'num_layers'],
  num_attention_heads: ['n_head', 'n_heads'],
  intermediate_size: ['n_inner', 'ffn_dim', 'ffn_hidden_size'],
  num_key_value_heads: ['num_kv_heads', 'multi_query_group_num'],
  max_position_embeddings: ['n_positions', 'max_seq_len', 'seq_length'],
  num_experts_per_tok: ['num_experts_per_token', 'moe_topk'],
  num_nextn_predict_layers: ['mtp_num_layers', 'mtp_num_hidden_layers'],
};

/** Wrappers of a language model and other encoders, with the language model in `text_config`. */
export const TEXT_CONFIG_TYPES: Readonly<Record<string, string>> = {
  gemma3: 'gemma3_text',
  llama4: 'llama4_text',
  mistral3: 'mistral',
  kimi_k25: 'kimi_k2',
};
