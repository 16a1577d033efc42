import fc from 'fast-check';
import { csvMutation, mutatedCsv } from '../mutate-csv.js';
import { mutatedFile, textMutation } from '../mutate-text.js';
import { mutated, treeMutation } from '../mutate-tree.js';
import { csvRows, firstOf } from '../oracle.js';
import { commandLine, type FuzzTarget } from '../target.js';

const CASES = `case,model,gpu,layers,tp,cp,ep,pp,dp,sequence,microbatch,microbatches,chunks,precision,recompute,layout,first_stage_layers,last_stage_layers,account_for_embedding,account_for_loss,mtp,fsdp,expert_imbalance,expert_exchange,expert_dispatch,expert_overlap
dense,dense.json,h100-sxm,4,2,1,1,2,2,1024,1,4,1,bf16,none,,1,3,no,no,,full_shard,,,,
experts,experts.json,b200-sxm,4,1,1,2,2,2,1024,2,4,1,fp8,selective,"Et*3|(t)*1,mL",,,,,yes,no,1.5,nodes,fp8,yes
interleaved,llama-3-8b,a100-pcie,8,1,1,1,2,1,2048,1,4,2,bf16,full,,,,no,no,no,shard_grad_op,1,experts,bf16,no
`;

const DENSE = {
  model_type: 'llama',
  hidden_size: 2048,
  num_hidden_layers: 8,
  num_attention_heads: 16,
  num_key_value_heads: 8,
  intermediate_size: 8192,
  vocab_size: 128256,
  max_position_embeddings: 8192,
  tie_word_embeddings: true,
  sliding_window: 512,
  layer_types: ['full_attention', 'sliding_attention'],
};

const EXPERTS = {
  model_type: 'deepseek_v3',
  hidden_size: 2048,
  num_hidden_layers: 8,
  num_attention_heads: 16,
  vocab_size: 129280,
  intermediate_size: 10944,
  max_position_embeddings: 4096,
  n_routed_experts: 8,
  num_experts_per_tok: 2,
  moe_intermediate_size: 1408,
  n_shared_experts: 1,
  first_k_dense_replace: 1,
  q_lora_rank: 512,
  kv_lora_rank: 512,
  qk_rope_head_dim: 64,
  qk_nope_head_dim: 128,
  v_head_dim: 128,
  num_nextn_predict_layers: 1,
};

const FILES = {
  'cases.csv': CASES,
  'dense.json': JSON.stringify(DENSE),
  'experts.json': JSON.stringify(EXPERTS),
};

const anyFiles = fc.oneof(
  {
    weight: 4,
    arbitrary: fc
      .array(csvMutation, { minLength: 1, maxLength: 2 })
      .map((changes) => ({ ...FILES, 'cases.csv': mutatedCsv(CASES, changes) })),
  },
  {
    weight: 4,
    arbitrary: fc
      .tuple(fc.boolean(), fc.array(treeMutation, { minLength: 1, maxLength: 2 }))
      .map(([isDense, changes]) =>
        isDense
          ? { ...FILES, 'dense.json': JSON.stringify(mutated(DENSE, changes)) }
          : { ...FILES, 'experts.json': JSON.stringify(mutated(EXPERTS, changes)) },
      ),
  },
  {
    weight: 1,
    arbitrary: fc
      .tuple(
        fc.constantFrom(...(Object.keys(FILES) as (keyof typeof FILES)[])),
        fc.array(textMutation, { minLength: 1, maxLength: 2 }),
      )
      .map(([path, changes]) => ({ ...FILES, [path]: mutatedFile(FILES[path], changes) })),
  },
);

/** Boards for training, idle and at their limit. */
const LEAST_W = 20;
const HIGHEST_BOARD_W = 1500;

/** Four digits are printed. */
const ROUNDING = 2e-3;

function wrongPrediction(row: Record<string, string>): string | undefined {
  const value = (key: string) => Number(row[key]);
  const within = (key: string, least: number, most: number) =>
    !(value(key) > least && value(key) <= most) && `${row['case']!}: ${key} is ${row[key]!}`;
  const tokens = (value('step_ms') / 1000) * value('tokens_per_s');
  return firstOf([
    within('step_ms', 0, 1e15),
    within('tokens_per_s', 0, 1e15),
    within('tflops', 0, 10_000),
    within('mfu', 0, 1.3),
    within('memory_gib', 0, 1e9),
    within('power_w', LEAST_W, HIGHEST_BOARD_W),
    within('j_per_token', 0, 1e15),
    Math.abs(tokens - Math.round(tokens)) > ROUNDING * tokens && `${tokens} tokens in a step`,
  ]);
}

/** Jobs that were not profiled, and models as described on Hugging Face. */
export const predictions: FuzzTarget = {
  name: 'predictions',
  share: 4,
  inputs: () =>
    anyFiles.map((files) => commandLine(['predict', 'cases.csv', '--format', 'csv'], files)),
  oracle: (_, { code, out }) =>
    code === 0 ? firstOf(csvRows(out).map(wrongPrediction)) : undefined,
};
