import fc from 'fast-check';
import type { FuzzInput } from '../fuzz-input.js';
import { hostileText } from '../hostile.js';
import { mutatedFile, textMutation } from '../mutate-text.js';
import { csvRows, notFinite } from '../oracle.js';
import { MAY_BE_NULL } from '../run-oracle.js';
import { commandLine, type FuzzTarget } from '../target.js';
import { smallResults } from '../small-results.js';

const COLUMNS = [
  'policy',
  'run',
  'scenario',
  'pipeline.microbatches',
  'seed',
  'simulated_saving_pct',
  'simulated_time_s',
  'simulated_energy_j',
  'planned_time_s',
  'currency',
  'saved_money',
  'nothing',
];
const anyColumn = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...COLUMNS) },
  { weight: 1, arbitrary: hostileText },
);
const listed = fc.array(anyColumn, { maxLength: 3 }).map((names) => names.join(','));

const QUERIES = [
  'select 1',
  'select * from results',
  'select',
  '',
  ';',
  'select 1; select 2',
  'drop table results',
  'select 1/0 as x',
  "copy results to 'out.csv'",
  "select * from read_text('secret.txt')",
  "attach 'x.duckdb'",
  'install httpfs',
  "set enable_external_access=true; copy results to 'out.csv'",
  "export database 'x'",
  'pragma database_list',
  "select 'nan'::double as x",
  "select 'inf'::double as x",
  'select null as x',
  'select [1, 2] as x',
  "select {'a': 1} as x",
  "select timestamp '2020-01-01' as x",
  'select 170141183460469231731687303715884105727::hugeint as x',
  "select '\\u001b[31m' as x",
  "select chr(27) || '[31m' as x",
  'select 1 as a, 2 as a',
  'select * from range(3000)',
  "select '=1+1' as x",
  'create table x as select 1',
  'checkpoint',
  "select getenv('HOME')",
  "select current_setting('home_directory')",
  'select * from duckdb_settings()',
  "select * from glob('*')",
  'begin',
  'with recursive t as (select 1 as n union all select n + 1 from t where n < 10) select * from t',
];

const anyRequest = fc.oneof(
  fc.tuple(fc.constant('--group-by'), listed),
  fc.tuple(fc.constant('--metric'), listed),
  fc.tuple(
    fc.constant('--best'),
    fc.tuple(fc.constantFrom('', '-', '--'), anyColumn).map((parts) => parts.join('')),
  ),
  fc.tuple(fc.constant('--pareto'), listed),
  fc.tuple(fc.constant('--count'), fc.constantFrom('0', '1', '-1', '1e9', 'x', '1.5')),
  fc.tuple(fc.constant('--sql'), fc.oneof(fc.constantFrom(...QUERIES), hostileText)),
);

/** Of runs: what did not go wrong; of one value: an interval. */
/** Designs have no mean, seeds no runs at their ends. */
const NULLS = new Set([
  ...MAY_BE_NULL,
  ...['error', 'mean', 'median', 'half_width_95', 'lowest_run', 'highest_run'],
]);

const anyArguments = fc
  .tuple(
    fc.constantFrom('table', 'csv', 'json'),
    fc.array(anyRequest, { minLength: 1, maxLength: 2 }),
  )
  .map(([format, requests]) => ['results', 'r.duckdb', '--format', format, ...requests.flat()]);

async function anyInput(): Promise<fc.Arbitrary<FuzzInput>> {
  const file = await smallResults();
  return fc.oneof(
    {
      weight: 3,
      arbitrary: anyArguments.map((args) =>
        commandLine(args, { 'r.duckdb': file, 'secret.txt': 'x' }),
      ),
    },
    {
      weight: 2,
      arbitrary: fc.array(textMutation, { minLength: 1, maxLength: 3 }).map((changes) =>
        commandLine(['results', 'r.duckdb', '--format', 'csv'], {
          'r.duckdb': mutatedFile(file, changes),
        }),
      ),
    },
  );
}

/** Files of results that are damaged, and questions to those that are not. */
export const results: FuzzTarget = {
  name: 'results',
  share: 2,
  inputs: anyInput,
  oracle: wrongTable,
};

function wrongTable(
  { args }: FuzzInput,
  { code, out }: { code: number; out: string },
): string | undefined {
  if (code !== 0) return undefined;
  // Values made by a query, such as 'nan'::double, are the query's own.
  if (args.includes('--sql')) return undefined;
  if (args.includes('json')) {
    const bad = notFinite(JSON.parse(out), NULLS);
    return bad[0];
  }
  if (args.includes('csv')) {
    const cells = csvRows(out).flatMap((row) => Object.values(row));
    return cells.find((cell) => /^(?:NaN|-?Infinity|undefined|null|\[object .*)$/.test(cell));
  }
  return /\bNaN\b|Infinity|\bundefined\b|\[object /.exec(out)?.[0];
}
