import { jsonText } from '../results/finite.js';
import { most } from '../../src/extremes.js';
import { transformerLayers } from '../../src/pipeline/layer-costs.js';
import {
  evenCounts,
  minimumBottleneck,
  minimumImbalance,
  partitionOf,
  type Partition,
} from '../../src/pipeline/partition.js';
import { plainTable } from '../report/text/plain-table.js';
import { OptionReader, type RawOptions } from './options.js';
import type { Terminal } from './terminal.js';

/** More layers than any model has; the exact search grows with their fourth power. */
const MOST_BLOCKS = 512;

/** A layer that is as much work as a million others is none. */
const MOST_COST = 1e6;

/** `pipewatt partition`: how a model's layers can be cut into stages, and how even that is. */
export function partitionCommand(options: RawOptions, terminal: Terminal): void {
  const reader = new OptionReader('partition', options);
  const format = reader.choice('--format', ['table', 'json']);
  const blocks = reader.number('--blocks', { min: 1, max: MOST_BLOCKS, whole: true });
  const embeddingCost = reader.number('--embedding', { min: 0, max: MOST_COST, unit: 'blocks' });
  const headCost = reader.number('--head', { min: 0, max: MOST_COST, unit: 'blocks' });
  const stages = reader.number('--stages', { min: 1, whole: true });
  const areBlocksRight = reader.isRight('--blocks');
  const costs = transformerLayers({
    blocks: areBlocksRight ? blocks : 0,
    embeddingCost,
    headCost,
  });
  if (areBlocksRight && stages > costs.length) {
    reader.complain(
      '--stages',
      `found "${stages}", expected at most ${costs.length}, one per layer`,
    );
  }
  reader.finish();
  const partitions = {
    even: partitionOf(costs, evenCounts(costs.length, stages)),
    'minimum-bottleneck': minimumBottleneck(costs, stages),
    'minimum-imbalance': minimumImbalance(costs, stages),
  };
  terminal.out(
    format === 'json' ? jsonText({ layerCosts: costs, partitions }, 2) : partitionTable(partitions),
  );
}

function partitionTable(partitions: Readonly<Record<string, Partition>>): string {
  const rows = Object.entries(partitions).map(
    ([name, { layerCounts, stageCosts, imbalanceRatio }]) => {
      const slowest = most(stageCosts);
      const mean = stageCosts.reduce((sum, cost) => sum + cost, 0) / stageCosts.length;
      return [
        name,
        imbalanceRatio.toFixed(4),
        slowest.toFixed(3),
        (100 * (slowest / mean - 1)).toFixed(2),
        layerCounts.join(' '),
      ];
    },
  );
  const head = [
    'partition',
    'slowest\n/ fastest',
    'slowest\nblocks',
    'above\nmean %',
    'layers of each stage, embedding and head among them',
  ];
  return `${plainTable(head, rows)}\n`;
}
