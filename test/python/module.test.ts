import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { contentOfLink } from '../../sim/explorer/link.js';
import { projectFile } from '../support/files.js';
import { checksPassed } from '../support/python-checks.js';
import { pythonOf } from '../support/python-blocks.js';
import { runPython } from '../support/run-python.js';
import { testWithPython } from '../support/python.js';
import { temporaryFolder } from '../support/temporary-folder.js';

testWithPython('the Python module needs nothing but the standard library', (t, command) => {
  // Neither packages of the site nor the environment of the user.
  t.is(
    checksPassed(t, command, { flags: ['-S', '-I'], without: 'pandas numpy', of: ['Planners'] }),
    7,
  );
});

testWithPython('the Python of docs/python.md prints what it says', (t, command) => {
  const folder = temporaryFolder(t);
  const { program, printed } = pythonOf('docs/python.md');
  copyFileSync(projectFile('examples/two-stages.csv'), join(folder, 'profile.csv'));
  writeFileSync(join(folder, 'page.py'), program);
  const env = { PYTHONPATH: projectFile('examples/python') };
  const said = runPython(t, command, ['page.py'], { cwd: folder, env });
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
  const [first, second] = runPython(t, command, ['-c', script], { cwd: folder }).trim().split('\n');
  t.regex(first!, /^http:\/\/127\.0\.0\.1:4200\/#1\./);
  t.regex(second!, /^https:\/\/example\.org\/page\/#1\./);
  const { files } = await contentOfLink(first!.split('#')[1]!);
  t.like(JSON.parse(files.yaml) as object, { name: 'größer', pipelines: 64 });
  const { files: own } = await contentOfLink(second!.split('#')[1]!);
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
    runPython(t, command, ['-c', script(path)], { env }).trim();
  const here = projectFile('examples/python');
  const PATH = process.env['PATH']!;
  t.is(found(here, { PIPEWATT: 'npx pipewatt' }), "['npx', 'pipewatt']");
  t.regex(found(here, { PIPEWATT: '/a/main.js' }), /^\['node', '\/a\/main\.js'\]$/);
  t.is(found(here, { PIPEWATT: '', PATH: `${bin}:${PATH}` }), `['${join(bin, 'pipewatt')}']`);
  t.regex(found(here, { PIPEWATT: '' }), /dist\/sim\/cli\/main\.js'\]$/);
});
