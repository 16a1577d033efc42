import test from 'ava';
import { LIBRARY } from '../../sim/disk/catalog-files.js';
import { runTable } from '../../sim/report/text/run-table.js';
import { runRows } from '../../sim/results/run-rows.js';
import { shapeOfDescription } from '../../sim/operators/model-shape.js';
import { runScenario } from '../../sim/run/run-scenario.js';
import type { MemoryRemedy } from '../../sim/run/memory-use.js';
import { describedJob } from '../../sim/scenario/described-job.js';
import { loadScenarioObject } from '../../sim/scenario/scenario.js';
import { readSharedData, testWithSharedData } from '../support/shared-data.js';

const EXPLAINED = { isExplained: true };

async function resultOf(fields: object) {
  const value = { name: 's', policies: ['max-frequency'], ...fields };
  const { scenario, profile } = loadScenarioObject(value, 's.yaml', LIBRARY);
  return runScenario(scenario, profile);
}

const needsOf = async (fields: object) => {
  const { memory } = await resultOf(fields);
  return memory!.stages.map(({ totalGB }) => totalGB);
};
const fullestOf = async (fields: object) => Math.max(...(await needsOf(fields)));

test('memory of GPT-3 175B, by hand', async (t) => {
  const { memory } = await resultOf({
    profile: { catalog: 'gpt3-175b-a100-sxm' },
    pipeline: { stages: 8, microbatches: 12 },
    tensorParallel: 8,
    pipelines: 16,
    job: { microbatch: 1, zeroStage: 1 },
  });
  const [, second] = memory!.stages;
  // Twelve blocks of 12 h² weights, shared by eight GPUs.
  const weights = (12 * 12 * 12288 ** 2) / 8;
  t.true(Math.abs(second!.weightsGB - (2 * weights) / 1e9) < 1e-9);
  // Four bytes of gradients, and of twelve bytes of Adam a sixteenth.
  t.true(Math.abs(second!.stateGB - ((4 + 12 / 16) * weights) / 1e9) < 1e-9);
  // Of a token two norms (4 h numbers), attention (6 h), feed-forward (8 h): 36 bytes for each of h.
  const kept = (36 * 2048 * 12288) / 8;
  const momentary = (2 * 8 * 2048 * 12288) / 8;
  t.true(Math.abs(second!.activationsGB - (7 * 12 * kept + momentary) / 1e9) < 1e-9);
  t.is(memory!.gpu!.capacityGB, 80);
});

test('schedules and recomputation keep what they keep', async (t) => {
  const firstOf = async (fields: object) => (await needsOf(fields))[0]!;
  const job = { microbatch: 8, zeroStage: 1 };
  const fields = {
    profile: { catalog: 'gpt3-175b-a100-sxm' },
    pipeline: { stages: 8, microbatches: 12 },
    tensorParallel: 8,
    pipelines: 16,
    job,
  };
  const plain = await firstOf(fields);
  const gpipe = await firstOf({ ...fields, pipeline: { ...fields.pipeline, schedule: 'gpipe' } });
  const early = await firstOf({
    ...fields,
    pipeline: { ...fields.pipeline, schedule: 'early-recomputation' },
  });
  const full = await firstOf({ ...fields, job: { ...job, recompute: 'full' } });
  const kept = (12 * 36 * 8 * 2048 * 12288) / 8 / 1e9;
  const input = (2 * 8 * 2048 * 12288) / 8 / 1e9;
  t.true(Math.abs(gpipe - plain - 4 * kept) < 1e-6, 'twelve microbatches instead of eight');
  t.true(Math.abs(plain - early - (7 * kept - 8 * input)) < 1e-6, 'one, and inputs of eight');
  // A block’s input for each block, and one block as a whole.
  t.true(Math.abs(plain - full - (8 * kept - 8 * 12 * input - kept / 12)) < 1e-6);
});

/** Llama 3 70B on 128 H100s, which have too little memory for it. */
const TOO_LARGE = {
  profile: { model: 'llama-3-70b', gpu: 'h100-sxm', microbatch: 1 },
  pipeline: { stages: 4, microbatches: 8 },
  tensorParallel: 2,
  pipelines: 16,
};

/** What each change makes of a scenario. */
function changed(fields: typeof TOO_LARGE, { change, to }: MemoryRemedy): object {
  switch (change) {
    case 'zeroStage':
      return { ...fields, job: { zeroStage: 1 } };
    case 'microbatch':
      return {
        ...fields,
        profile: { ...fields.profile, microbatch: to },
        pipeline: {
          ...fields.pipeline,
          microbatches: (fields.pipeline.microbatches * fields.profile.microbatch) / Number(to),
        },
      };
    case 'tensorParallel':
      return { ...fields, tensorParallel: to };
    case 'schedule':
      return { ...fields, pipeline: { ...fields.pipeline, schedule: to } };
    case 'stages':
      return { ...fields, pipeline: { ...fields.pipeline, stages: to } };
    case 'recompute':
      throw new Error('a synthesized profile computes nothing again');
  }
}

test('each remedy makes the job fit, and needs what it says', async (t) => {
  const cases = [
    TOO_LARGE,
    { ...TOO_LARGE, pipeline: { stages: 8, microbatches: 8 } },
    { ...TOO_LARGE, pipeline: { stages: 16, microbatches: 64, schedule: 'gpipe' } },
    { ...TOO_LARGE, tensorParallel: 8, profile: { ...TOO_LARGE.profile, microbatch: 4 } },
    {
      ...TOO_LARGE,
      profile: { model: 'llama-3-8b', gpu: 'a40', microbatch: 1, sequence: 2048 },
      pipeline: { stages: 2, microbatches: 8 },
      tensorParallel: 1,
    },
  ];
  const found = new Set<string>();
  for (const fields of cases) {
    const { memoryShortage } = await resultOf(fields);
    t.true(memoryShortage!.remedies.length > 0);
    for (const remedy of memoryShortage!.remedies) {
      found.add(remedy.change);
      if (remedy.change === 'recompute') continue;
      const total = await fullestOf(changed(fields, remedy));
      t.true(total <= memoryShortage!.capacityGB, `${remedy.change} ${remedy.to}: ${total} GB`);
      t.true(Math.abs(total - remedy.totalGB) <= 1e-9 * total, remedy.change);
    }
  }
  t.deepEqual([...found].sort(), [
    'microbatch',
    'recompute',
    'schedule',
    'stages',
    'tensorParallel',
    'zeroStage',
  ]);
});

test('where no single change is enough, changes are made one after another', async (t) => {
  const profile = { model: 'mixtral-8x7b', gpu: 'a40', microbatch: 2 };
  const result = await resultOf({ ...TOO_LARGE, profile });
  const { remedies, together } = result.memoryShortage!;
  t.deepEqual(remedies, []);
  t.deepEqual(
    together.map(({ change }) => change),
    ['zeroStage', 'microbatch', 'recompute', 'tensorParallel'],
  );
  const made = { ...profile, microbatch: 1 };
  const pipeline = { stages: 4, microbatches: 16 };
  const total = await fullestOf({ ...TOO_LARGE, profile: made, pipeline, job: { zeroStage: 1 } });
  t.true(Math.abs(total - together[1]!.totalGB) < 1e-9);
  t.true(together[2]!.totalGB > 48 && together[3]!.totalGB <= 48);
  t.regex(
    runTable(result, EXPLAINED).replaceAll(/\n +/g, ' '),
    /; no single change makes it fit; one after another: ZeRO-1 over 16 pipelines \([\d.]+ GB\), microbatches of 1 sequence \(/,
  );
});

test('the table says by stage what a job needs, and what would make it fit', async (t) => {
  const text = async (fields: object) =>
    runTable(await resultOf(fields), EXPLAINED).replaceAll(/\n +/g, ' ');
  t.regex(
    await text(TOO_LARGE),
    /^memory: stage 0 needs 260 GB on each GPU and NVIDIA H100 SXM 80 GB has 80\.0 GB: .*; any one of these makes it fit: tensor parallel 8 \(65\.0 GB\), 32 stages \([\d.]+ GB\)$/m,
  );
  const fits = { ...TOO_LARGE, tensorParallel: 8, job: { zeroStage: 1 } };
  t.regex(
    await text(fits),
    /^memory: at most [\d.]+ GB of 80\.0 GB on a GPU \(stage 0: weights 4\.5, gradients and Adam 10\.8, activations [\d.]+; optimizer shared by the pipelines\), by stage( [\d.]+){4}$/m,
  );
  const [row] = runRows(await resultOf(fits));
  t.true(Math.abs(row!.gpu_memory_gib! - 80e9 / 2 ** 30) < 1e-9);
  t.true(row!.memory_gib! < row!.gpu_memory_gib!);
});

testWithSharedData('memory of dense B200 jobs through scenarios: within 3 %', async (t) => {
  const [head, ...lines] = readSharedData('simumax/steps_b200.csv').trim().split('\n');
  const names = head!.split(',');
  const cases = lines
    .map((line) => Object.fromEntries(line.split(',').map((cell, k) => [names[k]!, cell])))
    .filter(({ model, cp }) => model === 'llama3-70b' && cp === '1');
  t.is(cases.length, 12);
  const shape = shapeOfDescription({
    ...LIBRARY.model('llama-3-70b', { source: 'test' }),
    layers: 12,
  });
  const errors = await Promise.all(
    cases.map(async (row) => {
      const [tensorParallel, stages, pipelines, microbatches] = [
        'tp',
        'pp',
        'dp',
        'microbatches',
      ].map((name) => Number(row[name])) as [number, number, number, number];
      const { scenario, profile } = loadScenarioObject(
        {
          ...{ name: 's', policies: ['max-frequency'], tensorParallel, pipelines },
          profile: { model: 'llama-3-70b', gpu: 'b200-sxm', microbatch: 1, sequence: 4096 },
          ...{ pipeline: { stages, microbatches }, job: { zeroStage: 1 } },
        },
        's.yaml',
        LIBRARY,
      );
      const layerCounts = stages === 1 ? [14] : [7, 7];
      const job = describedJob(scenario, {
        ...{ shape, gpu: undefined, microbatch: 1, sequence: 4096, layerCounts },
      });
      const result = await runScenario(scenario, { ...profile, job });
      return (100 * runRows(result)[0]!.memory_gib!) / Number(row['memory_gib_measured']) - 100;
    }),
  );
  t.log(errors.map((pct) => pct.toFixed(1)).join(' '));
  // As docs/scenarios.md has it.
  const ends = [Math.max(...errors), Math.min(...errors)].map((pct) => pct.toFixed(1));
  t.deepEqual(ends, ['-1.0', '-1.2']);
});
