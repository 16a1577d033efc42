import { GPU_OF_RUNS } from './common-options.js';
import { declare, format, text } from './declare.js';

export const fitRuns = declare({
  name: 'fit-runs',
  about: 'fit models of jobs to their executed plans: times, powers, transfers',
  arguments: [
    ['<folder>', 'with plans.csv(.gz), iterations.csv, instructions.csv, load_times.csv'],
  ],
  options: {
    '--workload': text('<id>', 'only this job'),
    '--gpu': GPU_OF_RUNS,
    '--source': text('<text>', 'of the catalog entries: where the measurements come from'),
    '--output': text('<folder>', 'write a catalog entry per job there'),
    '--format': format('table', 'json', 'yaml'),
  },
});
