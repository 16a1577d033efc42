import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { projectFile } from '../support/files.js';
import { plannedRowComesBack } from '../support/given-plans.js';

/** Real jobs; those with stragglers need a whole frontier of files, which is coarser here. */
const JOBS: readonly (readonly [
  name: string,
  scenario: string,
  change: (text: string) => string,
])[] = [
  ['GPT-3 on A100, 24 microbatches', 'gpt3-175b-a100-sxm-mb24', (text) => text],
  [
    'the same on three GPUs a stage',
    'gpt3-175b-a100-sxm-mb24',
    (text) => text.replace(/tensorParallel: \d+/, 'tensorParallel: 3'),
  ],
  ['interleaved', 'what-if/interleaved', (text) => text],
  ['with transfers', 'overheads', (text) => text],
  ['with a straggler', 'straggler-1.2x', (text) => `${text}\nunitTimeS: 0.005\n`],
  [
    'with transfers and a straggler',
    'overheads',
    (text) => `${text}\nunitTimeS: 0.005\nstragglers: [{ pipeline: 2, slowdown: 1.05 }]\n`,
  ],
];

for (const [name, path, change] of JOBS) {
  test.serial(`the row of Perseus comes back from its plan files: ${name}`, async (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'pipewatt-given-'));
    t.teardown(() => {
      rmSync(folder, { recursive: true });
    });
    const scenario = join(folder, 'job.yaml');
    writeFileSync(scenario, change(readFileSync(projectFile(`scenarios/${path}.yaml`), 'utf8')));
    await plannedRowComesBack(t, scenario, folder, 'perseus', 'if there are stragglers');
  });
}
