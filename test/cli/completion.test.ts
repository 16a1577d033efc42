import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { COMMANDS } from '../../sim/cli/commands.js';
import { EXIT } from '../../sim/cli/program.js';
import { runInProcess } from '../support/in-process.js';

const SCRIPT = (await runInProcess(['completion', 'bash'])).out;

const folder = mkdtempSync(join(tmpdir(), 'pipewatt-completion-'));
mkdirSync(join(folder, 'runs'));
writeFileSync(join(folder, 'my job.yaml'), '');
test.after.always(() => {
  rmSync(folder, { recursive: true });
});

/** What bash offers for a line that ends with its last word, split as bash splits it. */
function offered(...words: readonly string[]): string[] {
  const line = words.map((word) => `'${word}'`).join(' ');
  const program = `${SCRIPT}
COMP_WORDS=(pipewatt ${line}); COMP_CWORD=${words.length}
_pipewatt
printf '%s\\n' "\${COMPREPLY[@]}"`;
  const { status, stdout, stderr } = spawnSync('bash', ['--norc', '-c', program], {
    ...{ cwd: folder, encoding: 'utf8' },
  });
  if (status !== 0 || stderr !== '') throw new Error(`${status}: ${stderr}`);
  return stdout.split('\n').filter((word) => word !== '');
}

test('bash completes commands, options and their values', (t) => {
  t.deepEqual(offered('ru'), ['run']);
  const commands = Object.keys(COMMANDS).filter((name) => !name.includes(' '));
  t.deepEqual(offered(''), [...commands, '--help', '--version']);
  t.deepEqual(offered('run', '--pol'), ['--policies', '--policy']);
  t.deepEqual(offered('run', '--format', 'c'), ['csv']);
  t.deepEqual(offered('run', '--format', '=', 'j'), ['json']);
  t.deepEqual(offered('run', '--format', '=').slice(0, 2), ['table', 'json']);
  t.deepEqual(offered('run', '--seed', ''), [], 'a number is no file');
  t.deepEqual(offered('completion', ''), ['my job.yaml', 'runs', 'bash', 'zsh', 'fish']);
});

test('bash completes files, names of scenarios, and commands of two words', (t) => {
  t.deepEqual(offered('run', 'quick'), ['quick-start']);
  t.deepEqual(offered('run', 'quick-start', 'my'), ['my job.yaml']);
  t.deepEqual(offered('run', '--output', 'ru'), ['runs']);
  t.deepEqual(offered('results', 'mer'), ['merge']);
  t.deepEqual(offered('results', 'merge', '--he'), ['--help']);
  t.deepEqual(offered('list', 'sch'), ['schedules']);
});

test('zsh and fish have every command, option and choice too', async (t) => {
  for (const shell of ['zsh', 'fish']) {
    const { code, out } = await runInProcess(['completion', shell]);
    t.is(code, EXIT.ok);
    for (const word of ['quick-start', 'robustness', 'policies', 'markdown', 'merge']) {
      t.true(out.includes(word), `${shell}: ${word}`);
    }
  }
});

test('another shell is refused', async (t) => {
  const { code, err } = await runInProcess(['completion', 'bassh']);
  t.is(code, EXIT.wrongInput);
  t.is(err, 'pipewatt completion: found "bassh", expected bash, zsh, fish; did you mean "bash"?\n');
});
