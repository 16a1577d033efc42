import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { EXIT } from '../../sim/cli/program.js';
import { projectFile } from '../support/files.js';
import { runInProcess } from '../support/in-process.js';
import { headingsOf } from '../support/reports.js';
import { temporaryFolder } from '../support/temporary-folder.js';

const SWEEP = projectFile('test/fixtures/sweeps/small.yaml');

test.serial('sweep --report: what was saved by policy and by what varied', async (t) => {
  const folder = temporaryFolder(t);
  const report = join(folder, 'sweep.html');
  const output = join(folder, 'sweep.duckdb');
  const { code, err } = await runInProcess([
    'sweep',
    SWEEP,
    '--output',
    output,
    '--report',
    report,
  ]);
  t.is(code, EXIT.ok, err);
  const expected = [...['What varied', 'Runs that no other beats', 'By policy', 'Run it again']];
  t.deepEqual(headingsOf(t, report), expected);
  const html = readFileSync(report, 'utf8');
  const { out } = await runInProcess(['results', output, '--format', 'json']);
  const rows = JSON.parse(out) as { policy: string; lowest: number; lowest_run: number }[];
  const { lowest, lowest_run: run } = rows.find(({ policy }) => policy === 'perseus')!;
  t.true(html.includes(`perseus saves between ${lowest.toFixed(2)} % (run ${run})`));
});

test.serial(
  'a report that cannot be written is told before the work, and nothing is left',
  async (t) => {
    const folder = temporaryFolder(t);
    const report = join(folder, 'no', 'such', 'folder.html');
    const commands = [
      ['run', projectFile('scenarios/quick-start.yaml')],
      ['sweep', SWEEP, '--output', join(folder, 's.duckdb')],
      ['reproduce', 'figure7', '--output', folder],
      ['compare', 'perseus', 'perseus'],
    ];
    for (const command of commands) {
      const { code, out, err } = await runInProcess([...command, '--report', report]);
      t.is(code, EXIT.wrongInput, command[0]);
      t.is(out, '');
      t.is(err, `${report}: cannot be written: there is no such file or folder\n`);
    }
    t.deepEqual(readdirSync(folder), []);
    t.false(existsSync(report));
  },
);
