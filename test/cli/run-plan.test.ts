import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { EXIT } from '../../sim/cli/program.js';
import { projectFile } from '../support/files.js';
import { runInProcess } from '../support/in-process.js';
import { plannedRowComesBack } from '../support/given-plans.js';

const PROFILE = projectFile('test/fixtures/good/two-stages.csv');

/** A small job in a folder that is removed after the test. */
function job(t: ExecutionContext, fields = '', policies = '[max-frequency, perseus]') {
  const folder = mkdtempSync(join(tmpdir(), 'pipewatt-given-'));
  t.teardown(() => {
    rmSync(folder, { recursive: true });
  });
  const scenario = join(folder, 'job.yaml');
  writeFileSync(
    scenario,
    `name: job\nprofile: { csv: ${PROFILE}, blockingPowerW: 80 }\nunitTimeS: 0.001\npolicies: ${policies}\n${fields}`,
  );
  return { folder, scenario };
}

async function pipewatt(...args: string[]) {
  const { code, out, err } = await runInProcess(args);
  if (code !== EXIT.ok) throw new Error(`exit ${code}: ${err}`);
  return { out, err };
}

const PIPELINE = 'pipeline: { stages: 2, microbatches: 4 }\n';

/** Jobs whose planned row must come back; those with stragglers from the whole frontier. */
const JOBS: readonly (readonly [string, string])[] = [
  ['1F1B', PIPELINE],
  ['three GPUs a stage', `${PIPELINE}tensorParallel: 3\npipelines: 5\n`],
  ['GPipe', 'pipeline: { schedule: gpipe, stages: 2, microbatches: 4 }\n'],
  [
    'interleaved',
    'pipeline: { schedule: interleaved, stages: 2, microbatches: 4, chunks: 2 }\nimbalance: { factors: [1, 1.1, 0.9, 1] }\n',
  ],
  [
    'early recomputation',
    'pipeline: { schedule: early-recomputation-1f1b, stages: 2, microbatches: 4 }\n',
  ],
  ['zero bubble', 'pipeline: { schedule: zb-h1, stages: 2, microbatches: 4 }\ntensorParallel: 3\n'],
  ['transfers', `${PIPELINE}tensorParallel: 7\ntiming: { loadingS: 0.003, transferS: 0.004 }\n`],
  ['a unit time that is no power of ten', `${PIPELINE}scale: 3.7\ntensorParallel: 3\n`],
  ['a straggler', `${PIPELINE}pipelines: 4\nstragglers: [{ pipeline: 1, slowdown: 1.07 }]\n`],
  [
    'transfers and stragglers',
    `${PIPELINE}tensorParallel: 3\npipelines: 4\ntiming: { transferS: 0.003 }\nstragglers: [{ pipeline: 1, slowdown: 1.04 }, { pipeline: 3, slowdown: 1.1 }]\n`,
  ],
  [
    'jitter, a throttled GPU, over time',
    `${PIPELINE}pipelines: 3\niterations: 5\njitter: {}\nstragglers: [{ pipeline: 0, cause: throttle, clockLimitMHz: 1100, fromS: 1 }]\n`,
  ],
  ['a limit on the job', `${PIPELINE}power: { jobLimitW: 500 }\n`],
];

for (const [name, fields] of JOBS) {
  test.serial(`the row of a planned policy comes back from its files: ${name}`, async (t) => {
    const { scenario, folder } = job(t, fields);
    await plannedRowComesBack(t, scenario, folder);
  });
}

for (const policy of ['zeus-global', 'zeus-per-stage', 'envpipe', 'perseus-hull']) {
  test.serial(`the row of a planned policy comes back from its files: ${policy}`, async (t) => {
    const { scenario, folder } = job(
      t,
      `${PIPELINE}tensorParallel: 3\n`,
      `[max-frequency, ${policy}]`,
    );
    await plannedRowComesBack(t, scenario, folder, policy);
  });
}

test.serial('a plan of zeros is the job without a planner', async (t) => {
  const { scenario, folder } = job(t, PIPELINE);
  const zeros = new Array<number>(8).fill(0);
  writeFileSync(join(folder, 'zeros.json'), JSON.stringify([zeros, zeros]));
  const { out } = await pipewatt(
    'run',
    scenario,
    '--plan',
    join(folder, 'zeros.json'),
    '--format',
    'csv',
  );
  const [, baseline, , given] = out.split('\n');
  t.is(given!.replace('zeros.json', 'max-frequency'), baseline!);
});

test.serial('a given plan is in the table, the JSON, the report and the trace', async (t) => {
  const { scenario, folder } = job(t, PIPELINE);
  const plan = join(folder, 'our <plan>, new.json');
  await pipewatt('plan', scenario, '--format', 'json', '--output', plan);
  const run = ['run', scenario, '--plan', plan, '--no-bound'];
  const report = join(folder, 'report.html');
  const trace = join(folder, 'trace.json');
  const { out } = await pipewatt(...run, '--report', report, '--trace', trace);
  t.regex(out, /^our <plan>, new\.json +/m);
  const html = readFileSync(report, 'utf8');
  t.true(html.includes('our &lt;plan&gt;, new.json'));
  t.false(html.includes('our <plan>'));
  t.true(readFileSync(trace, 'utf8').includes('our <plan>, new.json'));
  const { policies } = JSON.parse((await pipewatt(...run, '--format', 'json')).out) as {
    policies: { policy: string; saving_pct: number }[];
  };
  t.is(policies.length, 3);
  t.is(policies[2]!.policy, 'our <plan>, new.json');
  t.is(policies[2]!.saving_pct, policies[1]!.saving_pct);
});

test.serial('one file is the plan of all pipelines, whatever happens', async (t) => {
  const straggler = 'pipelines: 4\nstragglers: [{ pipeline: 1, slowdown: 1.1 }]\n';
  const { scenario, folder } = job(t, PIPELINE + straggler);
  const row = async (...options: string[]) => {
    const path = join(folder, `${options.at(-1)!}.csv`);
    await pipewatt('plan', scenario, '--format', 'csv', '--output', path, ...options);
    const { out } = await pipewatt(
      'run',
      scenario,
      '--plan',
      path,
      '--no-bound',
      '--format',
      'csv',
    );
    const [header, ...rows] = out.trimEnd().split('\n');
    const at = header!.split(',').indexOf('simulated_time_s');
    return rows.map((line) => Number(line.split(',')[at]));
  };
  const [baseS, perseusS, fastestS] = await row('--straggler', '1');
  t.is(fastestS, perseusS, 'the fastest plan ends with the straggler, as Perseus does');
  const [, , slowS] = await row('--straggler', '1.1');
  t.true(slowS! > 1.05 * baseS!, 'the straggler runs the slow plan too: Zeus serves one to all');
});

/** Runs with a plan that is refused, and the messages. */
test.serial(
  'plans that do not fit are refused, and everything wrong is told at once',
  async (t) => {
    const { scenario, folder } = job(t, PIPELINE);
    const plan = join(folder, 'plan.py');
    const refused = async (text: string, ...more: string[]) => {
      writeFileSync(plan, text);
      const { code, out, err } = await runInProcess(['run', scenario, '--plan', plan, ...more]);
      t.is(code, EXIT.wrongInput);
      t.is(out, '');
      return err.replaceAll(folder, 'F');
    };
    t.is(await refused('[[1410]]'), 'F/plan.py: has clocks of 1 stages, but the job has 2\n');
    t.regex(
      await refused("[[('forward', 'norm_0-none-12-1024')]]"),
      /^F\/plan\.py:1, column 1: is a schedule of Kareus, which names the kernels/,
    );
    t.is(
      await refused('[[1410], [None]]', '--format', 'xml'),
      'pipewatt run, --format: found "xml", expected table, json, csv, markdown, latex\nF/plan.py:1, column 11: found None, expected ' +
        "('forward', 1410) or a clock in MHz\n",
    );
    t.is(
      await refused('[[1410]]', '--planner', 'python3 x.py'),
      'pipewatt run, --plan: cannot be used with an external --planner, which runs in a process of its own; run once with each\n',
    );
    const { err } = await runInProcess(['run', scenario, '--plan', folder]);
    t.is(
      err.replaceAll(folder, 'F'),
      'F: has no file freqs_pipeline_00000.py or of another number; pipewatt plan --format zeus makes them\n',
    );
    const missing = await runInProcess(['run', scenario, '--plan', join(folder, 'none.py')]);
    t.regex(missing.err, /none\.py: cannot be read: there is no such file or folder/);
  },
);

test.serial('a plan that draws more than the site allows is refused', async (t) => {
  const { scenario, folder } = job(t, `${PIPELINE}power: { jobLimitW: 500 }\n`);
  const highest = new Array<number>(8).fill(0);
  const plan = join(folder, 'high.json');
  writeFileSync(plan, JSON.stringify([highest, highest]));
  const { code, err } = await runInProcess(['run', scenario, '--plan', plan, '--no-bound']);
  t.is(code, EXIT.wrongInput);
  t.regex(
    err,
    /power\.jobLimitW: found 500 W, but high\.json draws \d+ W with its slowest plan; allow/,
  );
});

test.serial('an output is never one of the plans', async (t) => {
  const { scenario, folder } = job(t, PIPELINE);
  await pipewatt('plan', scenario, '--format', 'zeus', '--output', folder);
  const [plan] = readdirSync(folder).filter((name) => name.endsWith('.py'));
  const path = join(folder, plan!);
  const before = readFileSync(path, 'utf8');
  const { code, err } = await runInProcess(['run', scenario, '--plan', folder, '--output', path]);
  t.is(code, EXIT.wrongInput);
  t.regex(err, /which the command reads/);
  t.is(readFileSync(path, 'utf8'), before);
});
