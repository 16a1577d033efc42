import { join } from 'node:path';
import test from 'ava';
import { parseConditions } from '../../sim/sweep/conditions.js';
import { projectFile } from '../support/files.js';
import { runInProcess } from '../support/in-process.js';
import { temporaryFolder } from '../support/temporary-folder.js';

/** 2 microbatches × 6 slowdowns × 2 (pipelines with tensorParallel), less 2; 3 seeds; two policies. */
const SMALL = projectFile('test/fixtures/sweeps/small.yaml');

interface Cell {
  readonly count: number;
  readonly mean: number | null;
  readonly lowest: number;
  readonly highest: number;
  readonly lowest_run: number;
  readonly highest_run: number;
}

test('results show what varied: filters, pivot tables, means over seeds only', async (t) => {
  const file = join(temporaryFolder(t), 'small.duckdb');
  const swept = await runInProcess(['sweep', SMALL, '--output', file, '--workers', '2']);
  t.is(swept.code, 0, swept.err);
  const results = async (...args: string[]) => {
    const { code, out, err } = await runInProcess(['results', file, ...args]);
    t.is(code, 0, err);
    return out;
  };
  const shown = await results();
  t.regex(shown, /\nenergy saved \(%\) of perseus\ndown: stragglers\[0\]\.slowdown; across: /);
  t.true(shown.split('\n').every((line) => line.length <= 80));
  const cells = async (...args: string[]) =>
    JSON.parse(await results(...args, '--format', 'json')) as Cell[];
  // Short names of columns, as long as they are clear.
  const whole = await cells('--by', 'slowdown,microbatches,pipelines', '--where', 'policy=perseus');
  t.is(whole.length, 22);
  t.true(whole.every(({ count, mean }) => count === 3 && mean !== null));
  const ranges = await cells('--by', 'stragglers.slowdown', '--where', 'policy=perseus');
  t.deepEqual(
    ranges.map(({ count, mean }) => [count, mean]),
    [...Array<unknown>(5).fill([12, null]), [6, null]],
  );
  const sql = async (query: string) =>
    JSON.parse(await results('--sql', query, '--format', 'json')) as Record<string, number>[];
  const at = 'FROM results WHERE policy = \'perseus\' AND "stragglers[0].slowdown" = 1.2';
  const [expected] = await sql(
    `SELECT min(simulated_saving_pct) AS low, max(simulated_saving_pct) AS high, arg_min(run, simulated_saving_pct) AS run ${at}`,
  );
  const third = ranges[2]!;
  t.deepEqual(
    [third.lowest, third.highest, third.lowest_run],
    [expected!['low'], expected!['high'], expected!['run']],
  );
  const table = await results(
    '--where',
    'slowdown>=1.4,pipelines=2',
    '--by',
    'slowdown,microbatches',
  );
  // 1.5 with 8 microbatches is excluded.
  t.regex(table, /\n1\.4 +[\d.]+ +[\d.]+\n1\.5 +[\d.]+ +·\n/);
});

test('conditions are separated by commas outside of brackets and quotes', (t) => {
  t.deepEqual(parseConditions('a[0].b = [1, 2] | [3], "x,y"!=q ,c>=2'), [
    { column: 'a[0].b', operator: '=', values: ['[1, 2]', '[3]'] },
    { column: '"x,y"', operator: '!=', values: ['q'] },
    { column: 'c', operator: '>=', values: ['2'] },
  ]);
});
