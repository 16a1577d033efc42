import { readdirSync, readFileSync } from 'node:fs';
import test from 'ava';
import { catalogChoices, chosenOf, usualBlockingPower } from '../../sim/explorer/choices.js';
import {
  blockingPower,
  jitterFactor,
  otherFields,
  stageFactors,
  stragglerSlowdown,
  withBlockingPower,
  withFactor,
  withJitter,
  withModel,
  withOwnProfile,
  withPipeline,
  withPolicy,
  withPrices,
  withStraggler,
} from '../../sim/explorer/edits.js';
import { startingWhatIf } from '../../sim/explorer/what-if.js';
import { checkScenario, parseScenario } from '../../sim/scenario/scenario.js';
import { withoutDefaults } from '../../sim/scenario/scenario-yaml.js';
import { catalogTexts } from '../support/bundled.js';
import { projectFile } from '../support/files.js';
import { checkProperty } from '../support/properties.js';
import { anyScenario } from '../support/random-scenarios.js';

const CHOICES = catalogChoices(catalogTexts());
const START = startingWhatIf().scenario;

test('the catalog offers its models and GPUs, and knows what was measured', (t) => {
  t.is(CHOICES.models.length, readdirSync(projectFile('scenarios/catalog/models')).length);
  t.is(CHOICES.gpus.length, readdirSync(projectFile('scenarios/catalog/gpus')).length);
  t.deepEqual(
    CHOICES.measured.map(({ name, model, gpu, stages }) => [name, model, gpu, stages]),
    [
      ['bloom-176b-a100-sxm', 'bloom-176b', 'a100-sxm', 8],
      ['bloom-176b-a40', 'bloom-176b', 'a40', 8],
      ['gpt3-175b-a100-sxm', 'gpt3-175b', 'a100-sxm', 8],
      ['gpt3-175b-a40', 'gpt3-175b', 'a40', 8],
    ],
  );
});

test('measured curves are taken where there are any, and left where there are none', (t) => {
  const profiles = [8, 6, 4, 8].map((stages) => withPipeline(START, CHOICES, { stages }).profile);
  const synthesized = { model: 'gpt3-175b', gpu: 'a100-sxm', microbatch: 1 };
  t.deepEqual(profiles, [START.profile, synthesized, synthesized, START.profile]);
  const inChunks = withPipeline(START, CHOICES, { stages: 4, schedule: 'interleaved', chunks: 2 });
  t.deepEqual(inChunks.profile, START.profile, 'eight stages of the model');
  const other = withModel(START, CHOICES, { model: 'llama-3-70b', gpu: 'h100-sxm' });
  t.deepEqual(other.profile, { model: 'llama-3-70b', gpu: 'h100-sxm', microbatch: 1 });
  t.deepEqual(chosenOf(CHOICES, other.profile), { model: 'llama-3-70b', gpu: 'h100-sxm' });
  t.deepEqual(withModel(other, CHOICES, { model: 'gpt3-175b', gpu: 'a100-sxm' }), START);
  t.deepEqual(
    [START.profile, other.profile].map((profile) => usualBlockingPower(CHOICES, profile)),
    [83.64, 125],
  );
  const fp8 = { ...START, profile: { ...synthesized, precision: 'fp8' as const, sequence: 4096 } };
  t.deepEqual(withPipeline(fp8, CHOICES, { stages: 6 }).profile, fp8.profile, 'options stay');
});

test('imbalance and chunks follow the pipeline, and all of it stays a scenario', async (t) => {
  const heavier = withFactor(START, 7, 1.2);
  t.deepEqual(heavier.imbalance, { factors: [1, 1, 1, 1, 1, 1, 1, 1.2] });
  t.is(withFactor(heavier, 7, 1).imbalance, undefined);
  t.deepEqual(stageFactors(withPipeline(heavier, CHOICES, { stages: 10 })), [
    ...[1, 1, 1, 1, 1, 1, 1, 1.2],
    ...[1, 1],
  ]);
  const interleaved = withPipeline(heavier, CHOICES, { schedule: 'interleaved' });
  t.is(interleaved.pipeline.chunks, 2);
  t.is(stageFactors(interleaved)?.length, 16);
  t.is(withPipeline(interleaved, CHOICES, { schedule: 'gpipe' }).pipeline.chunks, 1);
  const grouped = withPipeline(interleaved, CHOICES, { microbatches: 16, microbatchGroup: 8 });
  t.is(grouped.pipeline.microbatchGroup, 8);
  t.is(withPipeline(grouped, CHOICES, { microbatches: 24 }).pipeline.microbatchGroup, 8);
  t.false('microbatchGroup' in withPipeline(grouped, CHOICES, { microbatches: 20 }).pipeline);
  t.false('microbatchGroup' in withPipeline(grouped, CHOICES, { schedule: '1f1b' }).pipeline);
  t.false('microbatchGroup' in withPipeline(grouped, CHOICES, { microbatches: NaN }).pipeline);
  t.is(withPipeline(heavier, CHOICES, { stages: NaN }).imbalance, heavier.imbalance);
  await checkProperty(t, anyScenario, (scenario) => {
    const resized = withPipeline(scenario, CHOICES, { stages: 4, microbatches: 16 });
    t.false(Array.isArray(checkScenario(resized)));
  });
});

test('what a control sets it shows, and back again nothing is left of it', async (t) => {
  await checkProperty(t, anyScenario, (scenario) => {
    for (const slowdown of [1, 1.05, 2.5]) {
      t.is(stragglerSlowdown(withStraggler(scenario, slowdown)), slowdown);
    }
    for (const factor of [0, 0.25, 1, 3.5, 5]) {
      t.is(jitterFactor(withJitter(scenario, factor)), factor);
    }
    t.is(blockingPower(withBlockingPower(scenario, 99)), 99);
    t.is(withJitter(scenario, 0).jitter, undefined);
    t.deepEqual(withPolicy(scenario, 'perseus', true).policies.includes('perseus'), true);
    t.deepEqual(withPolicy(scenario, 'perseus', false).policies.includes('perseus'), false);
  });
  t.deepEqual(withJitter(START, 1).jitter, {
    instructionSd: 0.02,
    iterationSd: 0.014,
    gpuSd: 0.004,
  });
  t.deepEqual(withPolicy(START, 'zeus-global', true).policies, [
    ...['max-frequency', 'zeus-global', 'perseus'],
  ]);
  t.deepEqual(withPrices(START, { perKWh: 0.2 }).prices, {
    ...{ currency: 'USD', carbonGPerKWh: 400, perKWh: 0.2 },
  });
  t.is(
    withPrices(withPrices(START, { perKWh: undefined }), { carbonGPerKWh: undefined }).prices,
    undefined,
  );
});

test('what has no control stays, and is shown', (t) => {
  const text = readFileSync(projectFile('scenarios/what-if/combination.yaml'), 'utf8');
  const scenario = parseScenario(text, 'combination.yaml');
  const changed = withStraggler(withPipeline(scenario, CHOICES, { microbatches: 20 }), 1.5);
  t.deepEqual(
    withoutDefaults({ ...changed, stragglers: [], pipeline: scenario.pipeline }),
    withoutDefaults({ ...scenario, stragglers: [] }),
  );
  for (const key of ['power', 'iterations', 'noticeS', 'seeds', 'stragglers']) {
    t.true(key in otherFields(scenario), key);
  }
  t.deepEqual(otherFields(START), {});
  t.deepEqual(otherFields(withFactor(withJitter(START, 1), 0, 1.1)), {});
  t.deepEqual(otherFields({ ...START, power: { blockingW: 80, gpuLimitW: 300 } }), {
    power: { gpuLimitW: 300 },
  });
});

test('the slider is for a pipeline that is slow as a whole, all the time; others stay beside it', (t) => {
  const others = [
    { pipeline: 0, cause: 'busy' as const, slowdown: 2, backwardSlowdown: 3 },
    { pipeline: 1, cause: 'busy' as const, slowdown: 2, fromS: 5 },
  ];
  const scenario = { ...START, stragglers: others };
  t.is(stragglerSlowdown(scenario), 1);
  t.deepEqual(
    otherFields(scenario)['stragglers'],
    others,
    'what the slider does not show is shown',
  );
  const slowed = withStraggler(scenario, 1.5);
  t.deepEqual(slowed.stragglers, [{ pipeline: 2, cause: 'busy', slowdown: 1.5 }, ...others]);
  t.false(Array.isArray(checkScenario(slowed)));
  t.deepEqual(withStraggler(slowed, 1).stragglers, others);
});

test('a profile of the user’s brings its stages, and asks for a blocking power', (t) => {
  const csv = {
    name: 'two-stages.csv',
    text: readFileSync(projectFile('test/fixtures/good/two-stages.csv'), 'utf8'),
  };
  const own = withOwnProfile({ scenario: withFactor(START, 3, 1.1) }, CHOICES, csv);
  t.deepEqual(own.scenario.profile, { csv: 'two-stages.csv', blockingPowerW: 83.64 });
  t.is(own.scenario.pipeline.stages, 2);
  t.is(own.scenario.imbalance, undefined);
  const broken = withOwnProfile(own, CHOICES, { name: 'b.csv', text: 'nonsense' });
  t.is(broken.scenario.pipeline.stages, 2, 'whatever it was');
  t.is(blockingPower(withBlockingPower(own.scenario, 70)), 70);
  t.true(Number.isNaN(blockingPower(withBlockingPower(own.scenario, undefined))));
});
