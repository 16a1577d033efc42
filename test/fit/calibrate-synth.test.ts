import { readFileSync, writeFileSync } from 'node:fs';
import test from 'ava';
import { stringify } from 'yaml';
import { catalogProfile, parseCatalogEntry } from '../../sim/hardware/catalog.js';
import { parseGpu } from '../../sim/hardware/gpu-description.js';
import { blockWork } from '../../sim/hardware/layer-work.js';
import {
  parseMeasuredJob,
  powerAtClock,
  timeAtClock,
  type MeasuredJobModel,
} from '../../sim/hardware/measured-job.js';
import { parseModel } from '../../sim/hardware/model-description.js';
import { parseSynthModel } from '../../sim/hardware/synth-model.js';
import {
  calibrateSynth,
  type CalibrationProfile,
  type ProfiledOperation,
} from '../support/calibrate-synth.js';
import { projectFile } from '../support/shared-data.js';

/** To take over a changed model: UPDATE_GOLDEN=1 npx ava test/fit/calibrate-synth.test.ts. */
const COMMITTED = projectFile('scenarios/catalog/synth-model.yaml');

const KINDS = ['forward', 'backward'] as const;
const catalogText = (path: string) =>
  readFileSync(projectFile(`scenarios/catalog/${path}`), 'utf8');
const gpu = (name: string) => parseGpu(catalogText(`gpus/${name}.yaml`), name);

/** The published profiles: a tenth of the layers of a stage of eight, one sequence, one GPU. */
const PROFILED = [
  { entry: 'gpt3-175b-a100-sxm', model: 'gpt3-175b', gpu: 'a100-sxm', layers: 1.2 },
  { entry: 'gpt3-175b-a40', model: 'gpt3-175b', gpu: 'a40', layers: 1.2 },
  { entry: 'bloom-176b-a100-sxm', model: 'bloom-176b', gpu: 'a100-sxm', layers: 0.9 },
  { entry: 'bloom-176b-a40', model: 'bloom-176b', gpu: 'a40', layers: 0.9 },
];

/** The measured jobs but for A40 T5, which waits for its network. */
const MEASURED = [
  ...['bert-huge-uncased', 'bloom-3b', 'gpt3-xl', 't5-3b', 'wide-resnet101-8'].map((job) => ({
    entry: `a100-${job}-dp1-pp4-tp1`,
    gpu: 'a100-pcie',
  })),
  ...['bert-huge-uncased', 'bloom-3b', 'gpt3-2.7b', 'wide-resnet101-8'].map((job) => ({
    entry: `a40-${job}-dp1-pp8-tp1`,
    gpu: 'a40',
  })),
];

/** `a100-sxm` → `a100` */
const chipOf = (name: string) => name.split('-')[0]!;

function profiledOf({ entry, model, gpu: name, layers }: (typeof PROFILED)[number]) {
  const { stages } = catalogProfile(parseCatalogEntry(catalogText(`${entry}.yaml`)));
  const stage = stages[stages.length >> 1]!;
  const description = parseModel(catalogText(`models/${model}.yaml`), model);
  return {
    name: entry,
    gpu: gpu(name),
    chip: chipOf(name),
    forwardFlops: layers * blockWork(description, 1, description.sequence).flops,
    operations: KINDS.map((kind): ProfiledOperation => ({
      kind,
      points: stage[kind].map(({ frequencyMHz, timeS, energyJ }) => ({
        frequencyMHz,
        timeS,
        powerW: energyJ / timeS,
      })),
    })),
  };
}

function measuredOf({ entry, gpu: name }: (typeof MEASURED)[number]): CalibrationProfile {
  const job: MeasuredJobModel = parseMeasuredJob(catalogText(`measured/${entry}.yaml`));
  const stage = job.stages[job.stages.length >> 1]!;
  return {
    name: entry,
    gpu: gpu(name),
    chip: chipOf(name),
    operations: KINDS.map((kind) => ({
      kind,
      points: stage.power.clocksMHz.map((frequencyMHz) => ({
        frequencyMHz,
        timeS: timeAtClock(stage[kind], frequencyMHz),
        powerW: powerAtClock(stage.power, frequencyMHz),
      })),
    })),
  };
}

const profiles: CalibrationProfile[] = [...PROFILED.map(profiledOf), ...MEASURED.map(measuredOf)];

test('the committed synthesis model is that of the catalog’s profiles and measured jobs', (t) => {
  const source =
    "fitted to the catalog's four stage profiles and nine measured jobs (Perseus artifact, SOSP '24)";
  const model = calibrateSynth(profiles, source);
  if (process.env['UPDATE_GOLDEN'] === '1') writeFileSync(COMMITTED, stringify(model));
  t.deepEqual(parseSynthModel(readFileSync(COMMITTED, 'utf8')), model);
  const { time, slowdown, power } = model.leaveOneOut;
  t.deepEqual([time.profiles, slowdown.profiles, power.profiles], [4, 13, 13]);
  t.log(`left out one by one: time ${time.meanPct} % (worst ${time.worstPct})`);
  t.log(
    `slowdown ${slowdown.meanPct} % (${slowdown.worstPct}), power ${power.meanPct} % (${power.worstPct})`,
  );
});

test('a model that made profiles is found again', (t) => {
  const truth = { constant: 0.2, linear: 0.1, cubic: 0.65 };
  const a100 = gpu('a100-sxm');
  const clocks = Array.from({ length: 20 }, (_, k) => 1410 - 30 * k);
  const made = ['a', 'b', 'c'].map((name): CalibrationProfile => ({
    name,
    gpu: a100,
    chip: name,
    forwardFlops: 1e13,
    operations: KINDS.map((kind) => ({
      kind,
      points: clocks.map((frequencyMHz) => {
        const x = frequencyMHz / 1410;
        const work = kind === 'forward' ? 1 : 2;
        return {
          frequencyMHz,
          timeS: ((work * 1e13) / (312e12 * 0.5)) * (0.3 + 0.7 / x),
          powerW: 400 * (truth.constant + truth.linear * x + truth.cubic * x ** 3),
        };
      }),
    })),
  }));
  const model = calibrateSynth(made, 'made');
  t.deepEqual(model.power, truth);
  t.is(model.clockIndependentShare, 0.3);
  t.deepEqual(model.efficiency, { forward: 0.5, backward: 0.5 });
  t.deepEqual(
    [...Object.values(model.leaveOneOut), ...Object.values(model.leaveChipOut)].map(
      ({ worstPct }) => worstPct,
    ),
    [0, 0, 0, 0, 0, 0],
  );
});
