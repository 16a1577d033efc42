import test from 'ava';
import { showsColours } from '../../sim/cli/terminal.js';
import { runToEnd } from '../support/command.js';
import { projectFile } from '../support/files.js';

test('terminals show colours unless they are told not to; others only if they are told to', (t) => {
  for (const [isTTY, env, expected] of [
    [true, {}, true],
    [true, { TERM: 'xterm-256color' }, true],
    [true, { TERM: 'dumb' }, false],
    [true, { NO_COLOR: '1' }, false],
    [true, { NO_COLOR: '' }, true],
    [true, { NO_COLOR: '1', FORCE_COLOR: '1' }, false],
    [true, { FORCE_COLOR: '0' }, false],
    [false, {}, false],
    [false, { CI: 'true' }, false],
    [false, { FORCE_COLOR: '1' }, true],
    [false, { FORCE_COLOR: '0' }, false],
  ] as const) {
    t.is(showsColours({ isTTY, env }), expected, `${isTTY} ${JSON.stringify(env)}`);
  }
});

/** The first bytes of a run in a pipe. */
function beginOf(env: Readonly<Record<string, string>>, ...more: readonly string[]): string {
  const scenario = projectFile('scenarios/quick-start.yaml');
  const { code, out } = runToEnd(['run', scenario, '--no-bound', ...more], { env });
  if (code !== 0) throw new Error(`exit ${String(code)}`);
  return out;
}

test('the result stands out where colours are forced, and pipes have none', (t) => {
  const bold = '\u001B[1mperseus saves 27.6 % of the energy without slowing the job.\u001B[22m\n\n';
  const plain = beginOf({ FORCE_COLOR: '', NO_COLOR: '', CI: 'true' });
  t.false(plain.includes('\u001B'));
  const forced = beginOf({ FORCE_COLOR: '1', NO_COLOR: '' });
  t.true(forced.startsWith(bold));
  t.is(forced.replace('\u001B[1m', '').replace('\u001B[22m', ''), plain);
  t.false(beginOf({ FORCE_COLOR: '1', NO_COLOR: '' }, '--format', 'csv').includes('\u001B'));
});
