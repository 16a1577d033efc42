import { REPORT, TENSOR_PARALLEL } from './common-options.js';
import { declare, format, optionalNumber, text } from './declare.js';

export const replay = declare({
  name: 'replay',
  about: 'replay a production trace: its slowdown, what-ifs, and the energy clocks would save',
  arguments: [
    [
      '<trace.parquet>',
      'columns dp_rank, stage, rank, step, optype, start_ts, duration, seq_id, mc, gmc',
    ],
  ],
  options: {
    '--catalog': text('<name>', 'power and relative time over the clock, from this catalog entry'),
    '--profile': text('<csv>', 'instead: from a stage profile, also one that synth made'),
    '--tensor-parallel': optionalNumber(
      '<n>',
      'GPUs that did what a traced rank did [from rank numbers]',
      TENSOR_PARALLEL,
    ),
    '--blocking-power': optionalNumber(
      '<W>',
      'power of a GPU that waits [of the catalog entry]; needed with --profile',
      { quantity: 'waitingPowerW' },
    ),
    '--format': format('table', 'json', ['csv', 'a row per step']),
    '--report': REPORT,
    '--trace': text(
      '<file>',
      'write the steps as recorded, replayed and planned there, .json.gz or .json, for Perfetto',
    ),
    '--step': optionalNumber('<n>', 'the step that the report shows [the one of median length]', {
      whole: true,
    }),
  },
  groups: { 'See it:': ['--report', '--step', '--trace'] },
  example: ['pipewatt replay trace.parquet --catalog gpt3-175b-a100-sxm --report replay.html'],
});
