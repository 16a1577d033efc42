import { SUITE_NAMES } from '../judge/suite-names.js';
import { OUTPUT, REPORT, TIME_LIMIT, WORKERS } from './common-options.js';
import { choice, declare, format, number, text } from './declare.js';

export const compare = declare({
  name: 'compare',
  about: 'judge a planner against another: better, same, worse or broken',
  arguments: [['<planners...>', 'base and candidate; with --against, only the candidate']],
  options: {
    '--suite': choice('<name>', SUITE_NAMES),
    '--against': text('<file.json>', 'a stored base instead of the first planner'),
    '--store': text('<file.json>', 'keep what the candidate did, for --against'),
    '--format': format('table', ['markdown', 'to paste into a pull request'], 'json', 'latex'),
    '--output': OUTPUT,
    '--report': REPORT,
    '--level': number('<p>', 'of the paired permutation test', { above: 0 }, '0.05'),
    '--regression': number(
      '<pct>',
      'a single case worse than this is worse whatever the mean says',
      { min: 0, unit: '%' },
      '25',
    ),
    '--time-limit': number('<s>', 'for one planner in one case', TIME_LIMIT, '120'),
    '--workers': WORKERS,
    '--seed': number('<n>', 'of the permutations and the bootstrap', { min: 0, whole: true }, '1'),
  },
  remarks: [
    'A planner is a built-in name, a compiled .js file, an npm package, or a command that reads and writes JSON.',
    'Ends with 0 for better or same, 3 for worse, 4 for broken.',
  ],
  example: 'pipewatt compare perseus perseus-hull --suite smoke',
  exits: ['worse', 'broken'],
});
