import { readFileSync } from 'node:fs';
import test from 'ava';
import { InputError } from '../../src/errors.js';
import { readMachine, readModelShape } from '../../sim/disk/operator-catalog.js';
import { stateBytes, partParameters } from '../../sim/operators/part-memory.js';
import {
  readPredictionCases,
  type CaseLibrary,
  type PredictionCases,
} from '../../sim/operators/prediction-cases.js';
import { errorSentence, predictCases } from '../../sim/operators/prediction-rows.js';
import { projectFile } from '../support/files.js';
import { readSharedData, testWithSharedData } from '../support/shared-data.js';

const LIBRARY: CaseLibrary = {
  machine: (name) => readMachine(name, 'test'),
  shape: (name) => readModelShape(name, 'test'),
};

const read = (text: string, gpu = 'h100-sxm'): PredictionCases =>
  readPredictionCases(text, 'cases.csv', LIBRARY, { gpu });

/** Summary of a column's errors. */
function errorsOf(text: string, column: string, family = '', gpu?: string) {
  const { errors } = predictCases(read(text, gpu).cases);
  return errors.find((error) => error.column === column && error.family === family)!;
}

testWithSharedData('steps of B200 jobs: 20 cases, time and memory', (t) => {
  const text = readSharedData('simumax/steps_b200.csv');
  const time = errorsOf(text, 'step_ms', '', 'b200-sxm');
  const memory = errorsOf(text, 'memory_gib', '', 'b200-sxm');
  t.log(time, memory);
  t.is(time.cases, 20);
  t.true(time.meanAbsolutePct <= 6);
  t.true(Math.abs(time.worstPct) <= 12);
  t.true(memory.meanAbsolutePct <= 3);
});

const steps = (gpu: string) =>
  readFileSync(projectFile(`scenarios/published/${gpu}-steps.csv`), 'utf8');
const published = () => steps('h100');

test('published steps of dense models on H100', (t) => {
  const bf16 = errorsOf(published(), 'step_ms', 'dense BF16');
  const fp8 = errorsOf(published(), 'step_ms', 'dense FP8');
  t.log(bf16, fp8);
  t.deepEqual([bf16.cases, fp8.cases], [3, 9]);
  t.true(bf16.meanAbsolutePct <= 6);
  t.true(fp8.meanAbsolutePct <= 10);
});

const sentences = (text: string, gpu?: string) =>
  predictCases(read(text, gpu).cases).errors.map(errorSentence);
const results = readFileSync(projectFile('results/predict.txt'), 'utf8').split('\n');

test('results/predict.txt is what predict says of published steps', (t) => {
  for (const gpu of ['h100', 'gb200-gb300', 'a100-pcie']) {
    for (const line of sentences(steps(gpu))) t.true(results.includes(line), line);
  }
});

testWithSharedData('results/predict.txt is what predict says of B200 steps', (t) => {
  const text = readSharedData('simumax/steps_b200.csv');
  for (const line of sentences(text, 'b200-sxm')) t.true(results.includes(line), line);
});

test('figures of docs/predict.md are from results/predict.txt', (t) => {
  const page = readFileSync(projectFile('docs/predict.md'), 'utf8');
  const block = /<!-- figures from results\/predict.txt -->\n+```text\n([^]*?)```/.exec(page)![1]!;
  const lines = block.trim().split('\n');
  t.true(lines.length >= 6);
  for (const line of lines) t.true(results.includes(line), line);
});

test('steps on A100 PCIe, to which nothing was fitted', (t) => {
  const dense = errorsOf(steps('a100-pcie'), 'tflops', 'dense BF16');
  t.log(dense);
  t.is(dense.cases, 12);
  t.true(dense.meanAbsolutePct <= 6);
  t.true(Math.abs(dense.worstPct) <= 12);
});

test('a Llama 70B stage holds weights, gradients and its share of the optimizer', (t) => {
  const shape = readModelShape('llama-3-70b', 'test');
  const layout = { tensor: 4, context: 1, expert: 1, pipeline: 2, data: 8 };
  const part = { firstBlock: 0, endBlock: 40, hasEmbedding: true, hasHead: false };
  const block = 8192 * 128 * (2 * 64 + 2 * 8) + 3 * 8192 * 28672;
  const weights = (40 * block + 128256 * 8192) / 4;
  t.is(stateBytes(partParameters(part, shape, layout), layout), weights * (2 + 4 + 12 / 8));
});

const HEADER = 'case,model,tp,pp,dp,microbatches,chunks,precision,recompute';

test('more recomputation takes longer and keeps less', (t) => {
  const row = (recompute: string) => `${recompute},llama-3-8b,2,2,1,8,1,bf16,${recompute}`;
  const text = [HEADER, ...['none', 'selective', 'full'].map(row)].join('\n');
  const { rows } = predictCases(read(text).cases);
  const [none, selective, full] = rows.map((made) => [made['step_ms'], made['memory_gib']]);
  t.true(none![0]! < selective![0]! && selective![0]! < full![0]!);
  t.true(none![1]! > full![1]!);
  // All forwards once more: a third of the products again.
  const ratio = Number(full![0]) / Number(none![0]);
  t.true(ratio > 1.25 && ratio < 1.4, String(ratio));
});

test('energy of a token is power over tokens per second', (t) => {
  const [row] = predictCases(read(`${HEADER}\na,llama-3-8b,2,2,2,8,1,fp8,none`).cases).rows;
  const { power_w, tokens_per_s, j_per_token } = row as Record<string, number>;
  t.true(Math.abs((power_w! * 8) / tokens_per_s! / j_per_token! - 1) < 2e-3);
});

test('empty cells have defaults', (t) => {
  const { cases } = read('case,model,pp\n,llama-3-8b,4');
  t.is(cases[0]!.name, 'row 1');
  t.like(cases[0]!.job, { chunks: 1, microbatches: 16, precision: 'bf16', recompute: 'none' });
  t.is(cases[0]!.job.microbatch.sequence, readModelShape('llama-3-8b', 'test').sequence);
});

test('every wrong cell is named, in all rows', (t) => {
  const text = [
    `${HEADER},step_ms_measured`,
    'a,llama-3-8b,3,1,1,8,1,bf16,none,',
    'b,llama-3-8b,0,1.5,1,8,1,fp4,some,fast',
    'c,llama-3-8b,1,40,1,8,1,bf16,none,1',
    'e,llama-3-8b,1,1,1,900000,1,bf16,none,1',
  ].join('\n');
  const error = t.throws(() => read(text), { instanceOf: InputError });
  t.deepEqual(
    error.problems.map(({ line, field }) => `${line} ${field}`),
    [
      '2 column "tp"',
      '3 column "pp"',
      '3 column "tp"',
      '3 column "precision"',
      '3 column "recompute"',
      '3 column "step_ms_measured"',
      '4 column "pp"',
      '5 column "microbatches"',
    ],
  );
});

test('a file without a GPU says so once', (t) => {
  const error = t.throws(
    () => readPredictionCases('model\nllama-3-8b\nllama-3-8b', 'cases.csv', LIBRARY, {}),
    { instanceOf: InputError },
  );
  t.is(error.message, 'cases.csv: has no column "gpu"; add it, or give --gpu for all rows');
});
