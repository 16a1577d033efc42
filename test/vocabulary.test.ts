import test from 'ava';
import { SCHEDULE_NAMES, SCHEDULE_VOCABULARY } from '../src/pipeline/schedules.js';
import { suggestion, understood } from '../src/vocabulary.js';
import { LIBRARY } from '../sim/disk/catalog-files.js';
import { POLICY_VOCABULARY } from '../src/planner/policy-names.js';
import { checkScenario } from '../sim/scenario/scenario.js';
import { CAUSE_VOCABULARY } from '../sim/scenario/straggler-schema.js';

test('schedules are understood however they are spelt', (t) => {
  const spellings: Readonly<Record<string, readonly string[]>> = {
    '1f1b': ['1F1B', '1f1b ', '1F-1B', 'one_f_one_b', 'Schedule1F1B', 'PipeDream-Flush'],
    gpipe: ['GPipe', 'GPIPE', 'g-pipe', 'ScheduleGPipe', 'F then B', 'fill_drain'],
    interleaved: ['Interleaved1F1B', 'interleaved-1f1b', 'Interleaved', '1F1B-Interleaved', 'vpp'],
    'zb-h1': ['ZBH1', 'zb_h1', 'ZB-H1', 'zbh1', 'Zero Bubble H1', 'zb1p'],
    dualpipe: ['DualPipe', 'dual_pipe', 'DUALPIPE', 'Dual-Pipe'],
    'early-recomputation': ['early recomputation', 'EarlyRecomputation', 'early_recomputation'],
  };
  for (const [name, others] of Object.entries(spellings)) {
    for (const other of others) t.is(understood(SCHEDULE_VOCABULARY, other), name as never, other);
  }
});

test('what is only related is suggested, not taken', (t) => {
  for (const [found, name] of [
    ['ZB-V', 'zb-h1'],
    ['zero-bubble', 'zb-h1'],
    ['ScheduleLoopedBFS', 'gpipe'],
    ['DualPipeV', 'dualpipe'],
    ['interlaved', 'interleaved'],
    ['1f1', '1f1b'],
    ['gpip', 'gpipe'],
  ] as const) {
    t.is(understood(SCHEDULE_VOCABULARY, found), undefined, found);
    t.is(suggestion(SCHEDULE_VOCABULARY, found), `; did you mean "${name}"?`, found);
  }
  t.is(suggestion(SCHEDULE_VOCABULARY, 'zigzag'), '');
  t.is(suggestion(SCHEDULE_VOCABULARY, ''), '');
  t.is(suggestion(POLICY_VOCABULARY, 'baseline'), '; did you mean "max-frequency"?');
});

const catalog = (find: () => { readonly name: string }): string => {
  try {
    return find().name;
  } catch (error) {
    return /did you mean .*/.exec((error as Error).message)?.[0] ?? '';
  }
};
const asked = { source: 's.yaml', field: 'f' };
const gpu = (name: string) => catalog(() => LIBRARY.gpu(name, asked));
const model = (name: string) => catalog(() => LIBRARY.model(name, asked));

test('GPUs and models are understood in other spellings, and suggested for parts of their names', (t) => {
  const [sxm, llama, gpt] = [gpu('h100-sxm'), model('llama-3-70b'), model('gpt3-175b')];
  for (const name of ['H100_SXM', 'H100 SXM', 'h100sxm', 'H100-SXM']) t.is(gpu(name), sxm, name);
  for (const name of ['llama3-70b', 'Llama 3 70B', 'LLAMA_3_70B']) t.is(model(name), llama, name);
  for (const name of ['GPT-3 175B', 'gpt3_175b', 'gpt-3-175b']) t.is(model(name), gpt, name);
  t.is(gpu('H100'), 'did you mean "h100-pcie" or "h100-sxm"?');
  t.is(gpu('A100'), 'did you mean "a100-pcie", "a100-sxm" or "a100-sxm-40gb"?');
  t.is(gpu('h1000'), 'did you mean "h100-pcie" or "h100-sxm"?');
  t.is(gpu('NVIDIA H100-SXM5-80GB'), 'did you mean "h100-sxm"?');
  t.is(model('gpt3'), 'did you mean "gpt3-175b" or "gpt3-2.7b"?');
  // Another model, not another spelling: 27 is not 2.7, 370 is not 3-70.
  t.is(model('gpt3-27b'), 'did you mean "gpt3-2.7b"?');
  t.is(model('llama-370b'), 'did you mean "llama-3-70b"?');
});

const quoted = (names: readonly string[]) => names.map((name) => JSON.stringify(name)).join(', ');

test('a scenario keeps our names, whatever it was written with', (t) => {
  const scenario = (schedule: string, policies: readonly string[], cause: string) =>
    checkScenario({
      name: 's',
      profile: { catalog: 'gpt3-175b-a40' },
      pipeline: { stages: 8, microbatches: 8, schedule },
      stragglers: [{ pipeline: 0, cause, slowdown: 1.2 }],
      policies,
    });
  t.deepEqual(
    scenario('Interleaved_1F1B', ['Max Frequency', 'PERSEUS', 'perseus_hull'], 'Busy'),
    scenario('interleaved', ['max-frequency', 'perseus', 'perseus-hull'], 'busy'),
  );
  t.deepEqual(scenario('zero bubble', ['max-frequency', 'zeus'], 'bussy'), [
    {
      path: ['pipeline', 'schedule'],
      message: `found "zero bubble", expected one of ${quoted(SCHEDULE_NAMES)}; did you mean "zb-h1"?`,
    },
    {
      path: ['stragglers', 0, 'cause'],
      message: `found "bussy", expected one of ${quoted(CAUSE_VOCABULARY.names)}; did you mean "busy"?`,
    },
    {
      path: ['policies', 1],
      message:
        'found "zeus", expected one of "max-frequency", "zeus-global", "zeus-per-stage", "envpipe", "perseus", "perseus-hull", "perseus-flat"; did you mean "zeus-global"?',
    },
  ]);
});
