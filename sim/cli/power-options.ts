import { OUTPUT } from './common-options.js';
import { declare, format, text } from './declare.js';

export const power = declare({
  name: 'power',
  about: 'figures of power over time, measured or simulated, and how close two traces are',
  arguments: [
    [
      '<trace>',
      'a log of nvidia-smi, or a table with times and powers (CSV or Parquet), as of run --power',
    ],
  ],
  options: {
    '--against': text('<trace>', 'another trace of the same, to compare'),
    '--column': text('<name>', 'the column of the trace, if it has several'),
    '--against-column': text('<name>', 'the column of the other trace (default: as --column)'),
    '--every': text('<time>', 'length of the intervals that are averaged (default: as sampled)'),
    '--format': format('table', 'json', 'csv'),
    '--output': OUTPUT,
  },
  example: 'pipewatt power measured.csv --against simulated.csv',
});
