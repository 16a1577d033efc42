import { spawnSync } from 'node:child_process';
import { mkdirSync, copyFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ExecutionContext } from 'ava';
import { filesOfLink } from '../../sim/explorer/link.js';
import { projectFile } from '../support/files.js';
import { pythonOf } from '../support/python-blocks.js';
import { testWithPandas, testWithPython } from '../support/python.js';
import { temporaryFolder } from '../support/temporary-folder.js';

const PROGRAM = `${process.execPath} ${projectFile('dist/sim/cli/main.js')}`;

/** Runs Python. @returns its output. */
function python(
  t: ExecutionContext,
  command: string,
  args: readonly string[],
  { cwd, env = {} }: { readonly cwd?: string; readonly env?: Readonly<Record<string, string>> } = {},
): string {
  const { status, stdout, stderr } = spawnSync(command, args, {
    cwd: cwd ?? temporaryFolder(t),
    encoding: 'utf8',
    env: { ...process.env, PIPEWATT: PROGRAM, ...env },
  });
  t.is(status, 0, `${stdout}\n${stderr}`);
  return `${stdout}${stderr}`;
}

const CHECKS = projectFile('test/python/checks.py');

/** Checks that pass, of those of test/python/checks.py. */
const passed = (said: string) => [...said.matchAll(/ \.\.\. ok$/gm)].length;

testWithPython('the Python module needs nothing but the standard library', (t, command) => {
  // Neither packages of the site nor the environment of the user.
  const said = python(t, command, ['-S', '-I', CHECKS], { env: { CHECKS_WITHOUT: 'pandas numpy' } });
  t.is(passed(said), 28, said);
});

testWithPandas('the Python module makes data frames if pandas is there', (t, command) => {
  const said = python(t, command, [CHECKS, 'Running', 'Others', '-v']);
  t.is(passed(said), 14, said);
});

testWithPython('the Python of docs/python.md prints what it says', (t, command) => {
  const folder = temporaryFolder(t);
  const { program, printed } = pythonOf('docs/python.md');
  copyFileSync(projectFile('examples/two-stages.csv'), join(folder, 'profile.csv'));
  writeFileSync(join(folder, 'page.py'), program);
  const env = { PYTHONPATH: projectFile('examples/python') };
  const said = python(t, command, ['page.py'], { cwd: folder, env });
  t.deepEqual(said.trimEnd().split('\n'), printed);
  t.true(printed.length > 10);
});

testWithPython('the what-if page reads the links of the Python module', async (t, command) => {
  const script = `
import sys; sys.path.insert(0, ${JSON.stringify(projectFile('examples/python'))})
import pipewatt
fields = pipewatt.scenario("quick-start")
fields["name"] = "größer"
print(pipewatt.run(fields, bound=False).link())
print(pipewatt.run({**fields, "name": "own", "profile": {"csv": "profile.csv", "blockingPowerW": 80},
    "pipeline": {"stages": 2, "microbatches": 4}}).link("https://example.org/page/"))`;
  const folder = temporaryFolder(t);
  copyFileSync(projectFile('examples/two-stages.csv'), join(folder, 'profile.csv'));
  const [first, second] = python(t, command, ['-c', script], { cwd: folder }).trim().split('\n');
  t.regex(first!, /^http:\/\/127\.0\.0\.1:4200\/#1\./);
  t.regex(second!, /^https:\/\/example\.org\/page\/#1\./);
  const files = await filesOfLink(first!.split('#')[1]!);
  t.like(JSON.parse(files.yaml) as object, { name: 'größer', pipelines: 64 });
  const own = await filesOfLink(second!.split('#')[1]!);
  t.is(own.csv?.name, 'profile.csv');
  t.like(JSON.parse(own.yaml) as object, { profile: { csv: 'profile.csv' } });
});

testWithPython('pipewatt is found by PIPEWATT, on PATH, and in the checkout', (t, command) => {
  const folder = temporaryFolder(t);
  const bin = join(folder, 'bin');
  mkdirSync(bin);
  writeFileSync(join(bin, 'pipewatt'), '#!/bin/sh\nexit 7\n', { mode: 0o755 });
  const script = (path: string) => `
import sys; sys.path.insert(0, ${JSON.stringify(path)})
import pipewatt; print(pipewatt._command())`;
  const found = (path: string, env: Readonly<Record<string, string>>) =>
    python(t, command, ['-c', script(path)], { env }).trim();
  const here = projectFile('examples/python');
  const PATH = `${process.env['PATH']!}`;
  t.is(found(here, { PIPEWATT: 'npx pipewatt' }), "['npx', 'pipewatt']");
  t.regex(found(here, { PIPEWATT: '/a/main.js' }), /^\['node', '\/a\/main\.js'\]$/);
  t.is(found(here, { PIPEWATT: '', PATH: `${bin}:${PATH}` }), `['${join(bin, 'pipewatt')}']`);
  t.regex(found(here, { PIPEWATT: '' }), /dist\/sim\/cli\/main\.js'\]$/);
});
