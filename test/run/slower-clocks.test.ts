import test from 'ava';
import { runScenario } from '../../sim/run/run-scenario.js';
import { loadScenarioObject } from '../../sim/scenario/scenario.js';
import { LIBRARY } from '../../sim/disk/catalog-files.js';

const FIELDS = {
  name: 'slower clocks',
  profile: { catalog: 'gpt3-175b-a100-sxm' },
  pipeline: { stages: 8, microbatches: 6 },
  unitTimeS: 0.002,
  policies: ['max-frequency', 'perseus'],
  faults: { checkpoint: { timeS: 10 }, restartS: 100 },
};

async function slowerOf(more: object) {
  const { scenario, profile } = loadScenarioObject({ ...FIELDS, ...more }, 'test', LIBRARY);
  return runScenario(scenario, profile);
}

test('slower plans begin with the plan in force, and get slower; one plan has none', async (t) => {
  const { policies, slowerClocks } = await slowerOf({});
  const [only, perseus] = slowerClocks!;
  t.is(only!.length, 1);
  t.is(only![0]!.energyJ, policies[0]!.simulatedEnergyJ);
  t.is(perseus![0]!.slowerPct, 0);
  t.is(perseus![0]!.timeS, policies[1]!.simulatedTimeS);
  t.is(perseus![0]!.energyJ, policies[1]!.simulatedEnergyJ);
  t.true(perseus!.length > 10);
  for (const [k, { slowerPct, timeS }] of perseus!.entries()) {
    if (k > 0) t.true(slowerPct > perseus![k - 1]!.slowerPct);
    // A plan ends by its deadline, to a tick of each stage.
    t.true(
      timeS <= perseus![0]!.timeS * (1 + slowerPct / 100) * 1.002,
      `${slowerPct} %: ${timeS} s`,
    );
  }
  t.true(perseus![10]!.energyJ < perseus![0]!.energyJ);
});

test('with a straggler, slower plans begin with those of its job', async (t) => {
  const { policies, slowerClocks } = await slowerOf({
    ...{ pipelines: 3, stragglers: [{ pipeline: 1, slowdown: 1.1 }] },
  });
  const perseus = slowerClocks![1]!;
  t.is(perseus[0]!.timeS, policies[1]!.simulatedTimeS);
  t.is(perseus[0]!.energyJ, policies[1]!.simulatedEnergyJ);
  const twentieth = perseus.find(({ slowerPct }) => slowerPct === 5)!;
  // The straggler slows down with the others.
  t.true(Math.abs(twentieth.timeS / perseus[0]!.timeS - 1.05) < 0.01, String(twentieth.timeS));
});

test('without faults nothing is simulated besides', async (t) => {
  t.is((await slowerOf({ faults: undefined })).slowerClocks, undefined);
});
