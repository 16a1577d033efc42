import test from 'ava';
import { runProgram } from '../../sim/cli/program.js';
import { projectFile } from '../support/files.js';
import { runInProcess } from '../support/in-process.js';

const LONG = projectFile('scenarios/gpt3-175b-a100-sxm-mb48.yaml');

test('who watches sees a table before the frontier is planned, and the same last one', async (t) => {
  let shown = '';
  let out = '';
  const code = await runProgram(['run', LONG], {
    out: (text) => (out += text),
    err: (text) => (shown += text),
    isWatched: true,
  });
  t.is(code, 0);
  t.regex(shown, /perseus saves \d+\.\d+ % of the energy/);
  t.regex(shown, /at most \d+\.\d+ points/);
  const { out: piped, err } = await runInProcess(['run', LONG]);
  t.is(err, '');
  t.is(out, piped);
});
