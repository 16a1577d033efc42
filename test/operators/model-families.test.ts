import { readFileSync } from 'node:fs';
import test from 'ava';
import { InputError } from '../../src/errors.js';
import { readModelShape } from '../../sim/disk/operator-catalog.js';
import { parseHuggingFaceConfig } from '../../sim/operators/hugging-face.js';
import { predictionParameters, shapeParameters } from '../../sim/operators/model-shape.js';
import { projectFile } from '../support/files.js';

const fixture = (name: string) =>
  readFileSync(projectFile(`test/fixtures/models/${name}.json`), 'utf8');
const shapeOf = (name: string) => parseHuggingFaceConfig(fixture(name), `${name}.json`, name);

/**
 * Parameters as published: numbers of all digits are totals of the checkpoints on Hugging Face
 * (safetensors), others are in the authors' words.
 */
const PUBLISHED: Readonly<Record<string, number>> = {
  'llama-2-7b': 6_738_415_616,
  'llama-3.1-70b': 70_553_706_496,
  'mistral-7b-v0.1': 7_241_732_096,
  'mixtral-8x22b': 140_630_071_296,
  'qwen2.5-7b': 7_615_616_512,
  'qwen3-8b': 8_190_735_360,
  'gemma-2-9b': 9_241_705_984,
  'phi-3-mini': 3_821_079_552,
  'phi-4': 14_659_507_200,
  'olmo-2-7b': 7_298_617_344,
  'olmoe-1b-7b': 6_919_161_856,
  'deepseek-v2-lite': 15_706_484_224,
  'kimi-k2': 1_026_408_232_448,
  'gpt2-xl': 1_557_611_200,
  // Its encoder of images, which is left out, is 0.8 % of them.
  'llama-4-scout': 108_641_793_536,
  // OpenAI, gpt-oss model card, table 1.
  'gpt-oss-20b': 20.91e9,
  // GLM-4.5 (arXiv 2508.06471), table 1.
  'glm-4.5-air': 106e9,
  // Nemotron-4 340B (arXiv 2406.11704), table 1: 9.4 of embeddings and 331.6 besides.
  'nemotron-4-340b': 341e9,
  // MiniMax-M2's model card.
  'minimax-m2': 230e9,
};

for (const [name, published] of Object.entries(PUBLISHED)) {
  test(`the config.json of ${name} makes the parameters that are published`, (t) => {
    const made = shapeParameters(shapeOf(name));
    t.log(made, made / published - 1);
    t.true(Math.abs(made / published - 1) < 0.01, `${made} of ${published}`);
  });
}

test('DeepSeek-V3 has 11.5 · 10⁹ parameters more to predict a second token', (t) => {
  // README_WEIGHTS.md of deepseek-ai/DeepSeek-V3, embedding and head not counted.
  const made = predictionParameters(readModelShape('deepseek-v3', 'test'));
  t.true(Math.abs(made / 11.5e9 - 1) < 0.01, String(made));
});

test('windows, norms and ties that a config.json leaves unsaid are those of its family', (t) => {
  const windows = (name: string, layers = 6) =>
    shapeOf(name)
      .blocks.slice(0, layers)
      .map(({ window }) => window);
  const none = undefined;
  t.deepEqual(windows('gemma-2-9b', 4), [4096, none, 4096, none]);
  t.deepEqual(windows('gpt-oss-20b', 4), [128, none, 128, none]);
  t.deepEqual(windows('mistral-7b-v0.1', 2), [4096, 4096]);
  // It has a window that is not used.
  t.deepEqual(windows('qwen2.5-7b', 2), [none, none]);
  t.true(shapeOf('gemma-2-9b').tiedEmbeddings);
  t.like(shapeOf('qwen3-8b').blocks[0]!.attention, { normsQueries: true });
  t.is(shapeOf('nemotron-4-340b').gated, false);
});

const llama = JSON.parse(fixture('llama-3.1-70b')) as Record<string, unknown>;
const read = (changes: Record<string, unknown>, name = 'config.json') =>
  parseHuggingFaceConfig(JSON.stringify({ ...llama, ...changes }), name, name);

test('a family that is not known is refused, with those that are', (t) => {
  const error = t.throws(() => read({ model_type: 'mamba2' }), { instanceOf: InputError });
  t.regex(
    error.message,
    /model_type: found "mamba2", expected one whose layers are known: .*llama/,
  );
  const near = t.throws(() => read({ model_type: 'qwen_3' }), { instanceOf: InputError });
  t.regex(near.message, /did you mean "qwen3"\?/);
  // Names that objects have by themselves are no families.
  t.throws(() => read({ model_type: 'constructor' }), { instanceOf: InputError });
});

test('a config.json of no family is read as a Llama, with a note', (t) => {
  t.regex(read({ model_type: null }).notes!.join(), /has no model_type, and is read as a Llama/);
  t.is(read({}).notes, undefined);
});

test('parameters that are declared otherwise are noted, by field and by name', (t) => {
  const note = (changes: Record<string, unknown>, name?: string) => read(changes, name).notes?.[0];
  t.is(note({ parameters: 70.6e9 }), undefined);
  t.regex(note({ parameters: 75e9 })!, /make 70\.55 · 10⁹ parameters, 5\.9 % fewer than the field/);
  t.is(note({}, 'Llama-3.1-70B/config.json'), undefined);
  t.regex(note({}, 'Llama-3.1-65B.json')!, /8\.5 % more than its name says, 65B; check them/);
  t.regex(note({ num_hidden_layers: 8 }, 'models/Llama-70B/config.json')!, /fewer than its name/);
  // Neither a number of experts nor the parameters that a token passes is the whole.
  t.is(note({}, 'x-8x7B.json'), undefined);
  t.is(note({}, 'x-A22B.json'), undefined);
});

test('models of the catalog are read without doubts', (t) => {
  const names = ['deepseek-v2', 'deepseek-v3', 'gpt-oss-120b', 'grok-1', 'llama-3.2-3b', 'mpt-1b'];
  const more = ['mpt-3b', 'mpt-7b', 'mpt-70b', 'qwen3-1.7b', 'qwen3-235b-a22b', 'qwen3-30b-a3b'];
  for (const name of [...names, ...more]) t.is(readModelShape(name, 'test').notes, undefined, name);
});

test('layers with experts: frequencies as numbers and as lists', (t) => {
  const config = JSON.parse(fixture('deepseek-v2-lite')) as Record<string, unknown>;
  const kinds = (changes: Record<string, unknown>) =>
    parseHuggingFaceConfig(
      JSON.stringify({ ...config, num_hidden_layers: 4, ...changes }),
      'c',
      'c',
    )
      .blocks.map(({ feedForward }) => feedForward.kind[0])
      .join('');
  t.is(kinds({}), 'deee');
  t.is(kinds({ moe_layer_freq: 2, first_k_dense_replace: 0 }), 'eded');
  t.is(kinds({ moe_layer_freq: [0, 0, 1, 1], first_k_dense_replace: 0 }), 'ddee');
  t.is(kinds({ mlp_only_layers: [2] }), 'dede');
  t.is(kinds({ decoder_sparse_step: 2 }), 'dede');
});
