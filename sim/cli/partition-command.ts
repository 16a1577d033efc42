import { most } from '../../src/extremes.js';
import { transformerLayers } from '../../src/pipeline/layer-costs.js';
import {
  evenCounts,
  minimumBottleneck,
  minimumImbalance,
  partitionOf,
  type Partition,
} from '../../src/pipeline/partition.js';
import { requestedPartition } from '../operators/stage-layers.js';
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
  const layout = options.get('--layout');
  const layers =
    layout !== undefined && areBlocksRight && options.isRight('--stages')
      ? laidOut(layout, { blocks, stages, embeddingCost, headCost }, (message) => {
          options.complain('--layout', message);
        })
      : undefined;
  options.finish();
  const partitions = {
    ...(layers === undefined ? {} : { layout: partitionOf(costs, layers) }),
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

/** Layers of each stage, embedding and head among them if they cost anything. */
function laidOut(
  layout: string,
  size: { blocks: number; stages: number; embeddingCost: number; headCost: number },
  complain: (message: string) => void,
): number[] | undefined {
  const { blocks, stages, embeddingCost, headCost } = size;
  const parts = requestedPartition(
    { layout, countsEmbedding: false, countsLoss: false },
    { blocks, predictions: 0, stages, chunks: 1 },
    (_column, message) => {
      complain(message);
    },
  );
  const layers = parts?.map(
    (part, stage) =>
      part.blocks +
      Number(stage === 0 && embeddingCost > 0) +
      Number(stage === stages - 1 && headCost > 0),
  );
  const idle = layers?.indexOf(0) ?? -1;
  if (idle < 0) return layers;
  complain(
    `leaves stage ${idle} (the first one is 0) without work, which no ratio can be stated of`,
  );
  return undefined;
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
