import { OUTPUT, TENSOR_PARALLEL } from './common-options.js';
import { declare, format, neededText, number, optionalNumber } from './declare.js';

export const synth = declare({
  name: 'synth',
  about: 'a stage profile of a model and a GPU without measurements, with its likely errors',
  options: {
    '--model': neededText(
      '<name>',
      'of scenarios/catalog/models, or a .yaml file like those',
      'a model of the catalog, or a .yaml file',
    ),
    '--gpu': neededText(
      '<name>',
      'of scenarios/catalog/gpus, or a .yaml file like those',
      'a GPU of the catalog, or a .yaml file',
    ),
    '--stages': number('<n>', 'pipeline stages', { min: 1, max: 2000, whole: true }),
    '--microbatch': number('<n>', 'sequences per microbatch', { min: 1, max: 1e6, whole: true }),
    '--tensor-parallel': number('<n>', 'GPUs of one stage', TENSOR_PARALLEL, '1'),
    '--sequence': optionalNumber('<n>', "tokens per sequence (default: the model's)", {
      min: 1,
      max: 1e8,
      whole: true,
    }),
    '--efficiency': optionalNumber(
      '<x>',
      'part of the peak that matrix products reach (default: calibrated)',
      { quantity: 'efficiency' },
    ),
    '--format': format(['csv', 'a stage profile'], 'table'),
    '--output': OUTPUT,
  },
  example:
    'pipewatt synth --model llama-3-70b --gpu h100-sxm --stages 8 --microbatch 1 --tensor-parallel 8 --format table',
});
