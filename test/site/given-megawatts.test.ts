import test from 'ava';
import { InputError } from '../../src/errors.js';
import { PlanCache } from '../../sim/run/plan-cache.js';
import { policyPlans } from '../../sim/run/policy-plans.js';
import { trainingRun } from '../../sim/run/training-run.js';
import { scenarioSetting } from '../../sim/scenario/scenario-setting.js';
import type { Scenario } from '../../sim/scenario/scenario-schema.js';
import { fillSite, type FilledSite, type SiteAnswer } from '../../sim/site/given-megawatts.js';
import { siteRows } from '../../sim/site/site-rows.js';
import { profileOf, scenarioOf } from '../support/made-up.js';

const SITE = { mw: 0.02, pue: 1.25, overheadWPerGpu: 150 };
const COMMUNICATION = { gradientMB: 400, betweenNodes: { bandwidthGBs: 5, latencyS: 1e-4 } };
const PROFILE = profileOf([0.1, 0.13]);

const scenarioWith = (fields: object = {}) =>
  scenarioOf({
    ...{ pipelines: 6, tensorParallel: 2, unitTimeS: 0.002, communication: COMMUNICATION },
    ...{ policies: ['max-frequency', 'perseus'], site: SITE },
    ...fields,
  });

const fill = (scenario: Scenario, mw?: number) =>
  fillSite({ scenario, source: PROFILE, cache: new PlanCache() }, mw);

function lane({ lanes }: SiteAnswer, policy: string, heldBy = 'mean'): FilledSite {
  return lanes.find((each) => each.lane.policy === policy && each.lane.heldBy === heldBy)!.filled!;
}

/** Every plan of perseus with a number of pipelines, all of them simulated in one job. */
function simulated(scenario: Scenario) {
  const setting = scenarioSetting(scenario, PROFILE);
  const { plans } = policyPlans(setting, 'perseus');
  return Array.from({ length: plans.pointCount }, (_, k) => {
    const plan = plans.planAt(plans.point(k).timeS);
    const deployed = { ...policyPlans(setting, 'perseus'), plans };
    const forStragglers = () => ({
      stragglerTimeS: plan.plannedTimeS,
      healthy: plan,
      ofStragglers: new Map(),
    });
    const { timeS, ledger } = trainingRun(setting, { ...deployed, forStragglers }, 'unaware');
    const gpus = scenario.pipelines * 4;
    return { timeS, siteW: 1.25 * (ledger.totalJ / timeS + 150 * gpus), energyJ: ledger.totalJ };
  });
}

const isClose = (a: number, b: number, relative = 1e-9) =>
  Math.abs(a - b) <= relative * Math.max(Math.abs(a), Math.abs(b));

test('the most pipelines and the best plan, as simulating every job finds them', (t) => {
  const found = lane(fill(scenarioWith()), 'perseus');
  let best = { rate: 0, pipelines: 0, siteW: 0, timeS: 0 };
  for (let pipelines = 1; pipelines <= 24; pipelines++) {
    for (const { timeS, siteW } of simulated(scenarioWith({ pipelines }))) {
      const rate = (4 * pipelines) / timeS;
      if (siteW <= 20_000 && rate > best.rate * (1 + 1e-12)) {
        best = { rate, pipelines, siteW, timeS };
      }
    }
  }
  t.is(found.pipelines, best.pipelines);
  t.true(isClose(found.microbatchesPerS, best.rate), `${found.microbatchesPerS}, ${best.rate}`);
  t.true(isClose(found.siteW, best.siteW));
  t.true(isClose(found.timeS, best.timeS));
  t.is(found.gpus, 4 * best.pipelines);
});

test('a fixed global batch is shared by a number of pipelines that divides it', (t) => {
  const site = { ...SITE, globalBatch: 'fixed' };
  const found = lane(fill(scenarioWith({ site })), 'perseus');
  let best = { timeS: Infinity, pipelines: 0 };
  for (const pipelines of [1, 2, 3, 4, 6, 8, 12, 24]) {
    const pipeline = { stages: 2, microbatches: 24 / pipelines };
    for (const { timeS, siteW } of simulated(scenarioWith({ pipelines, pipeline }))) {
      if (siteW <= 20_000 && timeS < best.timeS) best = { timeS, pipelines };
    }
  }
  t.is(found.pipelines, best.pipelines);
  t.is(found.pipelines * found.microbatches, 24);
  t.true(isClose(found.timeS, best.timeS), `${found.timeS}, ${best.timeS}`);
});

test('lanes in their order: setting limits aside fits least, choosing plans fits most', (t) => {
  const answer = fill(scenarioWith({ policies: ['max-frequency', 'zeus-global', 'perseus'] }));
  const rate = (policy: string, heldBy?: string) => lane(answer, policy, heldBy).microbatchesPerS;
  t.true(rate('max-frequency', 'limit') <= rate('max-frequency'));
  t.true(rate('power-limit', 'limit') <= rate('power-limit'));
  t.true(rate('max-frequency') <= rate('power-limit') * (1 + 1e-9), 'one limit limits nothing');
  t.true(rate('zeus-global') <= rate('power-limit') * (1 + 1e-9), 'its limits are among them');
  t.true(rate('power-limit') < rate('perseus'));
  const max = lane(answer, 'max-frequency', 'limit');
  // 4 GPUs of 400 W at the highest clock, their nodes, and PUE.
  t.is(max.point.limitW, 400);
  t.is(max.pipelines, Math.floor(20_000 / (1.25 * 4 * (400 + 150))));
  for (const { filled } of answer.lanes) t.true(filled!.siteW <= 20_000 * (1 + 1e-9));
});

test('one more megawatt brings what a site with it does more', (t) => {
  const scenario = scenarioWith();
  const found = lane(fill(scenario), 'perseus');
  const more = lane(fill(scenario, 1.02), 'perseus');
  t.true(isClose(found.moreWithOneMWPerS, more.microbatchesPerS - found.microbatchesPerS));
});

test('more power, or fewer watts beside GPUs, never do less', (t) => {
  const rateWith = (site: object, mw?: number) =>
    lane(fill(scenarioWith({ site: { ...SITE, ...site } }), mw), 'perseus').microbatchesPerS;
  let last = 0;
  for (const mw of [0.002, 0.003, 0.005, 0.01, 0.02, 0.04]) {
    const rate = rateWith({}, mw);
    t.true(rate >= last, `${mw} MW`);
    last = rate;
  }
  t.true(rateWith({ overheadWPerGpu: 0 }) > rateWith({}));
  t.true(rateWith({ pue: 1 }) > rateWith({}));
  t.is(lane(fill(scenarioWith({ site: { ...SITE, gpus: 15 } })), 'perseus').gpus, 12);
});

test('the point of least energy moves with the overhead, and not with PUE', (t) => {
  const leastWith = (site: object) => {
    const answer = fill(scenarioWith({ site: { ...SITE, mw: undefined, ...site } }));
    return answer.leastEnergy.find(({ policy }) => policy === 'perseus')!;
  };
  const all = simulated(scenarioWith());
  const without = leastWith({ overheadWPerGpu: 0 });
  t.is(without.ofSite.timeS, without.ofGpus.timeS);
  let lastS = Infinity;
  for (const overheadWPerGpu of [0, 50, 150, 400, 1500]) {
    const { ofGpus, ofSite } = leastWith({ overheadWPerGpu });
    const siteJ = ({ timeS, energyJ }: (typeof all)[number]) =>
      1.25 * (energyJ / 6 + overheadWPerGpu * 4 * timeS);
    const leastJ = Math.min(...all.map(siteJ));
    t.true(isClose(ofSite.siteJ, leastJ), `${overheadWPerGpu} W: ${ofSite.siteJ}, ${leastJ}`);
    t.true(isClose(ofGpus.pipelineJ, Math.min(...all.map(({ energyJ }) => energyJ / 6))));
    t.true(ofSite.timeS <= lastS, 'more overhead, a faster plan');
    lastS = ofSite.timeS;
    t.is(leastWith({ overheadWPerGpu, pue: 2 }).ofSite.timeS, ofSite.timeS);
  }
  t.true(lastS < without.ofSite.timeS);
});

test('rows say what was found; without megawatts only the least energy', (t) => {
  const rows = siteRows(fill(scenarioWith()));
  t.deepEqual(
    rows.map(({ policy, held_by }) => `${policy} ${held_by}`),
    [
      'max-frequency limit',
      'max-frequency mean',
      'power-limit limit',
      'power-limit mean',
      'perseus mean',
    ],
  );
  const { pipelines, iteration_time_s, microbatches_per_day, tokens_per_day } = rows[4]!;
  const perDay = (4 * 86_400 * Number(pipelines)) / Number(iteration_time_s);
  t.true(isClose(Number(microbatches_per_day), perDay));
  t.is(tokens_per_day, null, 'tokens are unknown');
  const least = siteRows(fill(scenarioWith({ site: { ...SITE, mw: undefined } })));
  t.deepEqual(
    least.map(({ policy }) => policy),
    ['max-frequency', 'power-limit', 'perseus'],
  );
  t.is(least[2]!['least_site_energy_time_s'], rows[4]!['least_site_energy_time_s']);
});

test('what does not fit is said with what would', (t) => {
  const problem = (site: object, mw?: number) =>
    t.throws(() => fill(scenarioWith({ site: { ...SITE, ...site } }), mw), {
      instanceOf: InputError,
    }).message;
  t.regex(
    problem({}, 0.001),
    /site\.mw: found 0\.001, but one pipeline of 4 GPUs draws at least 0\.00\d MW; allow more/,
  );
  const least = Number(/at least ([\d.]+) MW/.exec(problem({}, 0.001))![1]);
  t.notThrows(() => fill(scenarioWith(), least));
  t.regex(problem({ gpus: 3 }), /site\.gpus: found 3, expected at least the 4 of one pipeline/);
  t.regex(
    problem({ globalBatch: 'fixed' }, 0.001),
    /no number of pipelines that shares the global batch of 24 microbatches fits/,
  );
});
