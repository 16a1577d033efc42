import { OUTPUT } from './common-options.js';
import { declare, flag, format, optionalNumber, text } from './declare.js';

export const predict = declare({
  name: 'predict',
  about: 'time, memory and power of jobs without a profile, beside measurements if any',
  arguments: [
    ['<cases.csv>', 'a row per job: gpu, model, tp, pp, microbatches, … (docs/predict.md)'],
  ],
  options: {
    '--gpu': text('<name>', 'of scenarios/catalog/operators, for rows that name none'),
    '--model': text('<name>', 'of scenarios/catalog/models, or a file, for rows that name none'),
    '--straggler': optionalNumber(
      '<slowdown>',
      'also what a pipeline saves that waits for one so many times slower, and what it may be',
      { min: 1, max: 10 },
    ),
    '--leave-chip-out': flag(
      "also how far the catalog's measured profiles are from what is known of other chips",
    ),
    '--format': format('table', 'csv', 'json'),
    '--output': OUTPUT,
  },
  example: 'pipewatt predict scenarios/predict-cases.csv --gpu h100-sxm',
});
