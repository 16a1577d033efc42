import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { EXIT } from '../../sim/cli/program.js';
import { runInProcess } from '../support/in-process.js';
import { headingsOf } from '../support/reports.js';
import { temporaryFolder } from '../support/temporary-folder.js';

test.serial('reproduce --report: a part for each table that was asked for', async (t) => {
  const folder = temporaryFolder(t);
  const report = join(folder, 'paper.html');
  const { code, err } = await runInProcess([
    'reproduce',
    'figure9',
    '--output',
    folder,
    '--report',
    report,
  ]);
  t.is(code, EXIT.ok, err);
  t.regex(headingsOf(t, report)[0]!, /^Figure 9/);
  t.is(headingsOf(t, report).length, 2);
  t.true(readFileSync(report, 'utf8').includes('<svg'));
});

test.serial('compare --report: the verdict, its figures and every case', async (t) => {
  const report = join(temporaryFolder(t), 'compare.html');
  const { code, err } = await runInProcess(['compare', 'perseus', 'perseus', '--report', report]);
  t.is(code, EXIT.ok, err);
  const expected = ['By figure', 'In words', 'Every case', 'Run it again'];
  t.deepEqual(headingsOf(t, report), expected);
  t.regex(readFileSync(report, 'utf8'), /<h1>perseus against perseus: same<\/h1>/);
});
