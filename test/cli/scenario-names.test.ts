import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { EXIT } from '../../sim/cli/program.js';
import { projectFile } from '../support/files.js';
import { runInProcess } from '../support/in-process.js';

const QUESTIONS = [
  ['plan', 'quick-start', 'quick-start.yaml'],
  ['site', 'site-megawatts', 'what-if/site-megawatts.yaml'],
  ['schedule', 'schedule-by-price', 'what-if/schedule-by-price.yaml'],
] as const;

for (const [command, name, file] of QUESTIONS) {
  test(`${command} knows scenarios that come with the program by name`, async (t) => {
    const ofName = await runInProcess([command, name]);
    const ofFile = await runInProcess([command, projectFile(`scenarios/${file}`)]);
    t.is(ofName.code, EXIT.ok, ofName.err);
    t.true(ofName.out.length > 100);
    t.is(ofName.out, ofFile.out);
  });
}

test('figure knows them too', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'pipewatt-names-'));
  t.teardown(() => {
    rmSync(folder, { recursive: true });
  });
  const drawn = async (input: string) => {
    const output = join(folder, 'timeline.svg');
    const { code, err } = await runInProcess(['figure', 'timeline', input, '--output', output]);
    t.is(code, EXIT.ok, err);
    return readFileSync(output, 'utf8');
  };
  t.is(await drawn('quick-start'), await drawn(projectFile('scenarios/quick-start.yaml')));
});

test('a path through a file is neither a file nor a name', async (t) => {
  const { code, out, err } = await runInProcess([
    'run',
    projectFile('scenarios/quick-start.yaml/x'),
  ]);
  t.deepEqual([code, out], [EXIT.wrongInput, '']);
  t.regex(err, /quick-start\.yaml\/x: cannot be read: part of its path is not a folder/);
});
