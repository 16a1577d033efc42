import { declare, format, optionalNumber, text } from './declare.js';

export const results = declare({
  name: 'results',
  about: 'tabulate the results of a sweep, or ask them anything; changes nothing',
  arguments: [['<file.duckdb>', 'the file of a sweep, finished or not']],
  options: {
    '--by': text('<columns>', 'rows, columns, tables of a pivot table (default: what varied)'),
    '--where': text('<conditions>', 'only rows like these: policy=perseus|envpipe,pipelines>=2'),
    '--group-by': text('<columns>', 'a row for each combination of these (default: policy)'),
    '--metric': text('<columns>', 'figures to show (default: simulated_saving_pct)'),
    '--best': text('<column>', 'the rows with the least of it; with a minus before it, the most'),
    '--count': optionalNumber('<n>', 'how many rows of --best, of each group (default: 10)', {
      min: 1,
      whole: true,
    }),
    '--pareto': text('<a,b>', 'rows that no other row beats in both columns, less being better'),
    '--sql': text(
      '<query>',
      'any query; tables results, runs, policies, ledger, provenance, sweep',
    ),
    '--export': text('<file>', 'write the table of results too, as .parquet, .csv or .arrow'),
    '--format': format('table', 'csv', 'json', 'markdown', 'latex'),
  },
  remarks: [
    'With --best and --pareto, --group-by says within which groups, and --metric which other columns to show.',
  ],
  example:
    'pipewatt results results/straggler-imbalance.duckdb --group-by policy,profile.catalog --metric simulated_saving_pct',
});
