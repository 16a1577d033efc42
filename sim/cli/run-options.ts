import { UPLOADS } from '../control/client/uploads.js';
import { OUTPUT, REPORT, TIME_LIMIT } from './common-options.js';
import { POWER_UNITS as POWER_PARTS } from '../power/trace/power-units.js';
import { choice, declare, flag, format, number, optionalNumber, text, texts } from './declare.js';

export const run = declare({
  name: 'run',
  about: 'plan and simulate a training job, and tabulate the energy bloat removed',
  arguments: [['<scenarios...>', 'files, names of shipped scenarios, or - for standard input']],
  completes: 'scenarios',
  options: {
    '--format': format('table', 'json', 'csv', 'markdown', 'latex'),
    '--set': texts(
      '<field=value>',
      'change a field, such as pipeline.microbatches=48; may be given several times',
    ),
    '--policies': text('<names>', 'compare these instead, such as max-frequency,perseus'),
    '--seed': optionalNumber('<n>', 'the first seed instead', { min: 0, whole: true }),
    '--explain': flag('show all figures, and say how they are meant'),
    '--output': OUTPUT,
    '--planner': text('<planner>', "one more besides the scenario's policies; as for compare"),
    '--plan': text(
      '<file>',
      'one more: the clocks of a plan (plan --format zeus, csv or json), or a folder of freqs_pipeline files',
    ),
    '--control': text(
      '<url>',
      'one more: every simulated rank asks this server (pipewatt serve) for its clocks',
    ),
    '--upload': {
      ...choice('<part>', UPLOADS),
      about: 'sent to that server: the scenario and its profile, the scenario alone, or nothing',
    },
    '--token-file': text('<file>', 'secret for --control (or PIPEWATT_TOKEN)'),
    '--time-limit': number(
      '<s>',
      'for a planner from elsewhere, simulation included, or an answer of --control',
      TIME_LIMIT,
      '600',
    ),
    '--no-bound': flag(
      'leave out the least energy possible, which large pipelines take seconds for',
    ),
    '--within': optionalNumber(
      '<points>',
      'stop refining plans once that adds at most this to the planned saving',
      { above: 0, max: 100, unit: 'percentage points' },
    ),
    '--budget': text('<time>', 'stop refining plans after this time, such as 30s or 2min'),
    '--trace': text('<file>', 'write every instruction there, .json.gz or .json, for Perfetto'),
    '--power': text('<file>', 'write the power over time there, .csv, .csv.gz or .parquet'),
    '--every': text(
      '<time>',
      'length of the intervals with their mean power, such as 1s (default: 10ms, for logs 100ms)',
    ),
    '--per': {
      ...choice('<part>', POWER_PARTS),
      about: 'whose power: the job, each stage, each pipeline, or each GPU',
    },
    '--gpu': text('<numbers>', 'GPUs to write, from 0, pipeline by pipeline, such as 0-7,64'),
    '--policy': text('<name>', 'the one policy whose power is written (default: all)'),
    '--like': {
      ...choice('<tool>', ['pipewatt', 'vessim', 'openg2g', 'nvidia-smi']),
      about: 'written as this tool reads or writes it',
    },
    '--start': text('<time>', 'when the run of --like nvidia-smi began, 2000-01-01T00:00:00'),
    '--report': REPORT,
    '--pictures': text('<folder>', 'also write its pictures there, as SVG'),
  },
  groups: {
    'Change the scenario:': ['--set', '--policies', '--seed'],
    'One more row:': [
      '--planner',
      '--plan',
      '--control',
      '--upload',
      '--token-file',
      '--time-limit',
    ],
    'Wait no longer than needed:': ['--within', '--budget', '--no-bound'],
    'See it:': ['--report', '--pictures', '--trace'],
    'Power over time:': ['--power', '--every', '--per', '--gpu', '--policy', '--like', '--start'],
  },
  example: [
    'pipewatt run quick-start',
    'pipewatt run quick-start --set stragglers.0.slowdown=1.5 --report run.html',
    'pipewatt run quick-start straggler-1.2x --no-bound',
  ],
  exits: ['SIGINT'],
});
