import { pbkdf2 } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gunzipSync } from 'node:zlib';
import test from 'ava';
import { writeUserPieces } from '../../sim/disk/files.js';
import { EXIT, runProgram } from '../../sim/cli/program.js';
import { InputError } from '../../src/errors.js';
import { projectFile } from '../support/files.js';
import { LoadedTrace } from '../support/trace-format.js';

const FOLDER = mkdtempSync(join(tmpdir(), 'pipewatt-trace-'));
test.after.always(() => {
  rmSync(FOLDER, { recursive: true });
});

async function run(scenario: string, ...options: string[]) {
  let out = '';
  let err = '';
  const code = await runProgram(['run', projectFile(scenario), ...options], {
    out: (text) => (out += text),
    err: (text) => (err += text),
    isWatched: false,
  });
  return { code, out, err };
}

const TWO_STAGES = 'test/fixtures/good/two-stages.yaml';

/** A folder of its own for a test. */
function folderOf(name: string): string {
  const folder = join(FOLDER, name);
  mkdirSync(folder);
  return folder;
}

test('--trace writes what the table is made of, beside the table', async (t) => {
  const folder = folderOf('beside');
  const file = join(folder, 'run.json.gz');
  const { code, out, err } = await run(TWO_STAGES, '--trace', file, '--format', 'json');
  t.deepEqual([code, err], [EXIT.ok, `wrote ${file}; open it at ui.perfetto.dev\n`]);
  t.is(out, (await run(TWO_STAGES, '--format', 'json')).out);
  t.deepEqual(readdirSync(folder), ['run.json.gz'], 'nothing else is left');
  const trace = new LoadedTrace(gunzipSync(readFileSync(file)).toString());
  const { pipewatt, policies } = JSON.parse(out) as {
    pipewatt: string;
    policies: { policy: string; simulated_energy_j: number }[];
  };
  t.like(trace.otherData, { pipewatt, scenario: 'two-stages', seed: 1, leftOut: '' });
  for (const { policy, simulated_energy_j: energyJ } of policies) {
    const tracedJ = trace
      .stageSlices(policy)
      .reduce((sum, { args, dur }) => sum + Number(args['powerPerGpuW']) * dur * 1e-6, 0);
    t.true(Math.abs(tracedJ - energyJ) <= 1e-9 * energyJ, `${policy}: ${tracedJ} ${energyJ}`);
  }
});

test('the same run writes the same bytes; without .gz they are not compressed', async (t) => {
  const folder = folderOf('bytes');
  const [first, second, plain] = ['a.json.gz', 'b.json.gz', 'c.json'].map((name) =>
    join(folder, name),
  ) as [string, string, string];
  for (const file of [first, second, plain]) await run(TWO_STAGES, '--trace', file);
  const bytes = readFileSync(first);
  t.deepEqual(readFileSync(second), bytes);
  t.is(bytes.readUInt32LE(4), 0, 'no time in the header of gzip');
  t.is(readFileSync(plain, 'utf8'), gunzipSync(bytes).toString());
});

test('what is left out of a large trace is said, on standard error and in it', async (t) => {
  const file = join(folderOf('large'), 'run.json.gz');
  const scenario = 'scenarios/what-if/stragglers-over-time.yaml';
  const { code, out, err } = await run(scenario, '--trace', file, '--explain');
  t.is(code, EXIT.ok);
  t.is(out, readFileSync(projectFile('test/golden/what-if/stragglers-over-time.txt'), 'utf8'));
  const [wrote, ...sentences] = err.trimEnd().split('\n');
  t.is(wrote, `wrote ${file}; open it at ui.perfetto.dev`);
  t.is(sentences.length, 3, 'one for each policy');
  t.true(sentences.every((line) => line.startsWith(`${file}: `)));
  t.regex(err, /perseus: pipelines 1–4, 6–63 are identical and written once/);
  const trace = new LoadedTrace(gunzipSync(readFileSync(file)).toString());
  t.is(trace.otherData['leftOut'], sentences.map((line) => line.slice(file.length + 2)).join('; '));
  const marks = trace.instants.filter(
    (mark) => mark.cat === 'straggler' && trace.isOf('perseus', mark),
  );
  t.deepEqual(
    marks.map(({ ts }) => ts / 1e6).sort((a, b) => a - b),
    [100, 200, 340, 500],
  );
});

test('a trace that cannot be written is refused before the run, and nothing is written', async (t) => {
  const folder = folderOf('refused');
  mkdirSync(join(folder, 'folder.json'));
  for (const name of ['folder.json', 'missing/run.json.gz', 'run.txt']) {
    const output = join(folder, 'table.txt');
    const { code, out, err } = await run(
      TWO_STAGES,
      ...['--trace', join(folder, name), '--output', output],
    );
    t.deepEqual([code, out], [EXIT.wrongInput, '']);
    t.true(err.includes(name), err);
    t.deepEqual(readdirSync(folder), ['folder.json']);
  }
});

const pbkdf2Async = promisify(pbkdf2);

test('a file is written whole or not at all', async (t) => {
  const folder = folderOf('whole');
  const file = join(folder, 'run.json.gz');
  writeFileSync(file, 'what was there before');
  function* broken() {
    yield 'x'.repeat(1e6);
    throw new Error('a bug');
  }
  await t.throwsAsync(writeUserPieces(file, broken()), { message: 'a bug', instanceOf: Error });
  t.is(readFileSync(file, 'utf8'), 'what was there before');
  t.deepEqual(readdirSync(folder), ['run.json.gz']);
  // The threads that open files are busy, so that the error comes while the file waits to be opened.
  const busy = Array.from({ length: 8 }, () => pbkdf2Async('', '', 100_000, 64, 'sha512'));
  await t.throwsAsync(writeUserPieces(file, broken()), { message: 'a bug', instanceOf: Error });
  await Promise.all(busy);
  await pbkdf2Async('', '', 1, 64, 'sha512');
  t.deepEqual(readdirSync(folder), ['run.json.gz']);
  await writeUserPieces(file, ['{', '}']);
  t.is(gunzipSync(readFileSync(file)).toString(), '{}');
  t.deepEqual(readdirSync(folder), ['run.json.gz']);
});

if (process.platform === 'linux') {
  test('a full disk is a sentence', async (t) => {
    const error = await t.throwsAsync(writeUserPieces('/dev/full', ['{', '}']), {
      instanceOf: InputError,
    });
    t.regex(error.message, /cannot be written: no space is left/);
  });
}
