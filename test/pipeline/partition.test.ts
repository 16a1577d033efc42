import test from 'ava';
import fc from 'fast-check';
import { transformerLayers } from '../../src/pipeline/layer-costs.js';
import {
  evenCounts,
  minimumBottleneck,
  minimumImbalance,
  partitionOf,
  type Partition,
} from '../../src/pipeline/partition.js';
import { checkProperty } from '../support/properties.js';

/** Whole costs tie often; the others never. */
const anyLayers = fc
  .tuple(
    fc.array(
      fc.oneof(
        fc.integer({ min: 1, max: 5 }),
        fc.double({ min: 0.1, max: 5, noNaN: true, noDefaultInfinity: true }),
      ),
      { minLength: 1, maxLength: 11 },
    ),
    fc.integer({ min: 1, max: 6 }),
  )
  .filter(([costs, stages]) => costs.length >= stages);

/** Every partition there is. */
function* allPartitions(costs: readonly number[], stages: number): Generator<Partition> {
  function* counts(left: number, of: number): Generator<number[]> {
    if (of === 1) yield [left];
    for (let first = 1; of > 1 && first <= left - of + 1; first++) {
      for (const rest of counts(left - first, of - 1)) yield [first, ...rest];
    }
  }
  for (const layerCounts of counts(costs.length, stages)) yield partitionOf(costs, layerCounts);
}

const heaviest = ({ stageCosts }: Partition) => Math.max(...stageCosts);
const lightest = ({ stageCosts }: Partition) => Math.min(...stageCosts);

function assertClose(found: number, expected: number, what: string): void {
  if (Math.abs(found / expected - 1) > 1e-9) {
    throw new Error(`${what}: found ${found}, expected ${expected}`);
  }
}

test('the minimum bottleneck is that of all partitions, and so is its lightest stage', async (t) => {
  await checkProperty(t, anyLayers, ([costs, stages]) => {
    const all = [...allPartitions(costs, stages)];
    const found = minimumBottleneck(costs, stages);
    const least = Math.min(...all.map(heaviest));
    assertClose(heaviest(found), least, 'heaviest stage');
    const alike = all.filter((partition) => heaviest(partition) <= least * (1 + 1e-9));
    assertClose(lightest(found), Math.max(...alike.map(lightest)), 'lightest stage');
  });
});

test('the minimum imbalance is that of all partitions, and so is its heaviest stage', async (t) => {
  await checkProperty(t, anyLayers, ([costs, stages]) => {
    const all = [...allPartitions(costs, stages)];
    const found = minimumImbalance(costs, stages);
    const least = Math.min(...all.map(({ imbalanceRatio }) => imbalanceRatio));
    assertClose(found.imbalanceRatio, least, 'ratio');
    const alike = all.filter(({ imbalanceRatio }) => imbalanceRatio <= least * (1 + 1e-9));
    assertClose(heaviest(found), Math.min(...alike.map(heaviest)), 'heaviest stage');
  });
});

test('even counts differ by one at most', (t) => {
  t.deepEqual(evenCounts(10, 4), [3, 3, 2, 2]);
  t.deepEqual(evenCounts(8, 4), [2, 2, 2, 2]);
});

test('layers of a transformer: embedding and head are layers if they cost anything', (t) => {
  t.deepEqual(transformerLayers({ blocks: 3, embeddingCost: 0.5, headCost: 2 }), [0.5, 1, 1, 1, 2]);
  t.deepEqual(transformerLayers({ blocks: 2, embeddingCost: 0, headCost: 0 }), [1, 1]);
});

test('what cannot be cut is refused', (t) => {
  t.throws(() => minimumBottleneck([1, 2], 3), { message: '2 layers do not fill 3 stages' });
  t.throws(() => minimumImbalance([1, 0], 2), { message: /a layer of cost 0/ });
  t.throws(() => partitionOf([1, 2, 3], [1, 1]), { message: /hold 2 layers, the model has 3/ });
});
