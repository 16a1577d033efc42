import { spawn, spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { projectFile } from '../support/shared-data.js';

const MANIFEST = JSON.parse(readFileSync(projectFile('package.json'), 'utf8')) as {
  version: string;
  bin: { pipewatt: string };
};
const BIN = projectFile(MANIFEST.bin.pipewatt);
const SCENARIO = projectFile('test/fixtures/good/two-stages.yaml');
const PROFILE = projectFile('test/fixtures/good/two-stages.csv');
const PLAN = `${BIN} plan ${PROFILE} --microbatches 50 --blocking-power 80 --unit-time 0.00001 --format csv`;

function pipewatt(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [BIN, ...args], {
    encoding: 'utf8',
  });
  return { status, stdout, stderr };
}

/** Ends with the exit codes of a pipe's two ends and what went to standard error. */
function inShell(command: string) {
  const { stdout, stderr } = spawnSync('bash', ['-c', command], { encoding: 'utf8' });
  return { stdout, stderr };
}

function inTemporaryFolder(t: ExecutionContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'pipewatt-test-'));
  t.teardown(() => {
    rmSync(folder, { recursive: true });
  });
  return folder;
}

test('the command of the package runs', (t) => {
  t.regex(readFileSync(BIN, 'utf8'), /^#!\/usr\/bin\/env node\n/);
  t.deepEqual(pipewatt('--version'), { status: 0, stdout: `${MANIFEST.version}\n`, stderr: '' });
});

test('help goes to standard output, for every command with an example', (t) => {
  for (const command of ['run', 'plan', 'fit']) {
    const { status, stdout, stderr } = pipewatt(command, '--help');
    t.deepEqual({ status, stderr }, { status: 0, stderr: '' });
    t.regex(stdout, new RegExp(`Examples?:\n  pipewatt ${command} `));
  }
});

test('without a command there is help, and the exit code of wrong input', (t) => {
  const { status, stdout, stderr } = pipewatt();
  t.deepEqual({ status, stdout }, { status: 2, stdout: '' });
  t.regex(stderr, /^Usage: pipewatt/m);
});

test('wrong input ends with 2 and a message, right input with 0 and none', (t) => {
  t.deepEqual(pipewatt('run', 'nowhere.yaml'), {
    status: 2,
    stdout: '',
    stderr: 'nowhere.yaml: cannot be read: there is no such file or folder\n',
  });
  const right = pipewatt('run', SCENARIO);
  t.is(right.status, 0);
  t.is(right.stderr, '');
  t.regex(right.stdout, /perseus saves \d/);
});

test('a reader that has seen enough is no failure', (t) => {
  const { stdout, stderr } = inShell(`node ${PLAN} | head -n 2; echo "exit \${PIPESTATUS[0]}"`);
  t.regex(stdout, /^time_s,energy_j\n[\d.,]+\nexit 0\n$/);
  t.is(stderr, '');
});

test('files are written to their end even if standard output or messages are not read', (t) => {
  const folder = inTemporaryFolder(t);
  const trace = join(folder, 'run.json');
  const report = join(folder, 'run.html');
  const { stdout } = inShell(
    `(node ${BIN} run ${SCENARIO} --trace ${trace} --report ${report} 2>&1; echo "exit $?" >${folder}/code) | true`,
  );
  t.is(stdout, '');
  t.is(readFileSync(join(folder, 'code'), 'utf8'), 'exit 0\n');
  t.deepEqual(readdirSync(folder).sort(), ['code', 'run.html', 'run.json']);
  t.notThrows(() => JSON.parse(readFileSync(trace, 'utf8')) as unknown);
  t.regex(readFileSync(report, 'utf8'), /<\/html>\n$/);
});

test('a full disk is reported', (t) => {
  if (!existsSync('/dev/full')) {
    t.log('left out: there is no /dev/full here');
    t.pass();
    return;
  }
  for (const command of [
    `run ${SCENARIO}`,
    `run ${SCENARIO} --format json`,
    `fit ${PROFILE}`,
    'partition --blocks 8 --stages 2',
    'schema',
    '--help',
  ]) {
    const { stderr } = inShell(`node ${BIN} ${command} > /dev/full; echo "exit $?" >&2`);
    t.is(stderr, 'standard output cannot be written: no space is left\nexit 2\n', command);
  }
});

test('output goes to a file whole, over what was there, with nothing left beside it', (t) => {
  const folder = inTemporaryFolder(t);
  const file = join(folder, 'table.txt');
  writeFileSync(file, 'x'.repeat(10_000));
  const link = join(folder, 'link.txt');
  symlinkSync(file, link);
  for (const output of [file, link]) {
    t.deepEqual(pipewatt('run', SCENARIO, '--output', output), {
      status: 0,
      stdout: '',
      stderr: `wrote ${output}\n`,
    });
    t.is(readFileSync(file, 'utf8'), pipewatt('run', SCENARIO).stdout);
  }
  t.deepEqual(readdirSync(folder).sort(), ['link.txt', 'table.txt'], 'a link stays a link');
});

test('output to what is no plain file leaves it what it is', (t) => {
  t.is(pipewatt('run', SCENARIO, '--output', '/dev/null').status, 0);
  t.true(statSync('/dev/null').isCharacterDevice());
});

test('output that cannot be written is refused before the work is done', (t) => {
  const folder = inTemporaryFolder(t);
  for (const [output, why] of [
    [folder, 'it is a folder, expected a file'],
    [join(folder, 'no', 'table.txt'), 'there is no such file or folder'],
    [join(folder, 'table/'), 'there is no such file or folder'],
  ] as const) {
    // The scenario is wrong as well, which is said with it.
    t.deepEqual(pipewatt('run', 'nowhere.yaml', '--output', output), {
      status: 2,
      stdout: '',
      stderr: `nowhere.yaml: cannot be read: there is no such file or folder\n${output}: cannot be written: ${why}\n`,
    });
  }
  t.deepEqual(readdirSync(folder), []);
});

test('a pipe has neither colours nor a progress bar', async (t) => {
  const child = spawn(process.execPath, [BIN, 'run', projectFile('scenarios/quick-start.yaml')], {
    env: { ...process.env, CI: 'true', FORCE_COLOR: '' },
  });
  let written = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      written += chunk.toString('utf8');
    });
  }
  t.is(await new Promise((resolve) => child.on('close', resolve)), 0);
  t.false(written.includes('\u001b'), 'no escape codes');
});
