import test from 'ava';
import { InputError } from '../../src/errors.js';
import { LIBRARY } from '../../sim/disk/catalog-files.js';
import { PlanCache } from '../../sim/run/plan-cache.js';
import { runScenario, type ScenarioResult } from '../../sim/run/run-scenario.js';
import { loadScenario } from '../../sim/scenario/scenario.js';

const cache = new PlanCache();

function runWith(fields: string): Promise<ScenarioResult> {
  const yaml = `name: deadline
profile: { catalog: gpt3-175b-a100-sxm }
pipeline: { stages: 8, microbatches: 12 }
pipelines: 4
unitTimeS: 0.001
policies: [max-frequency, zeus-global, perseus]
${fields}
`;
  const { scenario, profile } = loadScenario(yaml, 's.yaml', LIBRARY);
  return runScenario(scenario, profile, { cache });
}

async function rowsOf(fields: string) {
  const { policies } = await runWith(fields);
  return policies.map(({ simulatedTimeS: timeS, simulatedEnergyJ: energyJ, planned }) => {
    return { timeS, energyJ, plannedS: planned!.timeS, plannedJ: planned!.energyJ };
  });
}

const STRAGGLER = 'stragglers: [{ pipeline: 0, slowdown: 1.2 }]';

test('plans slow down to the deadline, and use less energy; the highest clocks do not', async (t) => {
  const [max, zeus, perseus] = await rowsOf('');
  const deadlineS = 1.06 * max!.timeS;
  const [sameMax, slowZeus, slow] = await rowsOf(`deadlineS: ${deadlineS}`);
  t.deepEqual(sameMax, max);
  t.true(Math.abs(slow!.plannedS / deadlineS - 1) < 0.001, `${slow!.plannedS} of ${deadlineS}`);
  t.true(Math.abs(slow!.timeS / deadlineS - 1) < 0.01);
  t.true(slow!.energyJ < 0.95 * perseus!.energyJ);
  t.true(Math.abs(slow!.plannedJ / slow!.energyJ - 1) < 0.01);
  t.true(slowZeus!.timeS <= deadlineS && slowZeus!.timeS > zeus!.timeS);
});

test('a deadline sooner than the straggler changes nothing', async (t) => {
  const without = await rowsOf(STRAGGLER);
  t.deepEqual(await rowsOf(`deadlineS: ${0.99 * without[0]!.timeS}\n${STRAGGLER}`), without);
});

test('a deadline later than the straggler slows the straggler too, and all end together', async (t) => {
  const [, , perseus] = await rowsOf(STRAGGLER);
  const [max] = await rowsOf('');
  const deadlineS = 1.24 * max!.timeS;
  const [, , slow] = await rowsOf(`deadlineS: ${deadlineS}\n${STRAGGLER}`);
  t.true(Math.abs(slow!.plannedS / deadlineS - 1) < 0.002, `${slow!.plannedS} of ${deadlineS}`);
  t.true(slow!.energyJ < perseus!.energyJ);
});

test('a deadline that no clocks can meet is wrong input', async (t) => {
  const error = await t.throwsAsync(runWith('deadlineS: 20'), { instanceOf: InputError });
  t.regex(
    error.message,
    /^s\.yaml.*deadlineS: found 20 s, but an iteration takes \d+\.\d+ s with the fastest plan; allow at least that$/,
  );
});
