import { declare, neededText, number, optionalNumber, text } from './declare.js';

const HIGHEST_PORT = 65_535;

export const serve = declare({
  name: 'serve',
  about: 'clocks for the ranks of real training jobs (Zeus’ protocol), until stopped',
  options: {
    '--port': number(
      '<n>',
      'where; 0 is any port that is free',
      { min: 0, max: HIGHEST_PORT, whole: true },
      '7787',
    ),
    '--host': neededText(
      '<host>',
      'name or address of this machine; others than loopback need a token',
      'a name or address of this machine',
      '127.0.0.1',
    ),
    '--data': neededText(
      '<folder>',
      'keeps the jobs, which go on after a restart',
      'a folder',
      'pipewatt-server',
    ),
    '--profile': text('<file>', 'stage profile (CSV) of all jobs that bring none'),
    '--blocking-power': optionalNumber('<W>', 'power of one GPU that waits', {
      quantity: 'waitingPowerW',
    }),
    '--microbatches': optionalNumber('<n>', 'microbatches per iteration', {
      min: 1,
      max: 100_000,
      whole: true,
    }),
    '--schedule': text('<name>', 'order of instructions, as in scenarios (default: 1f1b)'),
    '--chunks': optionalNumber('<n>', 'parts of the model on each stage', {
      min: 1,
      max: 64,
      whole: true,
    }),
    '--unit-time': optionalNumber('<s>', "the planner's tick", { quantity: 'unitTimeS' }),
    '--scenario': text('<file>', 'scenario (YAML) of all jobs that bring none'),
    '--plan': text('<file>', 'plan file, served as it is to all jobs that bring nothing'),
    '--policy': neededText('<planner>', 'as for compare', 'a policy', 'perseus'),
    '--token-file': text('<file>', 'secret that requests must bear (or PIPEWATT_TOKEN)'),
  },
  remarks: [
    'Requests that come from other machines must bear a token: "authorization: Bearer TOKEN".',
    'It is read from --token-file or the environment variable PIPEWATT_TOKEN.',
  ],
  example:
    'pipewatt serve --profile profile.csv --blocking-power 83.64 --microbatches 24 --data jobs',
});
