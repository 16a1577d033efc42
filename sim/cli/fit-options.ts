import { PROFILE_ARGUMENT } from './common-options.js';
import { declare, format, number, optionalNumber, text } from './declare.js';

export const fit = declare({
  name: 'fit',
  about: 'fit time and power curves over the clock, and say how good they are',
  arguments: [PROFILE_ARGUMENT],
  options: {
    '--format': format('table', 'json', ['yaml', 'a catalog entry']),
    '--name': text('<name>', 'of the catalog entry', { expected: 'the name of the catalog entry' }),
    '--model': text('<model>', 'of the catalog entry', {
      expected: 'the model, such as "GPT-3 175B"',
    }),
    '--gpu': text('<gpu>', 'of the catalog entry', { expected: 'the GPU, such as "A100 SXM"' }),
    '--source': text('<text>', 'of the catalog entry: where the measurements come from', {
      expected: 'where the measurements come from',
    }),
    '--clock-step': number('<MHz>', "step of the GPU's clocks", { quantity: 'clockStepMHz' }, '15'),
    '--blocking-power': optionalNumber('<W>', 'power of one GPU that waits', {
      quantity: 'waitingPowerW',
    }),
    '--scale': number(
      '<x>',
      'real work of a stage divided by the profiled work',
      { quantity: 'scale' },
      '1',
    ),
  },
  example: 'pipewatt fit profile.csv',
});
