import { readFileSync } from 'node:fs';
import test from 'ava';
import { parseMeasuredJob } from '../../sim/hardware/measured-job.js';
import { loadProfile } from '../../sim/scenario/scenario-profile.js';
import { predictPlan } from '../../sim/fit/predict-runs.js';
import { policyPlans } from '../../sim/run/policy-plans.js';
import { scenarioSetting } from '../../sim/scenario/scenario-setting.js';
import { trainingRun } from '../../sim/run/training-run.js';
import { parseScenario } from '../../sim/scenario/scenario.js';
import { LIBRARY } from '../../sim/disk/catalog-files.js';
import { projectFile } from '../support/shared-data.js';

const NAME = 'a40-gpt3-6.7b-dp2-pp4-tp2';
const SCENARIO = `name: measured
profile: { catalog: ${NAME} }
pipeline: { stages: 4, microbatches: 64 }
tensorParallel: 2
pipelines: 2
`;

const model = parseMeasuredJob(
  readFileSync(projectFile(`scenarios/catalog/measured/${NAME}.yaml`), 'utf8'),
);

function maxFrequencyOf(text: string) {
  const scenario = parseScenario(text, 's.yaml');
  const setting = scenarioSetting(scenario, loadProfile(scenario, 's.yaml', LIBRARY));
  return trainingRun(setting, policyPlans(setting, 'max-frequency'), 'unaware');
}

test('a scenario of a measured job takes and uses what its model says, overheads and all', (t) => {
  const { timeS, ledger } = maxFrequencyOf(SCENARIO);
  const highestMHz = model.stages.map(({ forward, backward }) =>
    Math.max(forward.clocksMHz.at(-1)!, backward.clocksMHz.at(-1)!),
  );
  const allMax = highestMHz.map((clock) => new Float64Array(128).fill(clock));
  const predicted = predictPlan(model, { clocksMHz: allMax });
  t.true(Math.abs(timeS / predicted.timeS - 1) < 1e-9, `${timeS} s`);
  t.true(Math.abs(ledger.totalJ / predicted.energyJ - 1) < 1e-9, `${ledger.totalJ} J`);
  const { synchronisationS } = model.overheads;
  const expectedJ = 16 * model.synchronisationPowerW! * synchronisationS!;
  t.true(Math.abs(ledger.synchronisationJ / expectedJ - 1) < 1e-9);
  t.is(ledger.iterationConstantJ, 0);
});

test('what a scenario says itself goes before what was measured', (t) => {
  const own = `${SCENARIO}timing: { synchronisationS: 2 }\npower: { synchronisationW: 100 }\n`;
  const [measured, changed] = [maxFrequencyOf(SCENARIO), maxFrequencyOf(own)];
  t.true(Math.abs(changed.ledger.synchronisationJ - 16 * 100 * 2) < 1e-6);
  const shorterS = model.overheads.synchronisationS! - 2;
  t.true(Math.abs(measured.timeS - changed.timeS - shorterS) < 1e-6);
});
