import { declare, format, number, text } from './declare.js';

/** More layers than any model has; the exact search grows with their fourth power. */
const MOST_BLOCKS = 512;

/** No layer is as much work as a million others. */
const COST = { min: 0, max: 1e6, unit: 'blocks' } as const;

export const partition = declare({
  name: 'partition',
  about: "cut a model's layers into stages: evenly, with the least bottleneck, the least imbalance",
  options: {
    '--blocks': number('<n>', 'transformer blocks', { min: 1, max: MOST_BLOCKS, whole: true }),
    '--embedding': number('<x>', 'work of the embedding, in blocks', COST, '0'),
    '--head': number('<x>', 'work of the language-model head, in blocks', COST, '0'),
    '--stages': number('<n>', 'pipeline stages', { min: 1, whole: true }),
    '--layout': text(
      '<layout>',
      "also what Megatron's --pipeline-model-parallel-layout makes, such as Et*12|(t*12|)*6t*12L",
    ),
    '--format': format('table', 'json'),
  },
  example: 'pipewatt partition --blocks 96 --head 1.5 --stages 8',
});
