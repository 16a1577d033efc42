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
import { OptionReader } from './options.js';
import type { Call } from './declare.js';
import { printed } from './formats.js';
import type { partition as declared } from './partition-options.js';

/** `pipewatt partition`: cuts a model's layers into stages, and says how even they are. */
export async function partitionCommand(call: Call<typeof declared>): Promise<void> {
  const options = new OptionReader(call);
  const format = options.get('--format');
  const blocks = options.get('--blocks');
  const embeddingCost = options.get('--embedding');
  const headCost = options.get('--head');
  const stages = options.get('--stages');
  const areBlocksRight = options.isRight('--blocks');
  const costs = transformerLayers({
    blocks: areBlocksRight ? blocks : 0,
    embeddingCost,
    headCost,
  });
  if (areBlocksRight && stages > costs.length) {
    options.complain(
      '--stages',
      `found "${stages}", expected at most ${costs.length}, one per layer`,
    );
  }
  options.finish();
  const partitions = {
    even: partitionOf(costs, evenCounts(costs.length, stages)),
    'minimum-bottleneck': minimumBottleneck(costs, stages),
    'minimum-imbalance': minimumImbalance(costs, stages),
  };
  const contents = {
    table: () => partitionTable(partitions),
    json: () => ({ layerCosts: costs, partitions }),
  };
  call.terminal.out(await printed(format, contents));
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
    'layers of each stage, embedding and head included',
  ];
  return `${plainTable(head, rows)}\n`;
}
