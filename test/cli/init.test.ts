import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { parse } from 'yaml';
import { initCommand } from '../../sim/cli/init-command.js';
import { init } from '../../sim/cli/init-options.js';
import { QUESTIONS, type Asking } from '../../sim/cli/init-questions.js';
import { EXIT } from '../../sim/cli/program.js';
import { captured, runInProcess } from '../support/in-process.js';
import { runToEnd } from '../support/command.js';

const folder = mkdtempSync(join(tmpdir(), 'pipewatt-init-'));
test.after.always(() => {
  rmSync(folder, { recursive: true });
});

test('without questions the defaults are written, with a comment on every field, and run', async (t) => {
  const file = join(folder, 'plain.yaml');
  const { code, out, err } = await runInProcess(['init', file, '--yes']);
  t.deepEqual([code, out], [EXIT.ok, '']);
  t.is(err, `wrote ${file}\npipewatt run ${file} runs it\n`);
  const text = readFileSync(file, 'utf8');
  t.deepEqual(parse(text), {
    name: 'plain',
    profile: { model: 'llama-3-70b', gpu: 'h100-sxm', microbatch: 1 },
    pipeline: { schedule: '1f1b', stages: 8, microbatches: 24 },
    ...{ tensorParallel: 8, pipelines: 16 },
    stragglers: [{ pipeline: 0, slowdown: 1.2, cause: 'busy' }],
    policies: ['max-frequency', 'zeus-global', 'perseus'],
  });
  t.true(text.split('\n').filter((line) => line.includes('#')).length >= 10);
  const run = await runInProcess(['run', file, '--no-bound']);
  t.regex(run.out, /^perseus saves about \d+ % of the energy/);
});

test('options change the defaults; a name that YAML would read as a number is one', async (t) => {
  const file = join(folder, '1e5.yaml');
  const { code } = await runInProcess([
    ...['init', file, '--yes', '--catalog', 'gpt3-175b-a40', '--slowdown', '1'],
    ...['--schedule', 'GPipe', '--pipelines', '1', '--microbatches', '6'],
  ]);
  t.is(code, EXIT.ok);
  const { name, profile, stragglers, pipeline } = parse(readFileSync(file, 'utf8')) as Record<
    string,
    unknown
  >;
  t.deepEqual(
    [name, profile, stragglers, pipeline],
    ['1e5', { catalog: 'gpt3-175b-a40' }, [], { schedule: 'GPipe', stages: 8, microbatches: 6 }],
  );
});

test('what cannot run is said of the options, all at once, and not written', async (t) => {
  const file = join(folder, 'wrong.yaml');
  const { code, err } = await runInProcess([
    ...['init', file, '--yes', '--model', 'llama-3-70', '--gpu', 'h100: sxm', '--schedule', 'zbv'],
  ]);
  t.is(code, EXIT.wrongInput);
  t.regex(err, /^pipewatt init, --schedule: found "zbv", .*did you mean "zb-h1"\?$/m);
  t.false(existsSync(file));
  const names = await runInProcess([
    ...['init', file, '--yes', '--model', 'llama-3-70', '--gpu', 'h100: sxm'],
  ]);
  t.regex(names.err, /^pipewatt init, --model: .*llama-3-70/m);
  t.false(existsSync(file));
});

test('a file that is there is left alone', async (t) => {
  const file = join(folder, 'mine.yaml');
  writeFileSync(file, 'name: mine\n');
  const { code, err } = await runInProcess(['init', file, '--yes']);
  t.is(code, EXIT.wrongInput);
  t.is(err, `pipewatt init, file: found ${file}, which is there already; choose another name\n`);
  t.is(readFileSync(file, 'utf8'), 'name: mine\n');
});

test('in a pipe it says what to do, and asks nothing', (t) => {
  const file = join(folder, 'pipe.yaml');
  const { code, err } = runToEnd(['init', file], { input: '' });
  t.is(code, EXIT.wrongInput);
  t.regex(err, /needs a terminal; --yes takes the defaults/);
  t.false(existsSync(file));
});

test('questions follow from the answers, and options are not asked for', async (t) => {
  const file = join(folder, 'asked.yaml');
  const asked: string[] = [];
  const reader: Asking = {
    choose: (message, names, preset) => {
      asked.push(message);
      t.true(names.includes(preset), message);
      return Promise.resolve(message.startsWith('Times') ? 'catalog' : preset);
    },
    number: (message, preset) => {
      asked.push(message);
      return Promise.resolve(message.startsWith('Microbatches') ? 12 : preset);
    },
  };
  await captured((terminal) =>
    initCommand({ declared: init, args: [file], given: { stages: '8' }, terminal }, () =>
      Promise.resolve(reader),
    ),
  );
  const left = new Set(['model', 'gpu', 'microbatch', 'stages']);
  t.deepEqual(
    asked,
    QUESTIONS.filter(({ name }) => !left.has(name)).map(({ message }) => message),
  );
  const { profile, pipeline } = parse(readFileSync(file, 'utf8')) as Record<string, unknown>;
  t.deepEqual(profile, { catalog: 'gpt3-175b-a100-sxm' });
  t.deepEqual(pipeline, { schedule: '1f1b', stages: 8, microbatches: 12 });
});
