import { TENSOR_PARALLEL, TIME_LIMIT } from './common-options.js';
import { declare, format, number, optionalNumber, text } from './declare.js';

export const plan = declare({
  name: 'plan',
  about: 'the clocks of a training job, or the time–energy frontier of one pipeline',
  arguments: [
    [
      '<file>',
      'a scenario; or a profile: stage,instruction,frequency,time,energy in MHz, s, J of one GPU',
    ],
  ],
  options: {
    '--stages': optionalNumber(
      '<n>',
      'pipeline stages, as many as the profile has (default: those)',
      { min: 1, max: 1024, whole: true },
    ),
    '--microbatches': optionalNumber('<n>', 'microbatches per iteration', {
      min: 1,
      max: 100_000,
      whole: true,
    }),
    '--blocking-power': optionalNumber('<W>', 'power of one GPU that waits', {
      quantity: 'waitingPowerW',
    }),
    '--unit-time': optionalNumber(
      '<s>',
      "the planner's tick, in the profile's own time, before --scale (default: rounds at most 0.1 % off, or 1 % where times were not measured)",
      { quantity: 'unitTimeS' },
    ),
    '--tensor-parallel': optionalNumber('<n>', 'GPUs of one stage (default: 1)', TENSOR_PARALLEL),
    '--scale': optionalNumber('<x>', 'multiplies times and energies of the profile (default: 1)', {
      quantity: 'scale',
    }),
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
    '--pipeline': optionalNumber('<n>', 'of a scenario: print the plan of this pipeline, from 0', {
      min: 0,
      max: 999_999,
      whole: true,
    }),
    '--frontier': optionalNumber('<n>', 'print this many plans, evenly over the frontier', {
      min: 1,
      max: 2_000_000,
      whole: true,
    }),
    '--format': format(
      'table',
      'csv',
      'json',
      ['zeus', 'freqs_pipeline files'],
      ['nvml', 'a Python script that sets the clocks'],
    ),
    '--output': text('<path>', 'write there: a file, for zeus a folder'),
    '--planner': text('<planner>', 'as for compare', { default: 'perseus' }),
    '--time-limit': number('<s>', 'for a planner from elsewhere', TIME_LIMIT, '600'),
  },
  remarks: [
    'Microbatches, blocking power, unit time, GPUs per stage and scale are for a profile; a scenario has its own.',
  ],
  example: 'pipewatt plan scenarios/straggler-1.2x.yaml --format zeus --output plans',
});
