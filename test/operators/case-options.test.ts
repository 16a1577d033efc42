import test from 'ava';
import { InputError } from '../../src/errors.js';
import { readMachine, readModelShape } from '../../sim/disk/operator-catalog.js';
import { leavingPart } from '../../sim/operators/expert-exchange.js';
import { modelFlopsPerToken } from '../../sim/operators/model-shape.js';
import { partParameters, stateBytes } from '../../sim/operators/part-memory.js';
import { jobParts } from '../../sim/operators/predict.js';
import { readPredictionCases } from '../../sim/operators/prediction-cases.js';
import { predictCases } from '../../sim/operators/prediction-rows.js';

const library = {
  machine: (name: string) => readMachine(name, 'test'),
  shape: (name: string) => readModelShape(name, 'test'),
};

/** Cases of rows that differ from one job in some columns. */
function casesOf(
  job: Record<string, string | number>,
  ...changes: Record<string, string | number>[]
) {
  const rows = changes.map((change): Record<string, string | number> => ({ ...job, ...change }));
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  const lines = rows.map((row) => columns.map((column) => row[column] ?? '').join(','));
  return readPredictionCases([columns.join(','), ...lines].join('\n'), 'cases.csv', library, {});
}

/** A column of what is predicted. */
function predicted(
  column: string,
  job: Record<string, string | number>,
  ...changes: Record<string, string | number>[]
): number[] {
  return predictCases(casesOf(job, ...changes).cases).rows.map((row) => Number(row[column]));
}

const DEEPSEEK = { gpu: 'h100-sxm', model: 'deepseek-v3', pp: 16, ep: 64, dp: 64 };

test('multi-token prediction: on by default, off if cut short, as a layout has it', (t) => {
  const { cases } = casesOf(
    DEEPSEEK,
    {},
    { mtp: 'no' },
    { layers: 32 },
    { layers: 61 },
    { layers: 32, mtp: 'yes' },
    { layout: 'Et*4|(t*4|)*14tL' },
    { layout: 'Et*4|(t*4|)*14tmL' },
  );
  t.deepEqual(
    cases.map(({ job }) => job.shape.predictionBlocks?.length ?? 0),
    [1, 0, 0, 1, 1, 0, 1],
  );
  t.regex(cases[0]!.notes.join(), /predict 2 tokens, as its recipes do; mtp: no leaves that out/);
  t.notRegex(cases[1]!.notes.join(), /predict/);
});

test('multi-token prediction adds a block, a projection and a head: operations, weights, time', (t) => {
  const [on, off] = casesOf(
    DEEPSEEK,
    { layout: 'Et*4|(t*4|)*14tmL' },
    { layout: 'Et*4|(t*4|)*14tL' },
  ).cases;
  const [shape, without] = [on!.job.shape, off!.job.shape];
  const hidden = 7168;
  const block = { ...without, blocks: [without.blocks[60]!], vocabulary: 0 };
  const expected =
    modelFlopsPerToken(block, 4096) + 6 * (2 * hidden * hidden) + 6 * hidden * shape.vocabulary;
  const added = modelFlopsPerToken(shape, 4096) - modelFlopsPerToken(without, 4096);
  t.true(Math.abs(added / expected - 1) < 1e-9);

  const [last, lastWithout] = [jobParts(on!.job)[15]!, jobParts(off!.job)[15]!];
  t.true(last.forward.product > 1.9 * lastWithout.forward.product);
  const { layout } = on!.job;
  const weights = (part: typeof last, of: typeof shape) => partParameters(part, of, layout).dense;
  const copied = weights(last, shape) - weights(lastWithout, without);
  // The embedding is a copy here: it is the first stage's.
  t.true(copied > hidden * shape.vocabulary + 2 * hidden * hidden);
  const [stepOn, stepOff] = predicted(
    'step_ms',
    DEEPSEEK,
    { layout: 'Et*4|(t*4|)*14tmL' },
    { layout: 'Et*4|(t*4|)*14tL' },
  );
  t.true(stepOn! >= stepOff!);
});

test('a partition that is not even names its default', (t) => {
  const { cases } = casesOf(DEEPSEEK, { pp: 4, dp: 64 });
  t.regex(
    cases[0]!.notes[0]!,
    /^61 layers of deepseek-v3 do not divide by 4 stages × 1 chunks, and are cut so that the slowest part is fastest \([\d× ,]+\); layout/,
  );
  const job = { gpu: 'h100-sxm', model: 'llama-3-8b', pp: 4, dp: 8 };
  t.deepEqual(casesOf(job, {}).cases[0]!.notes, []);
});

test('chunks follow from a layout; parts without layers are possible', (t) => {
  const job = { gpu: 'h100-sxm', model: 'llama-3-8b', pp: 4 };
  const { cases } = casesOf(
    job,
    { layout: 'Et*4|(t*4|)*6t*4L' },
    { layout: 'E|t*16|t*16|L', microbatches: 4 },
  );
  t.deepEqual(
    cases.map((made) => made.job.chunks),
    [2, 1],
  );
  const rows = predictCases(cases).rows;
  t.true(rows.every((row) => Number(row['step_ms']) > 0 && Number(row['memory_gib']) > 0));
});

test('savings are predicted of stages without layers too', (t) => {
  const job = { gpu: 'h100-sxm', model: 'llama-3-8b', pp: 3, microbatches: 4, layout: 'E|t*32|L' };
  const [row] = predictCases(casesOf(job, {}).cases, 1.2).rows;
  t.true(Number(row!['saving_pct']) > 0);
});

test('weights that are shared out: less memory, gathers that computing hides or not', (t) => {
  const shape = readModelShape('llama-3-8b', 'test');
  const plain = { tensor: 1, context: 1, expert: 1, pipeline: 1, data: 8 };
  const whole = { firstBlock: 0, endBlock: 32, hasEmbedding: true, hasHead: true, predictions: 0 };
  const weights = partParameters(whole, shape, plain);
  t.is(stateBytes(weights, { ...plain, sharded: 'weights' }), (weights.dense * 18) / 8);

  const job = { gpu: 'h100-sxm', model: 'llama-3-8b', dp: 8, microbatches: 4, sequence: 8192 };
  const [none, full, gradients] = predicted(
    'memory_gib',
    job,
    {},
    { fsdp: 'full_shard' },
    { fsdp: 'shard_grad_op' },
  );
  t.true(full! < gradients! && gradients! < none!);
  // Short sequences leave nothing to hide gathers behind; those of every layer are then seen.
  const short = { ...job, sequence: 64 };
  const [once, twice] = predicted(
    'step_ms',
    short,
    { fsdp: 'shard_grad_op' },
    { fsdp: 'full_shard' },
  );
  const gathersMs = (4 * 32 * 1000 * 2 * 218_103_808 * (7 / 8)) / (450e9 * 0.75);
  t.true(Math.abs((twice! - once!) / gathersMs - 1) < 0.25, `${twice! - once!} ms, ${gathersMs}`);
});

test('without replicas nothing is shared out', (t) => {
  const job = { gpu: 'h100-sxm', model: 'llama-3-8b', tp: 4, microbatches: 4 };
  for (const column of ['step_ms', 'memory_gib']) {
    const [none, full] = predicted(column, job, {}, { fsdp: 'full_shard' });
    t.is(full, none, column);
  }
});

const QWEN = {
  gpu: 'h100-sxm',
  model: 'qwen3-235b-a22b',
  tp: 2,
  ep: 32,
  pp: 2,
  dp: 16,
  microbatches: 16,
};

test('experts: imbalance takes longer, once for each node, eight bits and overlap shorter', (t) => {
  const [usual, uneven, nodes, small, hidden] = predicted(
    'step_ms',
    QWEN,
    {},
    { expert_imbalance: 1.2 },
    { expert_exchange: 'nodes' },
    { expert_exchange: 'nodes', expert_dispatch: 'fp8' },
    { expert_overlap: 'yes' },
  );
  t.true(uneven! > 1.1 * usual! && uneven! < 1.2 * usual!);
  t.true(nodes! < usual! && small! < nodes! && hidden! < usual!);
  const [gib, more] = predicted('memory_gib', QWEN, {}, { expert_imbalance: 1.2 });
  t.true(more! > gib!);
  const noted = casesOf(QWEN, {}, { expert_imbalance: 1 }).cases.map(({ notes }) => notes.join());
  t.regex(noted[0]!, /all GPUs get equally many tokens/);
  t.notRegex(noted[1]!, /equally many/);
});

test('part of copies that leaves a node when each node gets one', (t) => {
  // One expert for each token, or all in one node: nothing is saved.
  t.is(leavingPart({ experts: 64, perToken: 1 }, 8), 1);
  t.is(leavingPart({ experts: 64, perToken: 8 }, 1), 1);
  // All experts chosen: of 8 on each of 4 nodes, one copy is left.
  t.true(Math.abs(leavingPart({ experts: 32, perToken: 32 }, 4) - 1 / 8) < 1e-12);
  // Two of four experts, two nodes: the other node is missed with 1/2 · 1/3.
  t.true(Math.abs(leavingPart({ experts: 4, perToken: 2 }, 2) - 5 / 6) < 1e-12);
});

test('wrong options are named, with what is expected', (t) => {
  const job = { gpu: 'h100-sxm', model: 'llama-3-8b', pp: 4 };
  const error = t.throws(
    () =>
      casesOf(
        job,
        { layout: 'Ettx|L', mtp: 'perhaps', fsdp: 'zero', expert_imbalance: 0.5 },
        { layout: 'Et*7|t*8|t*8|t*8|L' },
        { mtp: 'yes' },
        { account_for_loss: 'yes', last_stage_layers: 5 },
        { expert_imbalance: 3, ep: 2, dp: 2 },
        { first_stage_layers: 30 },
      ),
    { instanceOf: InputError },
  );
  t.deepEqual(
    error.problems.map(({ line, field, message }) => `${line} ${field} ${message.slice(0, 40)}`),
    [
      '2 column "mtp" found "perhaps", expected one of yes, no',
      '2 column "layout" found "Ettx|L": "x" is none of E embeddi',
      '2 column "fsdp" found "zero", expected one of no, full_s',
      `2 column "expert_imbalance" found "0.5", expected the busiest GPU's `,
      '3 column "layout" found "Et*7|t*8|t*8|t*8|L": it has 5 par',
      '4 column "mtp" found yes, but Llama 3 8B predicts one t',
      '5 column "account_for_loss" embedding and loss cannot count as layer',
      `6 column "expert_imbalance" found "3", expected the busiest GPU's to`,
      '7 column "first_stage_layers" found 30; the other 3 stages × 1 chunks ',
    ],
  );
});
