import { declare } from './declare.js';

export const merge = declare({
  name: 'results merge',
  about: 'put the shards of a sweep into one file of results',
  arguments: [
    ['<output.duckdb>', 'a new file'],
    ['<inputs...>', 'files of results'],
  ],
  example: 'pipewatt results merge all.duckdb results/straggler-imbalance.*-of-8.duckdb',
});
