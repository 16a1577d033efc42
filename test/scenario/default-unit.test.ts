import test from 'ava';
import { uploadedProfile, uploadedScenario } from '../../sim/control/client/uploaded-job.js';
import { bundledCatalog } from '../../sim/explorer/bundled-catalog.js';
import { LIBRARY } from '../../sim/disk/catalog-files.js';
import { loadScenario, loadScenarioObject } from '../../sim/scenario/scenario.js';
import { scenarioSetting } from '../../sim/scenario/scenario-setting.js';
import { largestRoundingPct } from '../../src/profile/operation-costs.js';
import { catalogTexts } from '../support/bundled.js';

const MODELLED = { model: 'llama-3-8b', gpu: 'h100-sxm', microbatch: 1 };

/** A small job with a profile. */
function settingOf(profile: object) {
  const job = { name: 'job', profile, pipeline: { stages: 8, microbatches: 8 } };
  const { scenario, profile: source } = loadScenarioObject(job, 'job', LIBRARY);
  return { setting: scenarioSetting(scenario, source), source };
}

test('modelled times are planned in ticks of up to 1 %, fitted ones of up to 0.1 %', (t) => {
  const roundingPct = (profile: object) => {
    const { setting } = settingOf(profile);
    return largestRoundingPct(setting.profile, setting.planning.unitTimeS);
  };
  const modelledPct = roundingPct(MODELLED);
  t.true(modelledPct > 0.1 && modelledPct <= 1, `${modelledPct} %`);
  t.true(roundingPct({ catalog: 'gpt3-175b-a100-sxm' }) <= 0.1);
});

test('a job that is uploaded is planned in the ticks that it has here, whatever its scale', (t) => {
  for (const profile of [MODELLED, { catalog: 'gpt3-175b-a100-sxm' }]) {
    const { setting, source } = settingOf(profile);
    const csv = uploadedProfile(source.profile);
    const files = bundledCatalog(catalogTexts(), { name: 'profile.csv', text: csv });
    const uploaded = loadScenario(uploadedScenario(setting, source), 'uploaded.yaml', files);
    const there = scenarioSetting(uploaded.scenario, uploaded.profile);
    t.is(there.planning.unitTimeS, setting.planning.unitTimeS);
    t.deepEqual(there.problem.operations, setting.problem.operations);
  }
});
