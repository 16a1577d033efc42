import test from 'ava';
import { jobSteps } from '../../sim/power/trace/job-steps.js';
import { chartSvg } from '../../sim/report/charts/chart-svg.js';
import { drawnPower } from '../../sim/report/charts/drawn-power.js';
import { powerChart } from '../../sim/report/charts/power-chart.js';
import { powerPicture, type PowerPicture } from '../../sim/report/charts/power-picture.js';
import { powerColumns } from '../../sim/report/charts/power-pixels.js';
import { FOR_PICTURES } from '../../sim/run/kept-run.js';
import { runScenario } from '../../sim/run/run-scenario.js';
import { profileOf, scenarioOf } from '../support/made-up.js';

const SOURCE = profileOf([0.1, 0.13]);

const powerSvg = (picture: PowerPicture) => chartSvg(powerChart(drawnPower(picture)));

async function resultOf(fields: object) {
  return runScenario(scenarioOf(fields), SOURCE, { keep: FOR_PICTURES });
}

test('the picture has the mean power of the run, twice, before and after planning', async (t) => {
  const { kept, policies } = await resultOf({ tensorParallel: 4, pipelines: 3 });
  const { panels, spanS, topW } = powerPicture(kept);
  t.deepEqual(
    panels.map(({ policy }) => policy),
    ['max-frequency', 'perseus'],
  );
  for (const [k, { steps, meanW, peakW, leastW, iterationS }] of panels.entries()) {
    t.true(Math.abs(meanW / policies[k]!.averagePowerW - 1) < 1e-9);
    t.true(leastW <= meanW && meanW <= peakW && peakW <= topW);
    t.true(Math.abs(steps.untilS.at(-1)! / (2 * iterationS) - 1) < 1e-12);
    t.true(2 * iterationS <= spanS);
    const half = steps.powerW.length / 2;
    t.deepEqual(steps.powerW.slice(0, half), steps.powerW.slice(half));
  }
});

test('many different pipelines are drawn as means of short intervals, with the same energy', async (t) => {
  const { kept, policies } = await resultOf({
    ...{ jitter: {}, pipelines: 450, seed: 2 },
    pipeline: { stages: 2, microbatches: 64 },
  });
  for (const [k, { steps, meanW, peakW, iterationS }] of powerPicture(kept).panels.entries()) {
    t.is(steps.powerW.length, 2 * 2400);
    t.true(Math.abs(meanW / policies[k]!.averagePowerW - 1) < 1e-9);
    const exact = jobSteps(kept.policies[k]!.shown, kept.setting.gpus);
    const largestW = exact.powerW.reduce((most, w) => Math.max(most, w), 0);
    t.true(peakW <= (1 + 1e-12) * largestW && peakW > 0.97 * largestW, `${peakW} of ${largestW} W`);
    t.true(Math.abs(steps.untilS.at(-1)! / (2 * iterationS) - 1) < 1e-12);
  }
});

test('one policy is one panel', async (t) => {
  const { kept } = await resultOf({ policies: ['max-frequency'] });
  t.is(powerPicture(kept).panels.length, 1);
});

test('limits of the grid are levels, and within the axis', async (t) => {
  const { kept } = await resultOf({ grid: { peakW: 5000, dynamicRangePct: 40, rampUpWPerS: 1 } });
  const { panels, topW } = powerPicture(kept);
  t.is(topW, 5000);
  for (const { limits, peakW } of panels) {
    t.deepEqual(
      limits.map(({ name }) => name),
      ['limit of the peak', 'limit of the dynamic range'],
    );
    t.is(limits[0]!.powerW, 5000);
    t.true(Math.abs(limits[1]!.powerW - 0.6 * peakW) < 1e-9);
  }
  const svg = powerSvg(powerPicture(kept));
  t.is(svg.split('limit of the peak<').length, 3);
  t.is(svg.split('limit of the dynamic range<').length, 3);
  // A range wider than the peak is no level.
  const wide = await resultOf({ grid: { dynamicRangeW: 1e6 } });
  t.deepEqual(powerPicture(wide.kept).panels[0]!.limits, []);
});

test('few steps are drawn as they are', (t) => {
  const steps = { untilS: Float64Array.of(1, 3), powerW: Float64Array.of(100, 400) };
  t.deepEqual(powerColumns(steps, 3, 10), { untilS: steps.untilS, meanW: steps.powerW });
});

test('more steps than pixels become exact means, with the least and the largest power', (t) => {
  const count = 1000;
  const untilS = Float64Array.from({ length: count }, (_, k) => 0.013 * (k + 1));
  const powerW = Float64Array.from(
    { length: count },
    (_, k) => 100 + 50 * (k % 7) + (k === 500 ? 900 : 0),
  );
  const spanS = 14;
  const columns = powerColumns({ untilS, powerW }, spanS, 100);
  t.is(columns.untilS.length, 93);
  t.is(columns.untilS.at(-1), untilS.at(-1));
  const energyOf = (ends: Float64Array, watts: Float64Array) =>
    watts.reduce((sum, w, k) => sum + w * (ends[k]! - (ends[k - 1] ?? 0)), 0);
  const energyJ = energyOf(untilS, powerW);
  t.true(Math.abs(energyOf(columns.untilS, columns.meanW) / energyJ - 1) < 1e-12);
  t.is(Math.max(...columns.mostW!), Math.max(...powerW));
  t.is(Math.min(...columns.leastW!), 100);
  columns.meanW.forEach((w, c) => {
    t.true(columns.leastW![c]! <= w && w <= columns.mostW![c]!);
  });
});

test('a picture is the same each time, has no broken numbers, and escapes names', async (t) => {
  const { kept } = await resultOf({
    jitter: {},
    pipelines: 4,
    pipeline: { stages: 2, microbatches: 64 },
  });
  const picture = powerPicture(kept);
  const svg = powerSvg(picture);
  t.is(powerSvg(powerPicture(kept)), svg);
  t.notRegex(svg, /NaN|Infinity|undefined/);
  t.is(svg.split('>0 kW<').length, 3);
  const hostile: PowerPicture = {
    ...picture,
    panels: picture.panels.map((panel) => ({ ...panel, policy: '<b>"&' })),
  };
  t.false(powerSvg(hostile).includes('<b>'));
});
