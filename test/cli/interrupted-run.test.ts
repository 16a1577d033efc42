import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { projectFile } from '../support/files.js';

/** Its frontier takes minutes. */
const SCENARIO = `name: large
profile: { catalog: gpt3-175b-a100-sxm }
pipeline: { stages: 8, microbatches: 1000 }
pipelines: 1
unitTimeS: 0.0001
policies: [max-frequency, perseus]
`;

/** A run whose standard error is watched. */
function beginWatched(path: string, ...options: string[]) {
  const program = projectFile('dist/test/support/watched-program.js');
  const child = spawn(process.execPath, [program, 'run', path, ...options]);
  let [out, err] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
  const shown = new Promise<void>((resolve) => {
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      err += text;
      if (err.includes('perseus saves')) resolve();
    });
  });
  return { child, shown, ended: once(child, 'close'), texts: () => ({ out, err }) };
}

test('Ctrl-C while plans are refined: the last table, and 130', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'interrupted-'));
  t.teardown(() => {
    rmSync(folder, { recursive: true });
  });
  const path = join(folder, 'large.yaml');
  writeFileSync(path, SCENARIO);
  const { child, shown, ended, texts } = beginWatched(path, '--budget', '10h');
  t.teardown(() => child.kill('SIGKILL'));
  await shown;
  child.kill('SIGINT');
  t.deepEqual(await ended, [130, null]);
  const { out, err } = texts();
  t.regex(out, /^large: GPT-3 175B/m);
  t.regex(
    out.replaceAll(/\n +/g, ' '),
    /not yet those of its whole frontier: that adds at most \d+\.\d+ points/,
  );
  // The table on which the reader decided, or a better one.
  const removed = (text: string) => Number(/perseus saves (\d+\.\d+) %/.exec(text)![1]);
  t.true(removed(out) >= removed(err));
  t.notRegex(err, /Error|at .*\.js/);
});

test('Ctrl-C before there is a table ends like any other program', async (t) => {
  const { child, ended } = beginWatched(projectFile('scenarios/quick-start.yaml'));
  await once(child, 'spawn');
  child.kill('SIGINT');
  t.deepEqual(await ended, [null, 'SIGINT']);
});
