import test from 'ava';
import { LISTED_KINDS } from '../../sim/cli/list-options.js';
import { EXIT } from '../../sim/cli/program.js';
import { SCHEDULE_VOCABULARY } from '../../src/pipeline/schedules.js';
import { POLICY_NAMES } from '../../src/planner/policy-names.js';
import { understood } from '../../src/vocabulary.js';
import { runInProcess } from '../support/in-process.js';

const listed = async (...words: readonly string[]) => {
  const { out } = await runInProcess(['list', ...words, '--format', 'json']);
  return JSON.parse(out) as { readonly name: string; readonly about: string }[];
};

test('every kind names something, each with a few words, in lines of at most 80 columns', async (t) => {
  for (const kind of LISTED_KINDS) {
    const { code, out, err } = await runInProcess(['list', kind]);
    t.deepEqual([code, err], [EXIT.ok, '']);
    t.true(out.split('\n').every((line) => Array.from(line).length <= 80));
    const all = await listed(kind);
    t.true(all.length > 3, kind);
    for (const { name, about } of all) {
      t.true(out.includes(name), name);
      t.not(about, '', name);
    }
  }
});

test('names are those that scenarios and commands take', async (t) => {
  const names = async (kind: string) => (await listed(kind)).map(({ name }) => name);
  t.deepEqual(await names('policies'), POLICY_NAMES);
  t.true((await names('scenarios')).includes('quick-start'));
  t.true((await names('scenarios')).includes('power-cap'));
  t.true((await names('gpus')).includes('h100-sxm'));
  t.true((await names('models')).includes('deepseek-v3'));
  t.true((await names('catalog')).includes('gpt3-175b-a100-sxm'));
  const { out } = await runInProcess(['list', '--format', 'csv']);
  t.regex(out, /^name,about\n.*^quick-start,/ms);
});

test('a schedule is understood by every spelling that its line names', async (t) => {
  for (const { name, about } of await listed('schedules')) {
    const [, others] = about.split('; also ') as [string, string];
    for (const other of others.split(', ')) {
      t.is(understood(SCHEDULE_VOCABULARY, other) as string, name);
    }
  }
  for (const [spelt, name] of [
    ['1F1B', '1f1b'],
    ['Interleaved1F1B', 'interleaved'],
    ['ScheduleGPipe', 'gpipe'],
    ['DUALPIPE', 'dualpipe'],
    ['forward_backward_pipelining_with_interleaving', 'interleaved'],
  ] as const) {
    t.is(understood(SCHEDULE_VOCABULARY, spelt), name);
  }
});

test('another kind is refused, with the nearest', async (t) => {
  const { code, err } = await runInProcess(['list', 'gpu']);
  t.is(code, EXIT.wrongInput);
  t.regex(err, /pipewatt list, kind: found "gpu", expected scenarios, .*; did you mean "gpus"\?/);
});
