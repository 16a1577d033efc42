import test from 'ava';
import { readMachine, readModelShape } from '../../sim/disk/operator-catalog.js';
import { blockOperators } from '../../sim/operators/block-operators.js';
import type { Layout } from '../../sim/operators/layout.js';
import { blockParameters } from '../../sim/operators/model-shape.js';
import {
  collectiveTimeS,
  operatorTime,
  type Execution,
} from '../../sim/operators/operator-time.js';
import type { Operator } from '../../sim/operators/operators.js';

const ALONE: Layout = { tensor: 1, context: 1, expert: 1, pipeline: 1, data: 1 };
const B200 = readMachine('b200-sxm', 'test');
const H100 = readMachine('H100 SXM', 'test');

const execution = (layout: Layout, machine = B200): Execution => ({
  machine,
  layout,
  precision: 'bf16',
});

const PRODUCT: Operator = {
  kind: 'product',
  rows: 4096,
  inner: 8192,
  columns: 8192,
  allowsFp8: true,
};

test('a product takes its operations at the rate of its kind, and the backward two of them', (t) => {
  const atPeakS = (2 * 4096 * 8192 * 8192) / 2250e12;
  const { forward, backward } = {
    forward: operatorTime(PRODUCT, 'forward', execution(ALONE)),
    backward: operatorTime(PRODUCT, 'backward', execution(ALONE)),
  };
  t.true(Math.abs(forward.product - (atPeakS / 0.492 + 5e-6)) < 1e-12);
  t.true(Math.abs(backward.product - (atPeakS / 0.475 + atPeakS / 0.47 + 10e-6)) < 1e-12);
  t.is(forward.memory + forward.attention + forward.communication, 0);
});

test('FP8 products are faster where the rates know of them, and cast their operands', (t) => {
  const bf16 = operatorTime(PRODUCT, 'forward', execution(ALONE, H100));
  const fp8 = operatorTime(PRODUCT, 'forward', { ...execution(ALONE, H100), precision: 'fp8' });
  t.true(bf16.product / fp8.product > 1.7);
  t.is(bf16.memory, 0);
  t.true(fp8.memory > 0);
});

test('a gather moves all but the own part over the slowest link of its group', (t) => {
  const { node, network, rankSpreadUs } = B200.rates;
  const inNode = { ...ALONE, tensor: 8 };
  const gathered = collectiveTimeS('allGather', 'tensor', 8e9, execution(inNode));
  const link = node.allGather;
  const expected = 7e9 / (900e9 * link.efficiency) + (link.overheadUs + 3 * rankSpreadUs) * 1e-6;
  t.true(Math.abs(gathered / expected - 1) < 1e-12);
  // Sixteen replicas, one in every node: each has its own adapter.
  const across = { ...ALONE, tensor: 8, data: 16 };
  const reduced = collectiveTimeS('reduceScatter', 'dense', 16e9, execution(across));
  const wire = network.reduceScatter;
  const slow = 15e9 / (50e9 * wire.efficiency) + (wire.overheadUs + 4 * rankSpreadUs) * 1e-6;
  t.true(Math.abs(reduced / slow - 1) < 1e-12);
  t.is(collectiveTimeS('allGather', 'tensor', 1e9, execution(ALONE)), 0);
});

test('what all send to all leaves a node by its own adapters', (t) => {
  const { network, rankSpreadUs } = H100.rates;
  const layout = { ...ALONE, expert: 32, data: 32 };
  const sent = collectiveTimeS('allToAll', 'expert', 32e9, execution(layout, H100));
  // Of 31 others 24 are in other nodes.
  const wire = network.allToAll;
  const expected =
    (32e9 * (31 / 32)) / ((50e9 * wire.efficiency) / (24 / 31)) +
    (wire.overheadUs + 5 * rankSpreadUs) * 1e-6;
  t.true(Math.abs(sent / expected - 1) < 1e-12);
});

test('rings side by side share what leaves a socket', (t) => {
  const a100 = readMachine('a100-pcie', 'test');
  const timeS = (tensor: number) =>
    collectiveTimeS(
      'allGather',
      'dense',
      16e9,
      execution({ ...ALONE, tensor, data: 8 / tensor }, a100),
    );
  const bytes = (size: number) => 16e9 * ((size - 1) / size);
  // As measured: 13.5, 7.65 and 4 GB/s of one, two and four rings.
  t.true(Math.abs(bytes(8) / timeS(1) / 13.5e9 - 1) < 0.16);
  t.true(Math.abs(bytes(4) / timeS(2) / 7.65e9 - 1) < 0.05);
  t.true(Math.abs(bytes(2) / timeS(4) / 4e9 - 1) < 0.05);
});

/** Multiplications of a block's products, all GPUs of a tensor-parallel group together. */
function multiplications(operators: readonly Operator[], tensor: number): number {
  return operators.reduce((sum, operator) => {
    if (operator.kind === 'product') {
      return sum + tensor * operator.rows * operator.inner * operator.columns;
    }
    return sum;
  }, 0);
}

for (const tensor of [1, 2, 4, 8]) {
  test(`products of a Llama 70B block pass every weight once for each token (tensor ${tensor})`, (t) => {
    const shape = readModelShape('llama-3-70b', 'test');
    const block = shape.blocks[0]!;
    const layout = { ...ALONE, tensor };
    const operators = blockOperators(block, shape, { sequences: 2, sequence: 4096 }, layout);
    const expected = 8192 * blockParameters(block, shape).dense;
    t.is(multiplications(operators, tensor), expected);
  });
}

test('experts of DeepSeek-V3 compute eight of 256 for each token, wherever they are', (t) => {
  const shape = readModelShape('deepseek-v3', 'test');
  const tokens = 4096;
  for (const expert of [1, 8, 64]) {
    const layout = { ...ALONE, expert, data: 64 };
    const work = { sequences: 1, sequence: tokens };
    const done = blockOperators(shape.blocks[60]!, shape, work, layout).reduce(
      (sum, operator) =>
        operator.kind === 'grouped'
          ? sum + operator.groups * operator.rows * operator.inner * operator.columns
          : sum,
      0,
    );
    t.is(done, tokens * 8 * 3 * 7168 * 2048);
  }
});
