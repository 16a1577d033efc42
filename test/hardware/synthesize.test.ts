import { readdirSync, readFileSync } from 'node:fs';
import test from 'ava';
import { readStageProfile } from '../../src/profile/read-csv.js';
import { LIBRARY } from '../../sim/disk/catalog-files.js';
import { EXIT, runProgram } from '../../sim/cli/program.js';
import { extrapolatedFields, parseGpu } from '../../sim/hardware/gpu-description.js';
import { blockWork, headWork, modelParameters } from '../../sim/hardware/layer-work.js';
import { parseModel } from '../../sim/hardware/model-description.js';
import { parseSynthModel } from '../../sim/hardware/synth-model.js';
import { synthesizeProfile } from '../../sim/hardware/synthesize.js';
import { errorsOf } from '../../sim/scenario/estimate.js';
import { estimateOfFile } from '../../sim/scenario/scenario-profile.js';
import { projectFile } from '../support/shared-data.js';

const read = (path: string) => readFileSync(projectFile(`scenarios/catalog/${path}`), 'utf8');
const namesIn = (folder: string) =>
  readdirSync(projectFile(`scenarios/catalog/${folder}`)).filter((name) => name.endsWith('.yaml'));
const MODELS = namesIn('models').map((name) => parseModel(read(`models/${name}`), name));
const GPUS = namesIn('gpus').map((name) => parseGpu(read(`gpus/${name}`), name));
const SYNTH = parseSynthModel(read('synth-model.yaml'));

const modelNamed = (name: string) => MODELS.find((model) => model.name === name)!;
const gpuNamed = (name: string) => GPUS.find((gpu) => gpu.name.startsWith(name))!;

test('the GPUs that people ask for are there', (t) => {
  for (const name of ['A100', 'A40', 'V100', 'H100', 'H200', 'B200']) {
    t.truthy(gpuNamed(`NVIDIA ${name}`), name);
  }
  t.truthy(gpuNamed('AMD Instinct MI300X'));
});

test('operations of GPT-3 are those of the published formula', (t) => {
  // Narayanan et al., SC '21, equation 3 without recomputation: F = 72 B s l h² (1 + s/6h + V/12lh).
  const model = modelNamed('GPT-3 175B');
  const { layers: l, hidden: h, sequence: s, vocabulary: V } = model;
  const B = 3;
  const forward = l * blockWork(model, B, s).flops + headWork(model, B, s).flops;
  const published = 72 * B * s * l * h * h * (1 + s / (6 * h) + V / (12 * l * h));
  t.true(Math.abs((3 * forward) / published - 1) < 1e-12);
});

test('every model has as many parameters as its authors say', (t) => {
  for (const model of MODELS) {
    const found = modelParameters(model) / 1e9;
    t.log(`${model.name}: ${found.toFixed(2)}, published ${model.parametersB}`);
    t.true(Math.abs(found / model.parametersB - 1) < 0.025, model.name);
  }
});

test('no number of a GPU is without a source, and none is called extrapolated that is published', (t) => {
  const extrapolated = new Map(GPUS.map((gpu) => [gpu.name, extrapolatedFields(gpu)]));
  t.deepEqual(extrapolated.get('NVIDIA A100 SXM 80 GB'), ['idlePowerW']);
  for (const fields of extrapolated.values()) {
    for (const field of ['peakTflops', 'memoryBandwidthGBs', 'powerLimitW']) {
      t.false(fields.includes(field));
    }
  }
});

test('any model on any GPU: faster clocks take no longer and draw no less, within the limit', (t) => {
  for (const model of MODELS) {
    for (const gpu of GPUS) {
      const profile = synthesizeProfile(
        { model, gpu, stages: 8, microbatch: 2, tensorParallel: 4 },
        SYNTH,
      );
      t.is(profile.stages.length, 8);
      for (const stage of profile.stages) {
        for (const options of [stage.forward, stage.backward]) {
          t.is(options[0]!.frequencyMHz, gpu.highestMHz.value);
          for (let k = 0; k < options.length; k++) {
            const [a, b] = [options[k]!, options[k + 1] ?? options[k]!];
            const powerW = a.energyJ / a.timeS;
            if (
              a.timeS > b.timeS * (1 + 1e-12) ||
              powerW < (b.energyJ / b.timeS) * (1 - 1e-12) ||
              powerW > gpu.powerLimitW.value * (1 + 1e-12)
            ) {
              t.fail(`${model.name} on ${gpu.name} at ${a.frequencyMHz} MHz`);
            }
          }
        }
      }
    }
  }
});

test('twice the work takes twice as long, and twice the efficiency half', (t) => {
  const request = {
    model: modelNamed('Llama 3 70B'),
    gpu: gpuNamed('NVIDIA H100'),
    stages: 4,
    microbatch: 1,
    tensorParallel: 8,
    efficiency: 0.3,
  };
  const timeS = (change: Partial<typeof request>) =>
    synthesizeProfile({ ...request, ...change }, SYNTH).stages[1]!.forward[0]!.timeS;
  t.true(Math.abs(timeS({ microbatch: 2 }) / timeS({}) - 2) < 1e-9);
  t.true(Math.abs(timeS({}) / timeS({ efficiency: 0.6 }) - 2) < 1e-9);
  t.true(Math.abs(timeS({}) / timeS({ tensorParallel: 4 }) - 0.5) < 1e-9);
});

test('synth writes a profile that can be read back, and says how wrong it may be', async (t) => {
  let out = '';
  let err = '';
  const args =
    'synth --model mixtral-8x7b --gpu v100-sxm2 --stages 4 --microbatch 1 --sequence 4096'.split(
      ' ',
    );
  const terminal = {
    out: (text: string) => (out += text),
    err: (text: string) => (err += text),
    isWatched: false,
  };
  t.is(await runProgram(args, terminal), EXIT.ok);
  const profile = readStageProfile(out, 'synthesized.csv');
  t.is(profile.stages.length, 4);
  const estimate = estimateOfFile(out, LIBRARY)!;
  t.deepEqual(errorsOf(estimate), SYNTH.leaveOneOut, 'the file says so too');
  t.is(estimateOfFile('stage,instruction,frequency,time,energy\n', LIBRARY), undefined);
  t.regex(err, /not measured: synthesized at 56 % of the peak/);
  t.regex(err, new RegExp(`${SYNTH.leaveOneOut.time.meanPct.toFixed(0)} % on average`));
  t.regex(err, new RegExp(`left out, .*${SYNTH.leaveChipOut.time.meanPct.toFixed(0)} % \\(`));
  t.regex(err, /not published of this GPU: lowestMHz, stepMHz, idlePowerW, blockingPowerW/);
});
