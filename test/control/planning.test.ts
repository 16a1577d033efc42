import test from 'ava';
import { LIBRARY } from '../../sim/disk/catalog-files.js';
import { plannedSchedules } from '../../sim/control/planning/kept-plans.js';
import { startPlanning } from '../../sim/control/planning/start-planning.js';
import { loadScenario } from '../../sim/scenario/scenario.js';
import { scenarioSetting } from '../../sim/scenario/scenario-setting.js';
import { policyPlans } from '../../sim/run/policy-plans.js';
import { POLICY_NAMES } from '../../src/planner/policy-names.js';
import { planningRequest, problemsOf } from '../support/planning-request.js';

test('a plan is that of the scenario with the registered degrees', (t) => {
  const planned = plannedSchedules(
    planningRequest({ stragglers: [{ pipeline: 2, slowdown: 1.2 }] }),
  );
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
    const planned = plannedSchedules(
      planningRequest({ policy: policy.replace('-', ' ').toUpperCase() }),
    );
    t.is(planned.policy, policy);
    t.is(planned.healthy.flat().length, 96);
  }
});

test('a straggler in seconds is as slow as makes it take that long', (t) => {
  const none = plannedSchedules(planningRequest());
  const { timeS } = none.fastest;
  const by = (seconds: number) =>
    plannedSchedules(planningRequest({ stragglers: [{ pipeline: 0, seconds }] }));
  t.is(by(1.2 * timeS).stragglerTimeS, 1.2 * timeS);
  // Measurements scatter: less than 0.05 % is nothing.
  t.deepEqual(by(1.0004 * timeS), none);
  t.deepEqual(by(0.5 * timeS), none);
  t.true(by(1.0006 * timeS).stragglerTimeS > timeS);
  // Overheads do not become slower.
  const scenarioText = `${planningRequest().scenarioText}timing: {transferS: 0.02}\n`;
  const withOverheads = plannedSchedules(planningRequest({ scenarioText }));
  const seconds = 1.3 * withOverheads.fastest.timeS;
  const slow = plannedSchedules(
    planningRequest({ scenarioText, stragglers: [{ pipeline: 0, seconds }] }),
  );
  t.true(Math.abs(slow.stragglerTimeS / seconds - 1) < 0.002, `${slow.stragglerTimeS} ${seconds}`);
});

test('the last report of a pipeline counts, and simulated stragglers of a scenario do not', (t) => {
  const scenarioText = `${planningRequest().scenarioText}stragglers: [{pipeline: 1, slowdown: 2}]\n`;
  t.is(
    plannedSchedules(planningRequest({ scenarioText })).stragglerTimeS,
    plannedSchedules(planningRequest()).stragglerTimeS,
  );
  const stragglers = [
    { pipeline: 1, slowdown: 2 },
    { pipeline: 1, slowdown: 1 },
  ];
  t.deepEqual(
    plannedSchedules(planningRequest({ stragglers })),
    plannedSchedules(planningRequest()),
  );
});

test('every contradiction and wrong field is named, and no file is read', async (t) => {
  const scenarioText = [
    'profile: {model: ../../etc/model.yaml, gpu: /etc/passwd.yaml, microbatch: 1}',
    'pipeline: {stages: 4, microbatches: -1}',
    'pipelines: 64',
    'tensorParallel: two',
  ].join('\n');
  const found = await problemsOf(() => plannedSchedules(planningRequest({ scenarioText })));
  t.deepEqual(found, [
    'pipeline.stages: found 4, but the job registered with pp_degree 8; leave it out, or write 8',
    'pipelines: found 64, but the job registered with dp_degree 4; leave it out, or write 4',
    'tensorParallel: found "two", but the job registered with tp_degree 2; leave it out, or write 2',
    'pipeline.microbatches: found -1, expected a number of at least 1',
    'profile.model: found ../../etc/model.yaml, but no file of the server is read; name one of the catalog',
    'profile.gpu: found /etc/passwd.yaml, but no file of the server is read; name one of the catalog',
  ]);
  t.deepEqual(
    await problemsOf(() => plannedSchedules(planningRequest({ profileCsv: undefined }))),
    ['profile.csv: needs the profile of this job; send it by PUT /jobs/{job_id}/profile'],
  );
  const stragglers = [
    { pipeline: 4, slowdown: 1.1 },
    { pipeline: 1, slowdown: 120 },
    { pipeline: 0, seconds: 5000 },
  ];
  t.deepEqual(await problemsOf(() => plannedSchedules(planningRequest({ stragglers }))), [
    '[0].pipeline: found 4, expected a whole number from 0 to 3',
    '[1].slowdown: found 120, expected a number from 1 to 100 (a factor on the time; 1.2 is 20 % slower); that looks like percent: write 1.2',
    '[2].seconds: found 5000, expected the time of one iteration, which takes 1.906 s when nothing is slow',
  ]);
  t.true(
    (await problemsOf(() => plannedSchedules(planningRequest({ policy: 'persus' }))))[0]!.includes(
      'perseus',
    ),
  );
});

test.serial('a thread answers as the pure function does, and tells what is wrong', async (t) => {
  const planning = startPlanning();
  const straggler = planningRequest({ stragglers: [{ pipeline: 3, slowdown: 1.15 }] });
  t.deepEqual(await planning.plan(planningRequest()), plannedSchedules(planningRequest()));
  t.deepEqual(await planning.plan(straggler), plannedSchedules(straggler));
  const wrong = planningRequest({ jobId: 'wrong', scenarioText: 'pipeline: {microbatches: 6}\n' });
  const [problem] = await problemsOf(() => planning.plan(wrong));
  t.true(problem!.startsWith('profile: '), problem);
  await planning.close();
  await t.throwsAsync(planning.plan(planningRequest()), { message: 'planning has ended' });
});
