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
      'also the saving of a pipeline that waits for one this many times slower, as a band',
      { min: 1, max: 10 },
    ),
    '--leave-chip-out': flag(
      'also the errors of profiles made from other chips, for chips with measured profiles',
    ),
    '--format': format('table', 'csv', 'json'),
    '--output': OUTPUT,
  },
  example: 'pipewatt predict scenarios/predict-cases.csv --gpu h100-sxm',
});
