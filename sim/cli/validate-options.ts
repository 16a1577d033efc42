import { GPU_OF_RUNS } from './common-options.js';
import { declare, format, neededText, text } from './declare.js';

export const validate = declare({
  name: 'validate',
  about: 'fit on some executed plans, simulate others, and compare with what was measured',
  options: {
    '--fit': neededText(
      '<folder>',
      'plans to fit, as for fit-runs',
      'a folder with plans.csv, iterations.csv and instructions.csv',
    ),
    '--test': neededText(
      '<folder>',
      'plans to predict: plans.csv(.gz) and iterations.csv',
      'a folder with plans.csv and iterations.csv',
    ),
    '--workload': text('<id>', 'only this job'),
    '--gpu': GPU_OF_RUNS,
    '--format': format('table', 'json'),
  },
});
