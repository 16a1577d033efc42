import { MEMORY } from './common-options.js';
import { declare, neededText, optionalNumber } from './declare.js';

export const worker = declare({
  name: 'worker',
  about: 'run what sweeps have queued in a Redis, until stopped',
  options: {
    '--redis': neededText(
      '<url>',
      'such as redis://host:6379',
      'the address of a Redis, such as redis://host:6379',
    ),
    '--threads': optionalNumber('<n>', 'runs at once (default: all cores)', {
      min: 1,
      max: 1024,
      whole: true,
    }),
    '--memory': optionalNumber(
      '<MB>',
      "memory of one run's process (default: its share of the machine's)",
      MEMORY,
    ),
  },
});
