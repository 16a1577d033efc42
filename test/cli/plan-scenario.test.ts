import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { EXIT } from '../../sim/cli/program.js';
import { readPlanFile } from '../../sim/plans/read-plan.js';
import { projectFile } from '../support/files.js';
import { runInProcess } from '../support/in-process.js';

const PROFILE = projectFile('test/fixtures/good/two-stages.csv');
const JOB = `name: job
profile: { csv: ${PROFILE}, blockingPowerW: 80 }
unitTimeS: 0.001
pipeline: { stages: 2, microbatches: 4 }
pipelines: 4
`;

/** A scenario's file in a folder that is removed after the test. */
function scenarioOf(t: ExecutionContext, text: string) {
  const folder = mkdtempSync(join(tmpdir(), 'pipewatt-plan-'));
  t.teardown(() => {
    rmSync(folder, { recursive: true });
  });
  const path = join(folder, 'job.yaml');
  writeFileSync(path, text);
  return { folder, path };
}

async function jsonOf(...args: string[]) {
  const { code, out, err } = await runInProcess(['plan', ...args, '--format', 'json']);
  if (code !== EXIT.ok) throw new Error(err);
  const plan = JSON.parse(out) as {
    planned_time_s: number;
    planned_energy_j: number;
    instructions: { chunk: number; frequency_mhz: number }[];
  };
  return { ...plan, err };
}

test('a scenario has the plan of its profile, and its frontier', async (t) => {
  const { path } = scenarioOf(t, JOB);
  const ofProfile = [PROFILE, '--microbatches', '4', '--blocking-power', '80'];
  const unit = ['--unit-time', '0.001'];
  const fastest = await jsonOf(path);
  t.is(fastest.err, '');
  t.deepEqual(fastest, await jsonOf(...ofProfile, ...unit, '--straggler', '1'));
  for (const asked of [
    ['--straggler', '1.1'],
    ['--deadline', '0.9'],
  ]) {
    t.deepEqual(await jsonOf(path, ...asked), await jsonOf(...ofProfile, ...unit, ...asked));
  }
  const frontier = async (...args: string[]) =>
    (await runInProcess(['plan', ...args, '--format', 'csv'])).out;
  t.is(await frontier(path, '--frontier', '100000'), await frontier(...ofProfile, ...unit));
  t.is((await frontier(path, '--frontier', '3')).split('\n').length, 1 + 3 + 1);
});

test('stragglers of a scenario: healthy pipelines wait for them, each has its own plan', async (t) => {
  const { path } = scenarioOf(
    t,
    `${JOB}stragglers: [{ pipeline: 0, slowdown: 1.05 }, { pipeline: 2, slowdown: 1.15 }]\n`,
  );
  const fastest = await jsonOf(path, '--straggler', '1');
  const healthy = await jsonOf(path);
  t.deepEqual({ ...healthy, err: '' }, await jsonOf(path, '--straggler', '1.15'));
  t.is(
    healthy.err,
    `This is the plan of the 2 pipelines that are not stragglers, while one takes ${(1.15 * fastest.planned_time_s).toFixed(4)} s.\nSlow pipelines run plans of their own: --pipeline N prints that of one (0, 2).\n`,
  );
  const slowest = await jsonOf(path, '--pipeline', '2');
  t.deepEqual({ ...slowest, err: '' }, fastest, 'the slowest runs the fastest plan');
  t.regex(slowest.err, /^This is the plan of pipeline 2, a straggler\.\n.*\(0\)\.\nPipelines that/);
  const between = await jsonOf(path, '--pipeline', '0');
  t.true(between.planned_time_s > fastest.planned_time_s);
  t.true(1.05 * between.planned_time_s <= 1.15 * fastest.planned_time_s * 1.002);
});

test('a limit on the power of the job takes away the fastest plans', async (t) => {
  const free = scenarioOf(t, JOB);
  const limited = scenarioOf(t, `${JOB}power: { jobLimitW: 2000 }\n`);
  const fastest = await jsonOf(free.path);
  const allowed = await jsonOf(limited.path);
  t.true(allowed.planned_time_s > fastest.planned_time_s);
  const { code, err } = await runInProcess([
    ...['plan', limited.path, '--deadline', String(fastest.planned_time_s)],
  ]);
  t.is(code, EXIT.wrongInput);
  t.regex(err, new RegExp(`the fastest one takes ${allowed.planned_time_s} s`));
});

test('a frontier in files of Zeus has what all frontiers have', async (t) => {
  const { path, folder } = scenarioOf(t, `${JOB}tensorParallel: 3\n`);
  const output = join(folder, 'plans');
  const { code, err } = await runInProcess([
    ...['plan', path, '--format', 'zeus', '--output', output, '--frontier', '100000'],
  ]);
  t.is(code, EXIT.ok, err);
  const names = readdirSync(output).sort();
  t.is(names[0], 'freqs_pipeline_00000.py');
  t.is(names.at(-1), `freqs_pipeline_${String(names.length - 1).padStart(5, '0')}.py`);
  t.is(
    err,
    `wrote ${names.length} plans into ${output}, the fastest as ${join(output, names.at(-1)!)}\n`,
  );
  const costs = names.map(
    (name) => readPlanFile(readFileSync(join(output, name), 'utf8'), name).costs!,
  );
  const times = costs.map(({ totalJ, withWaitingJ }) => (withWaitingJ - totalJ) / (2 * 80));
  const steps = costs.slice(1).map(({ totalJ }, k) => totalJ - costs[k]!.totalJ);
  times.slice(1).forEach((timeS, k) => {
    t.true(Math.abs(times[k]! - timeS - 0.001) < 1e-9, 'steps of one tick');
  });
  costs.slice(1).forEach(({ changeJ }, k) => {
    t.true(Math.abs(changeJ! - steps[k]!) < 1e-9);
  });
  // The fitted curves are convex; rounded to ticks, they are so within a part of a step.
  steps.slice(1).forEach((step, k) => {
    t.true(step >= steps[k]! - 1e-9, `convex at ${k}: ${step} after ${steps[k]!}`);
  });
});

test('parts of a schedule are told apart by their chunk', async (t) => {
  const { path } = scenarioOf(
    t,
    JOB.replace(
      'pipeline: { stages: 2, microbatches: 4 }',
      'pipeline: { schedule: interleaved, stages: 2, microbatches: 4, chunks: 2 }\nimbalance: { factors: [1, 1, 1, 1] }',
    ),
  );
  const { instructions } = await jsonOf(path);
  t.is(instructions.filter(({ chunk }) => chunk === 1).length, instructions.length / 2);
});

test('plans of another frontier in the same folder are pointed out', async (t) => {
  const { path, folder } = scenarioOf(t, JOB);
  const output = join(folder, 'plans');
  const write = (...more: string[]) =>
    runInProcess(['plan', path, '--format', 'zeus', '--output', output, ...more]);
  t.regex((await write('--straggler', '1.1')).err, /^wrote .*freqs_pipeline_\d+\.py\n$/);
  t.regex(
    (await write()).err,
    /\n1 plan was in .*plans before; run --plan .*plans takes them as part/,
  );
});

/** Options that do not go with a kind of file, or with each other, and the messages. */
const REFUSED: readonly (readonly [kind: 'job' | 'profile', options: string, message: string])[] = [
  [
    'job',
    '--stages 2 --microbatches 4 --blocking-power 80 --unit-time 0.001 --tensor-parallel 1 --scale 1',
    [
      '--stages: is for a profile; a scenario says it itself: change its pipeline.stages',
      '--microbatches: is for a profile; a scenario says it itself: change its pipeline.microbatches',
      '--blocking-power: is for a profile; a scenario says it itself: change its power.blockingW',
      '--unit-time: is for a profile; a scenario says it itself: change its unitTimeS',
      '--tensor-parallel: is for a profile; a scenario says it itself: change its tensorParallel',
      '--scale: is for a profile; a scenario says it itself: change its scale',
    ].join('\n'),
  ],
  [
    'job',
    '--pipeline 4',
    '--pipeline: found 4, expected a whole number from 0 to 3: the scenario has 4 pipelines',
  ],
  [
    'profile',
    '--pipeline 0',
    [
      '--microbatches: is missing, expected a whole number from 1 to 100000',
      '--blocking-power: is missing, expected a number from 1 to 2000 W',
      '--pipeline: is for a scenario; a profile has only one pipeline',
    ].join('\n'),
  ],
  [
    'job',
    '--deadline 1 --straggler 1.1 --pipeline 1 --frontier 3',
    [
      '--straggler: cannot be used with --deadline; choose one',
      '--pipeline: cannot be used with --deadline; choose one',
      '--frontier: cannot be used with --deadline; choose one',
    ].join('\n'),
  ],
  [
    'job',
    '--frontier 3 --format nvml',
    '--frontier: cannot be used with --format nvml, which has one plan',
  ],
  [
    'job',
    '--frontier 3 --format zeus',
    '--output: is missing, expected a folder for the files of the frontier',
  ],
];

for (const [kind, options, message] of REFUSED) {
  test(`refused with a ${kind}: ${options}`, async (t) => {
    const { path } = scenarioOf(t, JOB);
    const file = kind === 'job' ? path : PROFILE;
    const { code, out, err } = await runInProcess(['plan', file, ...options.split(' ')]);
    t.is(code, EXIT.wrongInput);
    t.is(out, '');
    t.is(err.replaceAll('pipewatt plan, ', ''), `${message}\n`);
  });
}
