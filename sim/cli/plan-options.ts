import { PROFILE_ARGUMENT, TENSOR_PARALLEL, TIME_LIMIT } from './common-options.js';
import { declare, format, number, optionalNumber, text } from './declare.js';

export const plan = declare({
  name: 'plan',
  about: 'the time–energy frontier of one pipeline, or the plan for a deadline',
  arguments: [PROFILE_ARGUMENT],
  options: {
    '--stages': optionalNumber(
      '<n>',
      'pipeline stages, as many as the profile has (default: those)',
      { min: 1, max: 1024, whole: true },
    ),
    '--microbatches': number('<n>', 'microbatches per iteration', {
      min: 1,
      max: 100_000,
      whole: true,
    }),
    '--blocking-power': number('<W>', 'power of one GPU that waits', { quantity: 'waitingPowerW' }),
    '--unit-time': optionalNumber(
      '<s>',
      "the planner's tick, in the profile's own time, before --scale (default: rounds at most 0.1 % off)",
      { quantity: 'unitTimeS' },
    ),
    '--tensor-parallel': number('<n>', 'GPUs of one stage', TENSOR_PARALLEL, '1'),
    '--scale': number(
      '<x>',
      'multiplies times and energies of the profile',
      { quantity: 'scale' },
      '1',
    ),
    '--deadline': optionalNumber('<s>', 'print the plan that meets this iteration time', {
      above: 0,
      max: 1e9,
      unit: 's',
    }),
    '--straggler': optionalNumber(
      '<r>',
      "print the plan for a straggler that is r = T'/T times slower",
      { quantity: 'slowdown' },
    ),
    '--format': format('table', 'csv', 'json'),
    '--planner': text('<planner>', 'as for compare', { default: 'perseus' }),
    '--time-limit': number('<s>', 'for a planner from elsewhere', TIME_LIMIT, '600'),
  },
  example:
    'pipewatt plan profile.csv --stages 8 --microbatches 24 --blocking-power 83.64 --unit-time 0.001 --format csv',
});
