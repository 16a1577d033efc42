import { declare, flag, optionalNumber, text } from './declare.js';

const COUNT = { min: 1, max: 100_000, whole: true } as const;

export const init = declare({
  name: 'init',
  about: 'write a scenario by asking a few questions',
  arguments: [['[file]', 'the scenario to write; an existing file is left alone', 'scenario.yaml']],
  options: {
    '--yes': flag('ask nothing: take the defaults, and the options that are given'),
    '--catalog': text(
      '<name>',
      'a profile of the catalog, instead of a model (pipewatt list catalog)',
    ),
    '--model': text('<name>', 'the model (pipewatt list models; default: llama-3-70b)'),
    '--gpu': text('<name>', 'the GPU (pipewatt list gpus; default: h100-sxm)'),
    '--microbatch': optionalNumber('<n>', 'sequences in a microbatch (default: 1)', COUNT),
    '--schedule': text('<name>', 'order of instructions (pipewatt list schedules; default: 1f1b)'),
    '--stages': optionalNumber('<n>', 'stages of a pipeline (default: 8)', COUNT),
    '--microbatches': optionalNumber('<n>', 'microbatches of an iteration (default: 24)', COUNT),
    '--tensor-parallel': optionalNumber('<n>', 'GPUs that share a stage (default: 8)', COUNT),
    '--pipelines': optionalNumber('<n>', 'copies that train together (default: 16)', COUNT),
    '--slowdown': optionalNumber(
      '<factor>',
      'one pipeline is this many times slower; 1: none is (default: 1.2)',
      { min: 1, max: 1000 },
    ),
  },
  exits: ['SIGINT'],
  example: 'pipewatt init job.yaml --yes --model llama-3-8b --gpu a100-sxm --stages 4',
});
