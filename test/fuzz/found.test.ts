import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { projectFile } from '../support/files.js';
import { FuzzProcess } from './fuzz-process.js';
import type { FuzzInput } from './fuzz-input.js';

/**
 * Inputs that a fuzzer found and that once ended badly, each a folder of test/fixtures/fuzz: its
 * files, and `input.json` with what is called and how it has to end.
 */
const FOLDER = projectFile('test/fixtures/fuzz');

interface Found {
  readonly call: FuzzInput['call'];
  readonly args: readonly string[];
  readonly code: number;
  /** All that is said. */
  readonly err: string;
  /** All that is printed, or where that is long, a line of it. */
  readonly out: string;
}

const running = new FuzzProcess();
test.after.always(() => {
  running.stop();
});

for (const name of readdirSync(FOLDER)) {
  test.serial(name, async (t) => {
    const folder = join(FOLDER, name);
    const { call, args, code, err, out } = JSON.parse(
      readFileSync(join(folder, 'input.json'), 'utf8'),
    ) as Found;
    const files = Object.fromEntries(
      readdirSync(folder)
        .filter((path) => path !== 'input.json')
        .map((path) => [path, Uint8Array.from(readFileSync(join(folder, path)))]),
    );
    const outcome = await running.run({ call, args, files });
    if (outcome.kind === 'died') {
      t.fail(outcome.why);
      return;
    }
    t.is(outcome.err, err);
    t.is(outcome.code, code);
    if (out === '') t.is(outcome.out, '');
    else t.true(outcome.out.includes(out), outcome.out);
    t.deepEqual(Object.keys(outcome.changed), []);
  });
}
