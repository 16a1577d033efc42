import test from 'ava';
import { ProblemList } from '../../src/problem-list.js';
import { csvRecords } from '../../src/profile/csv-records.js';

/** A table of 5 MB, with quoted line ends, comments and empty lines. */
function longTable(rows: number): string {
  const lines = Array.from({ length: rows }, (_, k) => {
    if (k % 1000 === 0) return `# comment ${k}\n\n"two\nlines ${k}",${k}`;
    return `${'x'.repeat(40)} ${k},${k}`;
  });
  return `name,number\n${lines.join('\n')}\n`;
}

test('long tables are read piece by piece: every record with its line, as in one piece', (t) => {
  const rows = 110_000;
  const { records } = csvRecords(longTable(rows), new ProblemList('long.csv'));
  t.is(records.length, rows);
  const wrong = records.findIndex(({ cells }, k) => cells[1] !== String(k));
  t.is(wrong, -1);
  // A line of comment, an empty one, and one more within quotes, for each thousand.
  const misplaced = records.findIndex(
    ({ line }, k) => line !== 2 + k + 3 * (Math.floor(k / 1000) + 1),
  );
  t.is(misplaced, -1, JSON.stringify(records[misplaced]));
  const short = csvRecords(longTable(2000), new ProblemList('short.csv'));
  t.deepEqual(records.slice(0, 2000), short.records);
});
