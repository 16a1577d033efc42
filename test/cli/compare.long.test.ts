import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
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

test('the exit code tells better from broken', async (t) => {
  const better = await compare('perseus', 'perseus-hull', '--suite', 'adversarial');
  t.is(better.code, 0, better.err);
  t.regex(better.out, /^perseus-hull against perseus: better\n/);
  const folder = mkdtempSync(join(tmpdir(), 'compare-'));
  try {
    const file = join(folder, 'mine.mjs');
    writeFileSync(file, 'export const planner = { name: "mine", plan: () => process.exit(7) };');
    const broken = await compare('max-frequency', file, '--suite', 'adversarial');
    t.is(broken.code, 4, broken.err);
    t.regex(broken.out, /^broken in "one stage": it crashed its process: exit code 7/m);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

for (const [planner, file] of [
  ['perseus', 'baseline-planner.json'],
  ['perseus-hull', 'baseline-perseus-hull.json'],
] as const) {
  test(`${planner} is what it was when its baseline was stored`, async (t) => {
    const against = projectFile(`results/${file}`);
    const rules = ['--suite', 'smoke', '--regression', '0.1'];
    const { code, out, err } = await compare(planner, '--against', against, ...rules);
    t.is(code, 0, err);
    t.true(out.startsWith(`${planner} against ${planner}: same\n`), out);
  });
}

test('a worse planner is found against the stored baseline, and the exit code tells; one of other cases is refused', async (t) => {
  const against = projectFile('results/baseline-planner.json');
  const worse = await compare('max-frequency', '--against', against);
  t.is(worse.code, 3, worse.err);
  const folder = mkdtempSync(join(tmpdir(), 'compare-'));
  try {
    const other = join(folder, 'other.json');
    const text = readFileSync(against, 'utf8');
    writeFileSync(other, text.replace(/"leastTimeS":([\d.]+)/, '"leastTimeS":1$1'));
    const refused = await compare('max-frequency', '--against', other);
    t.is(refused.code, 2);
    t.regex(refused.err, /was stored when the suite had other cases; store it again with --store/);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('--planner of plan and run takes planners from elsewhere', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'planner-'));
  try {
    const profile = join(folder, 'profile.csv');
    const rows = [0, 1].flatMap((stage) =>
      ['forward', 'backward'].flatMap((kind) =>
        [1400, 1200, 1000].map((f) => `${stage},${kind},${f},${140 / f + stage / 50},${f / 20}`),
      ),
    );
    writeFileSync(profile, ['stage,instruction,frequency,time,energy', ...rows, ''].join('\n'));
    const perseus = JSON.stringify(projectFile('dist/src/planner/perseus/perseus.js'));
    const mine = join(folder, 'mine.mjs');
    writeFileSync(
      mine,
      `import { perseus } from ${perseus};
       export const planner = { name: 'mine', plan: (problem) => perseus.plan(problem) };`,
    );
    const plan = (...more: string[]) =>
      begin(['plan', profile, '--microbatches', '3', '--blocking-power', '70', ...more]).ended;
    for (const what of [[], ['--straggler', '1.1'], ['--deadline', '1.2', '--format', 'json']]) {
      const builtIn = await plan(...what);
      const external = await plan(...what, '--planner', mine);
      t.is(builtIn.code, 0, builtIn.err);
      // A plan in JSON names its planner.
      t.deepEqual({ ...external, out: external.out.replace(mine, 'perseus') }, builtIn);
    }
    const late = await plan('--deadline', '0.01', '--planner', mine);
    t.is(late.code, 2);
    t.regex(late.err, /^no plan finishes within 0.01 s: the fastest one takes /);
    const crash = join(folder, 'crash.mjs');
    writeFileSync(
      crash,
      'export default { name: "x", plan() { throw new Error("no stage 3"); } };',
    );
    const broken = await plan('--planner', crash);
    t.deepEqual(broken, { code: 4, out: '', err: `${crash} is broken: it failed: no stage 3\n` });
    const scenario = projectFile('test/fixtures/good/two-stages.yaml');
    const run = await begin(['run', scenario, '--planner', mine, '--format', 'csv']).ended;
    t.is(run.code, 0, run.err);
    const [, , , ofPerseus, ofMine] = run.out.split('\n');
    t.is(ofMine!.replace(mine, 'perseus'), ofPerseus!);
    const bad = await begin(['run', scenario, '--planner', crash]).ended;
    t.deepEqual([bad.code, bad.out], [4, '']);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('robustness says what is wrong with a planner, and with what it was asked', async (t) => {
  const robustness = (...args: string[]) => begin(['robustness', ...args]).ended;
  const twice = await robustness('perseus', 'perseus', '--seeds', '0');
  t.is(twice.code, 2);
  t.regex(twice.err, /--seeds: found "0", expected a whole number of at least 1\n/);
  t.regex(twice.err, /planners: found perseus twice, expected it once\n/);
});

test('the committed curves of robustness are those of this version', async (t) => {
  const planner = 'envpipe';
  const { code, out, err } = await begin(['robustness', planner, '--format', 'csv']).ended;
  t.is(code, 0, err);
  const committed = readFileSync(projectFile('results/robustness.csv'), 'utf8').split('\n');
  const isOfPlanner = (line: string) => line.startsWith('planner,') || line.startsWith(planner);
  const lines = out.trimEnd().split('\n');
  t.is(lines.length, 1 + 2 * (5 + 5 + 5 + 7));
  t.deepEqual(lines, committed.filter(isOfPlanner));
});

const WRONG: readonly (readonly [string[], RegExp])[] = [
  [['perseus'], /planners: found 1, expected two: base and candidate/],
  [['perseus', 'persius'], /candidate: found "persius".*did you mean "perseus"\?/],
  [
    ['perseus', projectFile('README.md')],
    /README\.md, which is neither a \.js file nor an executable program/,
  ],
  [['perseus', 'perseus', '--level', '2'], /--level: found "2", expected a probability below 1/],
  [
    ['perseus', 'perseus', '--output', '/nowhere/x'],
    /\/nowhere\/x: cannot be written: there is no/,
  ],
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
