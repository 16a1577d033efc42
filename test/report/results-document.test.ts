import test from 'ava';
import type { GroupRow } from '../../sim/report/sweep/group-results.js';
import type { Pivot } from '../../sim/report/sweep/pivot.js';
import { pivotDocument, rowsDocument } from '../../sim/report/text/results-document.js';

test('numbers of a column have the same digits, empty columns are left out', (t) => {
  const rows = [
    { policy: 'perseus', count: 33, mean: null, highest: 9.62751234 },
    { policy: 'a_b | c', count: 3, mean: null, highest: 12.5 },
    { policy: 'none', count: 0, mean: null, highest: null },
  ];
  t.is(
    rowsDocument(rows, 'markdown'),
    [
      '| policy | count | highest |',
      '|---|---:|---:|',
      '| perseus | 33 | 9.6275 |',
      '| a_b \\| c | 3 | 12.5000 |',
      '| none | 0 | — |',
      '',
    ].join('\n'),
  );
  t.regex(
    rowsDocument(rows, 'latex'),
    /\\begin\{tabular\}\{@\{\}lrr@\{\}\}[^]*a\\_b \$\|\$ c & 3 & /,
  );
});

test('no rows are said to be none', (t) => {
  t.is(rowsDocument([], 'markdown'), 'no rows\n');
  t.is(rowsDocument([], 'latex'), '% no rows\n');
});

/** A cell of one run. */
const cell = (value: number): GroupRow => ({
  ...{ group: [], metric: 'simulated_saving_pct', count: 1, mean: value, halfWidth: null },
  ...{ median: value, lowest: value, highest: value, lowestRun: 0, highestRun: 0 },
});

const PIVOT: Pivot = {
  metric: 'simulated_saving_pct',
  ...{ down: 'pipelines', across: 'stragglers[0].slowdown', at: { seed: 2 }, within: [] },
  ...{ downValues: [2, 4], acrossValues: [1.1, 1.2] },
  cells: [
    [cell(3.25), cell(10.5)],
    [cell(4), undefined],
  ],
};

test('a pivot table has its second column above the others, and says what it is limited to', (t) => {
  const latex = pivotDocument([PIVOT], 'latex').split('\n');
  t.is(latex[0], '% seed = 2');
  t.is(latex[4], ' & \\multicolumn{2}{c}{slowdown} \\\\');
  t.is(latex[6], 'pipelines & 1.1 & 1.2 \\\\');
  const markdown = pivotDocument([PIVOT, PIVOT], 'markdown');
  t.is(markdown.match(/seed = 2\n\n\| pipelines \|/g)?.length, 2);
  t.regex(markdown, /\| 4 \| 4\.\d+ \| · \|/);
});
