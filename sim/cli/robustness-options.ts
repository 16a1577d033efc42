import { TIME_LIMIT, WORKERS } from './common-options.js';
import { declare, format, number, text } from './declare.js';

export const robustness = declare({
  name: 'robustness',
  about: "how much of planners' savings survives when the world is not as planned",
  arguments: [['<planners...>', 'as for compare']],
  options: {
    '--seeds': number(
      '<n>',
      'how many disturbances of each kind and level',
      { min: 1, whole: true },
      '8',
    ),
    '--format': format('table', 'markdown', ['csv', 'every point of every curve']),
    '--output': text('<folder>', 'write robustness.md, .csv and .svg there'),
    '--time-limit': number('<s>', 'for one planner in one job', TIME_LIMIT, '600'),
    '--workers': WORKERS,
  },
  example: 'pipewatt robustness perseus perseus-hull --output results',
});
