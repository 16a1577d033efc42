import test from 'ava';
import { oneFOneB } from '../../src/pipeline/one-f-one-b.js';
import { perseus } from '../../src/planner/perseus/perseus.js';
import type { FrequencyPlan, Plans } from '../../src/planner/planner.js';
import { planningProblem } from '../../src/planner/planning-problem.js';
import { readStageProfile } from '../../src/profile/read-csv.js';
import { baselineEnergy, plannedJob, type PlannedSetting } from '../../sim/run/planned-job.js';
import { STAGES, TABLE_6 } from '../support/paper.js';
import { readSharedData, testWithSharedData } from '../support/shared-data.js';

/**
 * Figure 7 of the paper, recomputed from the artifact's raw data: energy reduction in percent of
 * 16 pipelines of 96 microbatches, one of them 1.2 times slower.
 */
const FIGURE_7: Readonly<Record<string, number>> = {
  'gpt3-175b+a100_sxm': 27.012699,
  'gpt3-175b+a40': 23.575644,
  'bloom+a100_sxm': 29.881358,
  'bloom+a40': 21.090338,
};
const SLOWDOWN = 1.2;

/** The artifact stops where a pipeline's own energy, waiting for nobody, is least. */
function artifactsChoice(plans: Plans, stragglerS: number): number {
  let best = plans.point(plans.pointCount - 1);
  for (let k = plans.pointCount - 2; k >= 0; k--) {
    const point = plans.point(k);
    if (point.timeS <= stragglerS && point.energyJ < best.energyJ) best = point;
  }
  return best.timeS;
}

for (const { profile, unitTimeS, blockingPowerW } of TABLE_6) {
  testWithSharedData(`figure 7: ${profile}`, (t) => {
    const file = `sosp24/stage_profiles/${profile}_bf16.csv`;
    const problem = planningProblem(
      oneFOneB(STAGES, 96),
      readStageProfile(readSharedData(file), file),
      { unitTimeS, blockingPowerW, gpusPerStage: 8 },
    );
    const setting: PlannedSetting = {
      problem,
      job: {
        pipelines: 16,
        stragglers: [{ pipeline: 0, slowdown: SLOWDOWN, cause: 'busy' }],
      },
    };
    const plans = perseus.plan(problem);
    const fastest = plans.fastest;
    const stragglerS = SLOWDOWN * fastest.plannedTimeS;
    const asPublished = plans.planAt(artifactsChoice(plans, stragglerS) * (1 + 1e-12));
    // The paper counts savings against the highest clocks in the time of the fastest plan.
    const base = {
      ...fastest,
      plannedEnergyJ: baselineEnergy(problem, fastest.plannedTimeS),
    };
    const baseJ = plannedJob(setting, base, base).energyJ;
    const savingPct = (healthy: FrequencyPlan) =>
      100 * (1 - plannedJob(setting, fastest, healthy).energyJ / baseJ);
    const published = savingPct(asPublished);
    const ours = savingPct(plans.forStraggler(stragglerS));
    t.log(
      `published ${FIGURE_7[profile]!.toFixed(2)} %, its rule ${published.toFixed(3)} %, min(T', T*) ${ours.toFixed(2)} %`,
    );
    t.true(Math.abs(published - FIGURE_7[profile]!) < 0.01);
    t.true(ours >= published - 1e-9, 'whoever waits anyway may as well go slower still');
  });
}

/** One instruction pair; what each pipeline uses can be added up by hand. */
function byHand(cause: 'busy' | 'stall') {
  const profile = readStageProfile(
    'stage,instruction,frequency,time,energy\n0,forward,1000,1,300\n0,forward,500,2,400\n0,backward,1000,2,600\n0,backward,500,3,500\n0,forward,400,2.5,250\n',
    'by-hand',
  );
  const problem = planningProblem(oneFOneB(1, 1), profile, {
    unitTimeS: 1,
    blockingPowerW: 10,
    gpusPerStage: 2,
  });
  const plan = (plannedTimeS: number, plannedEnergyJ: number) => ({
    planner: 'by hand',
    plannedTimeS,
    plannedEnergyJ,
    frequencyMHz: new Float64Array(2),
    durationTicks: new Int32Array(2),
  });
  const job = { pipelines: 3, stragglers: [{ pipeline: 1, slowdown: 2, cause }] };
  return plannedJob({ problem, job }, plan(3, 1800), plan(5, 1100));
}

test('a busy straggler uses a multiple of its plan’s energy, healthy pipelines then wait', (t) => {
  // 2 · 1800 J; twice 1100 J and 1 s of 2 GPUs at 10 W.
  const job = byHand('busy');
  t.is(job.timeS, 6);
  t.is(job.energyJ, 3600 + 2 * (1100 + 20));
});

test('a stalled straggler waits during the extra time', (t) => {
  const job = byHand('stall');
  t.is(job.energyJ, 1800 + 60 + 2 * (1100 + 20));
});
