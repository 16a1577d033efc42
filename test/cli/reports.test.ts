import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { EXIT } from '../../sim/cli/program.js';
import { projectFile } from '../support/files.js';
import { runInProcess } from '../support/in-process.js';

function temporaryFolder(t: ExecutionContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'pipewatt-test-'));
  t.teardown(() => {
    rmSync(folder, { recursive: true });
  });
  return folder;
}

/** Headings of a report, which fetches nothing. */
function headingsOf(t: ExecutionContext, file: string): string[] {
  const html = readFileSync(file, 'utf8');
  t.false(/(?:src|href)\s*=\s*"(?!#)/.test(html), 'nothing is fetched');
  return [...html.matchAll(/<h2>(.*?)<\/h2>/g)].map(([, heading]) => heading!);
}

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
  const expected = ['By policy', 'By what varied', 'Saved against slower', 'Run it again'];
  t.deepEqual(headingsOf(t, report), expected);
  const html = readFileSync(report, 'utf8');
  const { out } = await runInProcess(['results', output, '--format', 'json']);
  const rows = JSON.parse(out) as { policy: string; mean: number }[];
  const { mean } = rows.find(({ policy }) => policy === 'perseus')!;
  t.true(html.includes(`perseus saves ${mean.toFixed(2)} % of the energy on average`));
});

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
