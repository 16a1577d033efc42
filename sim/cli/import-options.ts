import { ENERGY_RULES } from '../measurements/import-settings.js';
import { OUTPUT } from './common-options.js';
import { choice, declare, optionalNumber, text } from './declare.js';

const COUNT = { min: 1, max: 1e6, whole: true } as const;

export const importOptions = declare({
  name: 'import',
  about: 'a stage profile of measurements: logs, samples of power, profiles of ranks',
  arguments: [
    ['<file...>', 'files of one run, or folders; runs at several clocks are folders named by them'],
  ],
  options: {
    '--warm-up': optionalNumber(
      '<n>',
      'iterations to leave out at the beginning of each clock (default: 10, a third at most)',
      { min: 0, max: 1e6, whole: true },
    ),
    '--offset': optionalNumber(
      '<s>',
      "the samples' clock minus the instructions' clock (default: what fits best)",
      { min: -1e10, max: 1e10, unit: 's' },
    ),
    '--stages': optionalNumber(
      '<n>',
      'pipeline stages, where files leave open which stage a rank is',
      {
        ...COUNT,
        max: 1024,
      },
    ),
    '--gpus': optionalNumber('<n>', 'GPUs of the job, for the same', COUNT),
    '--microbatches': optionalNumber(
      '<n>',
      'of an iteration of one pipeline, where logs add up over them',
      COUNT,
    ),
    '--blocking-power': optionalNumber('<W>', 'power of one GPU that waits', {
      quantity: 'waitingPowerW',
    }),
    '--waiting': text(
      '<file>',
      'samples of a GPU that waited for another: a file or a folder; says its power',
      { expected: 'a file of samples' },
    ),
    '--gpu': text(
      '<name>',
      'of the catalog: models energies and clocks that were not measured by the law of this GPU',
      { expected: 'a GPU of the catalog' },
    ),
    '--energy-by': choice('<how>', ENERGY_RULES),
    '--output': OUTPUT,
  },
  remarks: [
    'Energies of instructions come from samples of the energy counter, or of power. Instructions that are',
    'shorter than the time between samples: least squares over the whole run.',
  ],
  example: 'pipewatt import runs/ --output profile.csv',
});
