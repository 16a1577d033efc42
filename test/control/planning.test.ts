import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import test from 'ava';
import { InputError } from '../../src/errors.js';
import { catalogProfile } from '../../sim/hardware/catalog.js';
import { LIBRARY } from '../../sim/disk/catalog-files.js';
import { plannedSchedules } from '../../sim/control/planning/kept-plans.js';
import { startPlanning } from '../../sim/control/planning/start-planning.js';
import type { PlanningRequest } from '../../sim/control/planning/planning-request.js';
import { loadScenario } from '../../sim/scenario/scenario.js';
import { scenarioSetting } from '../../sim/scenario/scenario-setting.js';
import { policyPlans } from '../../sim/run/policy-plans.js';
import { POLICY_NAMES } from '../../src/planner/policies.js';
import { profileText } from '../support/profile-text.js';
import { projectFile } from '../support/files.js';

const ENTRY = LIBRARY.entry('gpt3-175b-a100-sxm', { source: 'test' });
const CSV = profileText(catalogProfile(ENTRY));

function request(fields: Partial<PlanningRequest> = {}): PlanningRequest {
  return {
    jobId: 'job',
    degrees: { pp: 8, dp: 4, tp: 2 },
    scenarioText: `profile: {csv: mine.csv, blockingPowerW: 76.8}\npipeline: {microbatches: 6}\nunitTimeS: 0.002\n`,
    profileCsv: CSV,
    policy: 'perseus',
    stragglers: [],
    ...fields,
  };
}

/** Longer than any test waits. */
const LARGE = request({
  jobId: 'large',
  scenarioText:
    'profile: {catalog: gpt3-175b-a100-sxm}\npipeline: {microbatches: 2000}\nunitTimeS: 0.00005\n',
});

/** Too many instructions for little memory. */
const HUGE = request({
  jobId: 'huge',
  scenarioText: 'profile: {catalog: gpt3-175b-a100-sxm}\npipeline: {microbatches: 60000}\n',
});

async function problemsOf(run: () => unknown): Promise<readonly string[]> {
  try {
    await run();
  } catch (error) {
    if (error instanceof InputError)
      return error.problems.map((p) => `${p.field ?? ''}: ${p.message}`);
    throw error;
  }
  return [];
}

test('a plan is that of the scenario with the registered degrees', (t) => {
  const planned = plannedSchedules(request({ stragglers: [{ pipeline: 2, slowdown: 1.2 }] }));
  const yaml = `name: x\nprofile: {catalog: gpt3-175b-a100-sxm}\nscale: 1\npower: {blockingW: 76.8}\npipeline: {stages: 8, microbatches: 6}\ntensorParallel: 2\npipelines: 4\nunitTimeS: 0.002\nstragglers: [{pipeline: 2, slowdown: 1.2}]\n`;
  const { scenario, profile } = loadScenario(yaml, 's.yaml', LIBRARY);
  const setting = scenarioSetting(scenario, {
    ...profile,
    profile: { ...profile.profile, origin: 'measured' },
  });
  const plans = policyPlans(setting, 'perseus');
  const deployed = plans.forStragglers(setting.stragglers);
  t.is(planned.stragglerTimeS, deployed.stragglerTimeS);
  t.is(planned.chosen.energyJ, deployed.healthy.plannedEnergyJ);
  t.is(planned.fastest.timeS, plans.fastest.plannedTimeS);
  t.deepEqual(
    planned.healthy.flat().map(({ frequencyMHz }) => frequencyMHz),
    [...deployed.healthy.frequencyMHz],
  );
  t.deepEqual(Object.keys(planned.ofStragglers), ['2']);
  t.deepEqual(
    planned.ofStragglers[2]!.flat().map(({ frequencyMHz }) => frequencyMHz),
    [...plans.fastest.frequencyMHz],
  );
  t.is(planned.healthy.length, 8);
  t.deepEqual(
    planned.healthy[7]!.slice(0, 4).map(({ kind }) => kind),
    ['forward', 'backward', 'forward', 'backward'],
  );
  t.is(planned.frontierPoints, plans.plans.pointCount);
  t.true(planned.frontier.length <= 300);
  t.is(planned.frontier.at(-1)!.timeS, planned.fastest.timeS);
  t.is(planned.frontier[0]!.timeS, plans.plans.point(0).timeS);
});

test('every policy is served, in any spelling', (t) => {
  for (const policy of POLICY_NAMES) {
    const planned = plannedSchedules(request({ policy: policy.replace('-', ' ').toUpperCase() }));
    t.is(planned.policy, policy);
    t.is(planned.healthy.flat().length, 96);
  }
});

test('a straggler in seconds is as slow as makes it take that long', (t) => {
  const none = plannedSchedules(request());
  const { timeS } = none.fastest;
  const by = (seconds: number) =>
    plannedSchedules(request({ stragglers: [{ pipeline: 0, seconds }] }));
  t.is(by(1.2 * timeS).stragglerTimeS, 1.2 * timeS);
  // Measurements scatter: less than 0.05 % is nothing.
  t.deepEqual(by(1.0004 * timeS), none);
  t.deepEqual(by(0.5 * timeS), none);
  t.true(by(1.0006 * timeS).stragglerTimeS > timeS);
  // Overheads do not become slower.
  const scenarioText = `${request().scenarioText}timing: {transferS: 0.02}\n`;
  const withOverheads = plannedSchedules(request({ scenarioText }));
  const seconds = 1.3 * withOverheads.fastest.timeS;
  const slow = plannedSchedules(request({ scenarioText, stragglers: [{ pipeline: 0, seconds }] }));
  t.true(Math.abs(slow.stragglerTimeS / seconds - 1) < 0.002, `${slow.stragglerTimeS} ${seconds}`);
});

test('the last report of a pipeline counts, and simulated stragglers of a scenario do not', (t) => {
  const scenarioText = `${request().scenarioText}stragglers: [{pipeline: 1, slowdown: 2}]\n`;
  t.is(
    plannedSchedules(request({ scenarioText })).stragglerTimeS,
    plannedSchedules(request()).stragglerTimeS,
  );
  const stragglers = [
    { pipeline: 1, slowdown: 2 },
    { pipeline: 1, slowdown: 1 },
  ];
  t.deepEqual(plannedSchedules(request({ stragglers })), plannedSchedules(request()));
});

test('every contradiction and wrong field is named, and no file is read', async (t) => {
  const scenarioText = [
    'profile: {model: ../../etc/model.yaml, gpu: /etc/passwd.yaml, microbatch: 1}',
    'pipeline: {stages: 4, microbatches: -1}',
    'pipelines: 64',
    'tensorParallel: two',
  ].join('\n');
  const found = await problemsOf(() => plannedSchedules(request({ scenarioText })));
  t.deepEqual(found, [
    'pipeline.stages: found 4, but the job registered with pp_degree 8; leave it out, or write 8',
    'pipelines: found 64, but the job registered with dp_degree 4; leave it out, or write 4',
    'tensorParallel: found "two", but the job registered with tp_degree 2; leave it out, or write 2',
    'pipeline.microbatches: found -1, expected a number of at least 1',
    'profile.model: found ../../etc/model.yaml, but no file of the server is read; name one of the catalog',
    'profile.gpu: found /etc/passwd.yaml, but no file of the server is read; name one of the catalog',
  ]);
  t.deepEqual(await problemsOf(() => plannedSchedules(request({ profileCsv: undefined }))), [
    'profile.csv: needs the profile of this job; send it by PUT /jobs/{job_id}/profile',
  ]);
  const stragglers = [
    { pipeline: 4, slowdown: 1.1 },
    { pipeline: 1, slowdown: 120 },
    { pipeline: 0, seconds: 5000 },
  ];
  t.deepEqual(await problemsOf(() => plannedSchedules(request({ stragglers }))), [
    '[0].pipeline: found 4, expected a whole number from 0 to 3',
    '[1].slowdown: found 120, expected a number from 1 to 100 (a factor on the time; 1.2 is 20 % slower); that looks like percent: write 1.2',
    '[2].seconds: found 5000, expected the time of one iteration, which takes 1.906 s when nothing is slow',
  ]);
  t.true(
    (await problemsOf(() => plannedSchedules(request({ policy: 'persus' }))))[0]!.includes(
      'perseus',
    ),
  );
});

test.serial('a thread answers as the pure function does, and tells what is wrong', async (t) => {
  const planning = startPlanning();
  const straggler = request({ stragglers: [{ pipeline: 3, slowdown: 1.15 }] });
  t.deepEqual(await planning.plan(request()), plannedSchedules(request()));
  t.deepEqual(await planning.plan(straggler), plannedSchedules(straggler));
  const wrong = request({ jobId: 'wrong', scenarioText: 'pipeline: {microbatches: 6}\n' });
  const [problem] = await problemsOf(() => planning.plan(wrong));
  t.true(problem!.startsWith('profile: '), problem);
  await planning.close();
  await t.throwsAsync(planning.plan(request()), { message: 'planning has ended' });
});

test.serial('short planning does not wait for long planning', async (t) => {
  const planning = startPlanning({ mostAtOnce: 1 });
  const ended: string[] = [];
  const large = planning.plan(LARGE).then(
    () => ended.push('large'),
    () => ended.push('large stopped'),
  );
  const small = [1, 2, 3].map(async (k) => {
    await planning.plan(request({ jobId: `small ${k}` }));
    ended.push(`small ${k}`);
  });
  await Promise.all(small);
  t.deepEqual(ended, ['small 1', 'small 2', 'small 3']);
  planning.forget('large');
  await large;
  t.is(ended.at(-1), 'large stopped');
  await planning.close();
});

test.serial(
  'a request that is given up stops its thread, unless its plans are wanted at once',
  async (t) => {
    const planning = startPlanning({ mostAtOnce: 1, mostThreads: 1 });
    const abort = new AbortController();
    const given = planning.plan(LARGE, abort.signal);
    setTimeout(() => {
      abort.abort(new Error('gone'));
    }, 300);
    await t.throwsAsync(given, { message: 'gone' });
    // The only thread is free again.
    t.is((await planning.plan(request())).policy, 'perseus');
    const second = new AbortController();
    const first = planning.plan(request({ jobId: 'b' }), second.signal);
    second.abort(new Error('changed'));
    await t.throwsAsync(first, { message: 'changed' });
    const stragglers = [{ pipeline: 0, slowdown: 1.5 }];
    const next = await planning.plan(request({ jobId: 'b', stragglers }));
    t.deepEqual(next, plannedSchedules(request({ stragglers })));
    await t.throwsAsync(planning.plan(request(), AbortSignal.abort(new Error('before'))), {
      message: 'before',
    });
    await planning.close();
  },
);

test.serial(
  'an idle thread ends, and its job is planned anew when it is asked about',
  async (t) => {
    const planning = startPlanning({ idleS: 0.05, mostThreads: 2 });
    const straggler = request({ stragglers: [{ pipeline: 1, slowdown: 1.2 }] });
    const right = plannedSchedules(straggler);
    await planning.plan(request());
    await sleep(300);
    t.deepEqual(await planning.plan(straggler), right);
    // More jobs than threads: those asked about last keep theirs.
    for (const k of [1, 2, 3, 4]) {
      t.deepEqual(await planning.plan({ ...straggler, jobId: `job ${k}` }), right);
    }
    await planning.close();
  },
);

test('a process whose planning is closed in the middle of it ends after that', (t) => {
  const module = JSON.stringify(
    pathToFileURL(projectFile('dist/sim/control/planning/start-planning.js')).href,
  );
  const script = `
    const { startPlanning } = await import(${module});
    const planning = startPlanning();
    planning.plan(${JSON.stringify(LARGE)}).catch(({ message }) => console.log(message));
    await new Promise((resolve) => setTimeout(resolve, 300));
    await planning.close();
    console.log('closed');`;
  const folder = mkdtempSync(join(tmpdir(), 'planning-'));
  const path = join(folder, 'closes.mjs');
  writeFileSync(path, script);
  const { status, stdout } = spawnSync(process.execPath, [path], {
    encoding: 'utf8',
    timeout: 60_000,
  });
  rmSync(folder, { recursive: true });
  t.is(stdout, 'planning has ended\nclosed\n');
  t.is(status, 0);
});

test.serial('a job that needs too much memory or time fails alone, with a sentence', async (t) => {
  const planning = startPlanning({ memoryMB: 40 });
  const [large, small] = await Promise.all([
    problemsOf(() => planning.plan(HUGE)),
    planning.plan(request()),
  ]);
  t.regex(
    large[0]!,
    /^unitTimeS: planning needs more than the 40 MB of memory that a job may have; choose /,
  );
  t.is(small.policy, 'perseus');
  t.is(
    (await planning.plan(request({ stragglers: [{ pipeline: 0, slowdown: 1.1 }] }))).policy,
    'perseus',
  );
  await planning.close();
  const hasty = startPlanning({ timeLimitS: 1 });
  const late = await problemsOf(() => hasty.plan(LARGE));
  t.regex(late[0]!, /planning takes more than the 1 s that a job may have/);
  await hasty.close();
});

test.serial('plug-ins plan in a process of their own; one that crashes fails alone', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'planning-'));
  const perseus = JSON.stringify(
    pathToFileURL(projectFile('dist/src/planner/perseus/perseus.js')).href,
  );
  const write = (name: string, text: string) => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };
  const good = write(
    'good.mjs',
    `import { perseus } from ${perseus};\nexport const planner = { name: 'mine', plan: (p) => perseus.plan(p) };\n`,
  );
  const crashing = write(
    'crashing.mjs',
    `export const planner = { name: 'mine', plan: () => process.abort() };\n`,
  );
  const planning = startPlanning({ timeLimitS: 60 });
  const stragglers = [{ pipeline: 0, slowdown: 1.1 }];
  const ours = plannedSchedules(request({ stragglers }));
  t.deepEqual(await planning.plan(request({ jobId: 'good', policy: good, stragglers })), {
    ...ours,
    policy: good,
  });
  const error = await t.throwsAsync(planning.plan(request({ jobId: 'crash', policy: crashing })));
  t.regex(error.message, /^planning failed: .*crashing\.mjs crashed its process: SIGABRT/);
  const [missing] = await problemsOf(() => planning.plan(request({ policy: './missing.js' })));
  t.true(missing!.includes('there is no file ./missing.js'), missing);
  await planning.close();
  rmSync(folder, { recursive: true });
});
