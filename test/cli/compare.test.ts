import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { begin } from '../support/command.js';
import { projectFile } from '../support/files.js';

const compare = (...args: string[]) => begin(['compare', ...args]).ended;

const hasPython = spawnSync('python3', ['--version']).status === 0;

test('a planner in Python is better than none at all', async (t) => {
  if (!hasPython) {
    t.log('left out: the planner in Python needs python3');
    t.is(process.env['CI'], undefined, 'in CI python3 must be there');
    return;
  }
  const script = `python3 ${projectFile('examples/slack_planner.py')}`;
  const { code, out, err } = await compare('max-frequency', script, '--suite', 'adversarial');
  t.is(err, '');
  t.is(code, 0);
  t.regex(out, /slack_planner.py against max-frequency: better/);
});

test('the exit code tells better from worse from broken', async (t) => {
  const better = await compare('perseus', 'perseus-hull', '--suite', 'adversarial');
  t.is(better.code, 0, better.err);
  t.regex(better.out, /^## perseus-hull against perseus: better\n/);
  const worse = await compare('perseus', 'max-frequency', '--suite', 'adversarial');
  t.is(worse.code, 3, worse.err);
  const folder = mkdtempSync(join(tmpdir(), 'compare-'));
  try {
    const file = join(folder, 'mine.mjs');
    writeFileSync(file, 'export const planner = { name: "mine", plan: () => process.exit(7) };');
    const broken = await compare('max-frequency', file, '--suite', 'adversarial');
    t.is(broken.code, 4, broken.err);
    t.regex(broken.out, /\*\*broken\*\* in "one stage": it took its process down: exit code 7/);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('a stored baseline stands for the base: the planner of this version is the same', async (t) => {
  const against = projectFile('results/baseline-planner.json');
  const { code, out, err } = await compare('perseus', '--against', against, '--suite', 'smoke');
  t.is(code, 0, err);
  t.regex(out, /^## perseus against perseus: same\n/);
});

const WRONG: readonly (readonly [string[], RegExp])[] = [
  [['perseus'], /planners: found 1, expected two: base and candidate/],
  [['perseus', 'persius'], /candidate: found "persius".*did you mean "perseus"\?/],
  [['perseus', 'mine.ts'], /compile it to JavaScript first/],
  [['perseus', 'none.mjs'], /there is no file none.mjs/],
  [['perseus', 'perseus', '--suite', 'wilde'], /--suite: found "wilde", expected smoke, paper/],
  [['perseus', '--against', projectFile('package.json')], /package.json, suite: /],
];

for (const [args, message] of WRONG) {
  test(`wrong input is said in a sentence: compare ${args.map((arg) => arg.split('/').at(-1)).join(' ')}`, async (t) => {
    const { code, out, err } = await compare(...args);
    t.is(code, 2);
    t.is(out, '');
    t.regex(err, message);
    t.notRegex(err, /\n\s+at /);
  });
}
