import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import test from 'ava';
import { plannedSchedules } from '../../sim/control/planning/kept-plans.js';
import { startPlanning } from '../../sim/control/planning/start-planning.js';
import { projectFile } from '../support/files.js';
import { planningRequest, problemsOf } from '../support/planning-request.js';

/** Longer than any test waits. */
const LARGE = planningRequest({
  jobId: 'large',
  scenarioText:
    'profile: {catalog: gpt3-175b-a100-sxm}\npipeline: {microbatches: 2000}\nunitTimeS: 0.00005\n',
});

/** Too many instructions for little memory. */
const HUGE = planningRequest({
  jobId: 'huge',
  scenarioText: 'profile: {catalog: gpt3-175b-a100-sxm}\npipeline: {microbatches: 60000}\n',
});

test.serial('short planning does not wait for long planning', async (t) => {
  const planning = startPlanning({ mostAtOnce: 1 });
  const ended: string[] = [];
  const large = planning.plan(LARGE).then(
    () => ended.push('large'),
    () => ended.push('large stopped'),
  );
  const small = [1, 2, 3].map(async (k) => {
    await planning.plan(planningRequest({ jobId: `small ${k}` }));
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
    t.is((await planning.plan(planningRequest())).policy, 'perseus');
    const second = new AbortController();
    const first = planning.plan(planningRequest({ jobId: 'b' }), second.signal);
    second.abort(new Error('changed'));
    await t.throwsAsync(first, { message: 'changed' });
    const stragglers = [{ pipeline: 0, slowdown: 1.5 }];
    const next = await planning.plan(planningRequest({ jobId: 'b', stragglers }));
    t.deepEqual(next, plannedSchedules(planningRequest({ stragglers })));
    await t.throwsAsync(planning.plan(planningRequest(), AbortSignal.abort(new Error('before'))), {
      message: 'before',
    });
    await planning.close();
  },
);

test.serial(
  'an idle thread ends, and its job is planned anew when it is asked about',
  async (t) => {
    const planning = startPlanning({ idleS: 0.05, mostThreads: 2 });
    const straggler = planningRequest({ stragglers: [{ pipeline: 1, slowdown: 1.2 }] });
    const right = plannedSchedules(straggler);
    await planning.plan(planningRequest());
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
    planning.plan(planningRequest()),
  ]);
  t.regex(
    large[0]!,
    /^unitTimeS: planning needs more than the 40 MB of memory that a job may have; choose /,
  );
  t.is(small.policy, 'perseus');
  t.is(
    (await planning.plan(planningRequest({ stragglers: [{ pipeline: 0, slowdown: 1.1 }] }))).policy,
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
  const ours = plannedSchedules(planningRequest({ stragglers }));
  t.deepEqual(await planning.plan(planningRequest({ jobId: 'good', policy: good, stragglers })), {
    ...ours,
    policy: good,
  });
  const error = await t.throwsAsync(
    planning.plan(planningRequest({ jobId: 'crash', policy: crashing })),
  );
  t.regex(error.message, /^planning failed: .*crashing\.mjs crashed its process: SIGABRT/);
  const [missing] = await problemsOf(() =>
    planning.plan(planningRequest({ policy: './missing.js' })),
  );
  t.true(missing!.includes('there is no file ./missing.js'), missing);
  await planning.close();
  rmSync(folder, { recursive: true });
});
