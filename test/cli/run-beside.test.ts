import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { EXIT } from '../../sim/cli/program.js';
import { projectFile } from '../support/files.js';
import { runInProcess } from '../support/in-process.js';
import { runToEnd } from '../support/command.js';

const QUICK = projectFile('scenarios/quick-start.yaml');

function folderOf(t: { teardown: (end: () => void) => void }): string {
  const folder = mkdtempSync(join(tmpdir(), 'pipewatt-beside-'));
  t.teardown(() => {
    rmSync(folder, { recursive: true });
  });
  return folder;
}

/** The rows of a CSV, as objects. */
function rowsOf(csv: string): Record<string, string>[] {
  const [header, ...rows] = csv
    .trimEnd()
    .split('\n')
    .map((line) => line.split(','));
  return rows.map((row) => Object.fromEntries(header!.map((name, k) => [name, row[k]!])));
}

test('several scenarios share a table, with a row group each, and what differs between them', async (t) => {
  const { code, out, err } = await runInProcess(['run', QUICK, 'gpipe', '--no-bound']);
  t.deepEqual([code, err], [EXIT.ok, '']);
  t.regex(out, /^quick-start: perseus saves 27\.6 % of the energy without slowing the job\.$/m);
  t.regex(out, /^gpipe: perseus saves \d+\.\d % of the energy/m);
  t.regex(out, /^ {2}pipeline\.schedule: 1f1b \| gpipe$/m);
  t.regex(out, /^ {2}stragglers\[0\]\.slowdown: 1\.2 \| —$/m);
  t.regex(out, /^quick-start +max-frequency +56\.055 +75\.143 +1340\.5$/m);
  t.regex(out, /^ +without stragglers +46\.712 +71\.768 +1536\.4$/m);
  t.regex(out, /^gpipe +max-frequency /m);
  t.true(out.split('\n').every((line) => line.length <= 80));
});

test('several scenarios are rows of one CSV, and a list in JSON, as each alone', async (t) => {
  const of = async (words: readonly string[], format: string) =>
    (await runInProcess(['run', ...words, '--no-bound', '--format', format])).out;
  const [first, second] = [await of([QUICK], 'csv'), await of(['gpipe'], 'csv')];
  t.is(await of([QUICK, 'gpipe'], 'csv'), first + second.slice(second.indexOf('\n') + 1));
  t.deepEqual(JSON.parse(await of([QUICK, 'gpipe'], 'json')), [
    JSON.parse(await of([QUICK], 'json')),
    JSON.parse(await of(['gpipe'], 'json')),
  ]);
});

test('scenarios of the same name are told apart by their files, or by their place', async (t) => {
  const folder = folderOf(t);
  const other = join(folder, 'other.yaml');
  writeFileSync(other, readFileSync(QUICK, 'utf8').replace('microbatches: 24', 'microbatches: 8'));
  const files = await runInProcess(['run', QUICK, other, '--no-bound']);
  t.regex(files.out, /^quick-start\.yaml: .*\nother\.yaml: /);
  const same = await runInProcess(['run', QUICK, QUICK, '--no-bound']);
  t.regex(same.out, /^1: quick-start: .*\n2: quick-start: /);
  t.regex(same.out, /^The scenarios are the same but for their names\.$/m);
});

test('options that show one scenario are refused for several, and nothing is written', async (t) => {
  const file = join(folderOf(t), 'report.html');
  const { code, err } = await runInProcess([
    'run',
    QUICK,
    'gpipe',
    '--report',
    file,
    '--plan',
    file,
  ]);
  t.is(code, EXIT.wrongInput);
  t.regex(err, /pipewatt run, --report: is for one scenario; run each with it\n/);
  t.regex(err, /pipewatt run, --plan: /);
  t.throws(() => readFileSync(file));
});

test('--set, --policies and --seed change the scenario as its file would', async (t) => {
  const folder = folderOf(t);
  const changed = join(folder, 'changed.yaml');
  writeFileSync(
    changed,
    readFileSync(QUICK, 'utf8')
      .replace('microbatches: 24', 'microbatches: 8')
      .replace('slowdown: 1.2', 'slowdown: 1.5')
      .concat('policies: [max-frequency, perseus]\nseed: 7\n'),
  );
  const args = ['--format', 'csv', '--no-bound'];
  const bySet = await runInProcess([
    ...['run', QUICK, ...args, '--set', 'pipeline.microbatches=8'],
    ...['--set', 'stragglers.0.slowdown=1.5'],
    ...['--policies', 'max-frequency, perseus', '--seed', '7'],
  ]);
  t.is(bySet.out, (await runInProcess(['run', changed, ...args])).out);
  t.deepEqual(
    rowsOf(bySet.out).map(({ policy, seed }) => [policy, seed]),
    [
      ['max-frequency', '7'],
      ['perseus', '7'],
    ],
  );
});

test('what is wrong with a change is said of the option, all of it at once', async (t) => {
  const shape = await runInProcess(['run', QUICK, '--set', 'x', '--set', 'seed=1', '--seed', '2']);
  t.deepEqual(
    [shape.code, shape.err],
    [
      EXIT.wrongInput,
      'pipewatt run, --set: found "x", expected a field and its value, such as pipeline.microbatches=48\n' +
        'pipewatt run, --seed: seed is set twice; keep one\n',
    ],
  );
  const values = await runInProcess([
    ...['run', QUICK, '--set', 'pipeline.stages=0', '--set', 'stragglers[0].slowdwn=2'],
    ...['--policies', 'perseus,env-pip', '--set', 'tensorParallel=lots'],
  ]);
  t.is(values.code, EXIT.wrongInput);
  for (const line of [
    /^pipewatt run, --set pipeline\.stages: found 0, expected /m,
    /^pipewatt run, --set stragglers\[0\]\.slowdwn: is not a field here.*"slowdown"/m,
    /^pipewatt run, --policies: found "env-pip".*did you mean "envpipe"/m,
    /^pipewatt run, --set tensorParallel: found "lots"/m,
  ]) {
    t.regex(values.err, line);
  }
});

test('problems of other fields keep their line in the file', async (t) => {
  const file = join(folderOf(t), 'wrong.yaml');
  writeFileSync(file, readFileSync(QUICK, 'utf8').replace('stages: 8', 'stages: 0'));
  const { err } = await runInProcess(['run', file, '--set', 'pipelines=3']);
  t.regex(err, /wrong\.yaml:11, pipeline\.stages: found 0/);
});

test('names of shipped scenarios are understood anywhere, near ones suggested, files come first', async (t) => {
  const args = ['--format', 'csv', '--no-bound'];
  const byName = await runInProcess(['run', 'quick-start', ...args]);
  t.is(byName.out, (await runInProcess(['run', QUICK, ...args])).out);
  const wrong = await runInProcess(['run', 'qick-start']);
  t.deepEqual(
    [wrong.code, wrong.err],
    [
      EXIT.wrongInput,
      'qick-start: is neither a file nor the name of a scenario that comes with pipewatt; did you mean "quick-start"?; pipewatt list scenarios names them\n',
    ],
  );
  const folder = folderOf(t);
  writeFileSync(join(folder, 'gpipe'), readFileSync(QUICK, 'utf8'));
  const { out } = runToEnd(['run', 'gpipe', ...args], { cwd: folder });
  t.is(out, byName.out);
});

test('- is standard input', (t) => {
  const { code, out } = runToEnd(['run', '-', '--no-bound'], {
    input: readFileSync(QUICK, 'utf8'),
  });
  t.is(code, EXIT.ok);
  t.regex(out, /^perseus saves 27\.6 % /);
  const wrong = runToEnd(['run', '-'], { input: 'name: x\n' });
  t.is(wrong.code, EXIT.wrongInput);
  t.regex(wrong.err, /^standard input:?\d*, profile: /m);
});
