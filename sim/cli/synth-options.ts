import { PRECISIONS, RECOMPUTATIONS } from '../operators/job-choices.js';
import { OUTPUT, TENSOR_PARALLEL } from './common-options.js';
import { choice, declare, flag, format, neededText, number, optionalNumber } from './declare.js';

export const synth = declare({
  name: 'synth',
  about: 'a stage profile of a model and a GPU without measurements, with its likely errors',
  options: {
    '--model': neededText(
      '<name>',
      'of scenarios/catalog/models, a .yaml file like those, or a config.json of Hugging Face',
      'a model of the catalog, a .yaml file, or a config.json',
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
    '--pipelines': number('<n>', 'data-parallel copies', { min: 1, max: 1e6, whole: true }, '1'),
    '--context-parallel': optionalNumber('<n>', 'GPUs that share a sequence (default: 1)', {
      min: 1,
      max: 1024,
      whole: true,
    }),
    '--expert-parallel': optionalNumber(
      '<n>',
      'GPUs among which experts are divided (default: those of tensor parallelism)',
      { min: 1, max: 4096, whole: true },
    ),
    '--no-sequence-parallel': flag('every GPU of a stage has all tokens between matrix products'),
    '--precision': choice('<numbers>', PRECISIONS),
    '--recompute': choice('<how>', RECOMPUTATIONS),
    '--efficiency': optionalNumber(
      '<x>',
      'part of the peak that all matrix products reach, instead of what operators reach',
      { quantity: 'efficiency' },
    ),
    '--format': format(['csv', 'a stage profile'], 'table'),
    '--output': OUTPUT,
  },
  example:
    'pipewatt synth --model llama-3-70b --gpu h100-sxm --stages 8 --microbatch 1 --tensor-parallel 8 --format table',
});
