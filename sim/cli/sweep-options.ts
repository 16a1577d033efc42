import { MEMORY } from './common-options.js';
import { declare, flag, optionalNumber, text } from './declare.js';

/** More processes than this are a typing error. */
const MOST_WORKERS = 1024;

export const sweep = declare({
  name: 'sweep',
  about: 'run many scenarios on all cores, into one file of results; goes on after a stop',
  arguments: [['<sweep.yaml>', 'a base scenario and what varies; see scenarios/sweeps/']],
  options: {
    '--output': text('<file>', 'DuckDB file (default: results/NAME.duckdb)'),
    '--workers': optionalNumber('<n>', 'processes (default: all cores)', {
      min: 1,
      max: MOST_WORKERS,
      whole: true,
    }),
    '--memory': optionalNumber(
      '<MB>',
      "memory of one process (default: its share of the machine's)",
      MEMORY,
    ),
    '--export': text('<file>', 'write the table of results there too, as .parquet, .csv or .arrow'),
    '--report': text('<file>', 'also write a page that shows the results: one HTML file'),
    '--shard': text('<i/n>', 'only every n-th run, from the i-th; or slurm, in an array job'),
    '--fail-fast': flag('stop at the first run that fails'),
    '--rerun-changed': flag('repeat runs of another scenario or version'),
    '--rerun-failed': flag('repeat runs that failed'),
    '--redis': text('<url>', 'hand the runs to workers through this Redis'),
    '--no-bound': flag('leave out the least energy possible, in runs that are still to be done'),
    '--watch': flag('show the results in a table that fills, in a terminal'),
    '--dry-run': flag('say how many runs there are, and how long they take'),
  },
  remarks: [
    'Ends with 0 when all runs are done, 3 when all failed or, with --fail-fast, one; 130 after Ctrl-C.',
  ],
  example: 'pipewatt sweep scenarios/sweeps/straggler-imbalance.yaml --dry-run',
  exits: ['failed', 'SIGINT', 'SIGTERM'],
});
