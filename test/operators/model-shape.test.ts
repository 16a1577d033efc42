import { readFileSync } from 'node:fs';
import test from 'ava';
import { InputError } from '../../src/errors.js';
import { readModelShape } from '../../sim/disk/operator-catalog.js';
import { parseHuggingFaceConfig } from '../../sim/operators/hugging-face.js';
import { modelFlopsPerToken, shapeParameters } from '../../sim/operators/model-shape.js';
import { projectFile } from '../support/files.js';

/** 10⁹ parameters that their authors state. */
const DECLARED_B: Readonly<Record<string, number>> = {
  'gpt3-175b': 175,
  'bloom-176b': 176,
  'llama-3-8b': 8.03,
  'llama-3-70b': 70.6,
  'llama-3-405b': 405.9,
  'mixtral-8x7b': 46.7,
  'grok-1': 314,
  'deepseek-v2': 236,
  'deepseek-v3': 671,
  'qwen3-30b-a3b': 30.5,
  'qwen3-235b-a22b': 235,
  'gpt-oss-120b': 116.8,
  'llama-3.2-3b': 3.21,
  'qwen3-1.7b': 1.72,
};

for (const [name, declaredB] of Object.entries(DECLARED_B)) {
  test(`the dimensions of ${name} make the parameters that are declared`, (t) => {
    const madeB = shapeParameters(readModelShape(name, 'test')) / 1e9;
    t.true(Math.abs(madeB / declaredB - 1) < 0.007, `${madeB} of ${declaredB}`);
  });
}

test('operations of a token are six for each weight, and attention', (t) => {
  // GPT-3 175B, sequence 2048: 6 · N plus 6 · layers · sequence · hidden with the causal half.
  const shape = readModelShape('gpt3-175b', 'test');
  const expected = 6 * shapeParameters(shape) + 6 * 96 * 2048 * 12288;
  t.true(Math.abs(modelFlopsPerToken(shape, 2048) / expected - 1) < 1e-9);
});

const deepseek = () =>
  readFileSync(projectFile('scenarios/catalog/models/deepseek-v3.json'), 'utf8');

test('DeepSeek-V3: three dense layers, latent attention, one shared expert', (t) => {
  const { blocks } = parseHuggingFaceConfig(deepseek(), 'config.json', 'v3');
  t.deepEqual(
    blocks.slice(0, 4).map(({ feedForward }) => feedForward.kind),
    ['dense', 'dense', 'dense', 'experts'],
  );
  t.like(blocks[60]!.attention, { kind: 'latent', queryRank: 1536, keyValueRank: 512 });
  t.like(blocks[60]!.feedForward, { count: 256, perToken: 8, width: 2048, sharedWidth: 2048 });
});

test('GPT-OSS: every other layer has a window', (t) => {
  const { blocks } = readModelShape('gpt-oss-120b', 'test');
  t.deepEqual(
    blocks.slice(0, 2).map(({ window }) => window),
    [128, undefined],
  );
});

test('a config.json names all that is wrong', (t) => {
  const { hidden_size: _hidden, ...config } = JSON.parse(deepseek()) as Record<string, unknown>;
  const wrong = { ...config, num_hidden_layers: -1, vocab_size: 'many' };
  const error = t.throws(() => parseHuggingFaceConfig(JSON.stringify(wrong), 'config.json', 'x'), {
    instanceOf: InputError,
  });
  t.deepEqual(error.problems.map(({ field }) => field).sort(), [
    'hidden_size',
    'num_hidden_layers',
    'vocab_size',
  ]);
});

test('a config.json whose dense layers have no width is refused', (t) => {
  const config = JSON.parse(deepseek()) as Record<string, unknown>;
  const { intermediate_size: _width, ...wrong } = config;
  const error = t.throws(() => parseHuggingFaceConfig(JSON.stringify(wrong), 'config.json', 'x'), {
    instanceOf: InputError,
  });
  t.is(error.message, 'config.json, intermediate_size: found nothing, expected a whole number');
  const sparse = { ...wrong, first_k_dense_replace: 0 };
  t.notThrows(() => parseHuggingFaceConfig(JSON.stringify(sparse), 'config.json', 'x'));
});

test('a config.json that contradicts itself is refused', (t) => {
  const config = JSON.parse(deepseek()) as Record<string, unknown>;
  const wrong = { ...config, num_key_value_heads: 3, v_head_dim: null, num_experts_per_tok: null };
  const error = t.throws(() => parseHuggingFaceConfig(JSON.stringify(wrong), 'config.json', 'x'), {
    instanceOf: InputError,
  });
  t.deepEqual(
    error.problems.map(({ field }) => field),
    ['num_key_value_heads', 'num_experts_per_tok', 'v_head_dim'],
  );
});

test('shapes are the same after a journey as JSON', (t) => {
  for (const name of Object.keys(DECLARED_B)) {
    const shape = readModelShape(name, 'test');
    const travelled = JSON.parse(JSON.stringify(shape)) as typeof shape;
    t.is(modelFlopsPerToken(travelled, 8192), modelFlopsPerToken(shape, 8192), name);
    JSON.stringify(shape, (key, value: unknown) => {
      t.false(typeof value === 'number' && !Number.isFinite(value), `${name}: ${key}`);
      return value;
    });
  }
});
