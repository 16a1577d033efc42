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

const publishedFile = (name: string) =>
  readFileSync(projectFile(`scenarios/published/${name}.csv`), 'utf8');
const steps = (gpu: string) => publishedFile(`${gpu}-steps`);
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
  for (const name of ['h100-steps', 'gb200-gb300-steps', 'a100-pcie-steps', 'a100-sxm-plans']) {
    for (const line of sentences(publishedFile(name))) t.true(results.includes(line), line);
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

test('plans on A100 SXM at clocks of their own, to whose steps nothing was fitted', (t) => {
  const text = publishedFile('a100-sxm-plans');
  const mean = (column: string) =>
    (errorsOf(text, column, 'Llama 3.2 3B').meanAbsolutePct +
      errorsOf(text, column, 'Qwen3 1.7B').meanAbsolutePct) /
    2;
  t.is(read(text).cases.length, 24);
  t.true(mean('step_ms') <= 12);
  t.true(mean('power_w') <= 8);
});

const BOARD = 'case,gpu,model,tp,pp,microbatches,clock_mhz,power_limit_w';
const onBoard = (...rows: string[]) =>
  predictCases(
    read([BOARD, ...rows.map((row) => `x,a100-sxm,llama-3-8b,4,2,8,${row}`)].join('\n')).cases,
  ).rows as readonly Record<string, number>[];

test('clocks and limits: longer steps at less power', (t) => {
  const [free, high, low, limited] = onBoard(',', '1410,', '1110,', ',250');
  t.deepEqual(free, high, 'the highest clock is that of jobs that set none');
  t.true(low!['step_ms']! > 1.1 * free!['step_ms']! && low!['power_w']! < 0.8 * free!['power_w']!);
  t.true(limited!['power_w']! <= 250 && limited!['step_ms']! > 1.1 * free!['step_ms']!);
  const [both, first, second] = onBoard('1110/1110,', '1110/1410,', '1410/1110,');
  t.deepEqual(both, low, 'one clock is that of every stage');
  for (const one of [first!, second!]) {
    t.true(one['power_w']! > low!['power_w']! && one['power_w']! < free!['power_w']!);
    t.true(one['step_ms']! <= low!['step_ms']!);
  }
});

test('clocks and limits that a board has not are refused, all of them', (t) => {
  const row = (cells: string) => `x,a100-sxm,llama-3-8b,4,2,8,${cells}`;
  const text = [BOARD, ...['1411,', '200,', '1110/fast,', '1110/1110/1110,', ',60', ',x'].map(row)];
  const error = t.throws(() => read(text.join('\n')), { instanceOf: InputError });
  t.deepEqual(
    error.problems.map(({ line, field }) => `${line} ${field}`),
    ['2', '3', '4', '5']
      .map((line) => `${line} column "clock_mhz"`)
      .concat(['6', '7'].map((line) => `${line} column "power_limit_w"`)),
  );
});

test('savings are bands of whole points, where they are found within seconds', (t) => {
  const text = [HEADER, 'a,llama-3-8b,4,4,1,16,1,bf16,none', 'b,llama-3-8b,4,4,1,16,2,bf16,none'];
  const [quick, slow] = predictCases(read(text.join('\n')).cases, 1.1).rows;
  const [low, middle, high] = ['saving_low_pct', 'saving_pct', 'saving_high_pct'].map((key) =>
    Number(quick![key]),
  );
  t.true(low! < middle! && middle! < high! && [low, middle, high].every(Number.isInteger));
  t.true(middle! > 15 && middle! < 40, String(middle));
  t.is(slow!['saving_pct'], '');
  t.false('saving_pct' in predictCases(read(text.join('\n')).cases).rows[0]!);
});

const SHAPED = 'case,gpu,model,tp,pp,microbatches,sequence_parallel,first_stage_layers';

test('without sequence parallelism norms are repeated on every GPU, and kept', (t) => {
  const text = [SHAPED, 'a,h100-sxm,llama-3-8b,4,2,8,yes,', 'b,h100-sxm,llama-3-8b,4,2,8,no,'];
  const [shared, repeated] = predictCases(read(text.join('\n')).cases).rows;
  t.true(Number(repeated!['step_ms']) > 1.02 * Number(shared!['step_ms']));
  t.true(Number(repeated!['memory_gib']) > Number(shared!['memory_gib']));
});

test('a first stage of more layers; one that leaves no even rest is refused', (t) => {
  const row = (cells: string) => `a,h100-sxm,llama-3-8b,1,3,8,${cells}`;
  const [found] = read([SHAPED, row('yes,12')].join('\n')).cases;
  t.deepEqual(
    found!.job.partition?.map(({ blocks }) => blocks),
    [12, 10, 10],
  );
  const wrong = [SHAPED, row('yes,11'), row('yes,32'), 'b,h100-sxm,mixtral-8x7b,4,1,8,no,'];
  const error = t.throws(() => read(wrong.join('\n')), { instanceOf: InputError });
  t.deepEqual(
    error.problems.map(({ field }) => field),
    ['column "first_stage_layers"', 'column "first_stage_layers"', 'column "sequence_parallel"'],
  );
});

test('a Llama 70B stage holds weights, gradients and its share of the optimizer', (t) => {
  const shape = readModelShape('llama-3-70b', 'test');
  const layout = { tensor: 4, context: 1, expert: 1, pipeline: 2, data: 8 };
  const part = { firstBlock: 0, endBlock: 40, hasEmbedding: true, hasHead: false, predictions: 0 };
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
