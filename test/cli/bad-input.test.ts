import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import test from 'ava';
import { EXIT } from '../../sim/cli/program.js';
import { projectFile } from '../support/shared-data.js';
import { runInProcess } from '../support/in-process.js';

/**
 * Every broken file in test/fixtures/bad has beside it the exact message that it gives. To take
 * over changed messages: UPDATE_GOLDEN=1 npx ava test/cli, and read the difference.
 */
const FOLDER = 'test/fixtures/bad';

/** Broken command lines; `PROFILE` and `SCENARIO` stand for files that are right. */
const COMMANDS: Readonly<Record<string, string>> = {
  'command-unknown': 'simulate',
  'command-unknown-option': 'run SCENARIO --fast',
  'command-no-scenario': 'run',
  'command-format': 'run SCENARIO --format xml',
  'command-no-such-file': 'run nowhere.yaml',
  'command-folder': 'run test',
  'command-plan-needs': 'plan PROFILE',
  'command-plan-numbers':
    'plan PROFILE --stages two --microbatches 0 --blocking-power -1 --unit-time 0 --tensor-parallel 1.5 --scale x',
  'command-plan-stages':
    'plan PROFILE --stages 3 --microbatches 4 --blocking-power 80 --unit-time 0.001',
  'command-plan-both':
    'plan PROFILE --stages 2 --microbatches 4 --blocking-power 80 --unit-time 0.001 --deadline 2 --straggler 1.2',
  'command-plan-deadline':
    'plan PROFILE --stages 2 --microbatches 4 --blocking-power 80 --unit-time 0.001 --deadline 0.1',
  'command-plan-coarse':
    'plan PROFILE --stages 2 --microbatches 4 --blocking-power 80 --unit-time 0.06',
  'command-fit-entry': 'fit PROFILE --format yaml',
  'command-output': 'run SCENARIO --output nowhere/table.txt',
  'command-trace-name': 'run SCENARIO --trace trace.html --format xml',
  'command-trace-folder': 'run nowhere.yaml --trace nowhere/trace.json.gz',
  'command-trace-output': 'run SCENARIO --trace run.json --output run.json',
  'command-synth-needs': 'synth --microbatch 0 --efficiency 2',
  'command-synth-names': 'synth --model gpt-5 --gpu h100-sxm --stages 8 --microbatch 1',
  'command-synth-stages': 'synth --model llama-3-8b --gpu a40 --stages 33 --microbatch 1',
  'command-synth-gpu-file':
    'synth --model llama-3-8b --gpu test/fixtures/parts/broken-gpu.yaml --stages 8 --microbatch 1',
  'command-synth-model-file':
    'synth --model test/fixtures/parts/broken-model.yaml --gpu a40 --stages 1 --microbatch 1',
  'command-synth-beyond':
    'synth --model llama-3-8b --gpu a40 --stages 8 --microbatch 1e9 --sequence 1e15 --efficiency 1e-9 --tensor-parallel 1e6',
  'command-partition-beyond': 'partition --blocks 3 --head 1e308 --embedding 1e308 --stages 2',
  'command-partition-fraction': 'partition --blocks 1.5 --stages 2',
  'command-partition-negative': 'partition --blocks -1 --stages 2 --head x',
  'command-partition-text': 'partition --blocks abc --stages 2.5',
  'command-partition-needs': 'partition --stages 4',
  'command-partition': 'partition --blocks 3 --head -1 --stages 9',
  'command-replay-no-parquet': 'replay PROFILE',
  'command-replay-no-file': 'replay nowhere.parquet --format xml --tensor-parallel 0',
};

function argumentsOf(name: string): string[] {
  const command = COMMANDS[name];
  if (command !== undefined) {
    return command
      .replace('PROFILE', 'test/fixtures/good/two-stages.csv')
      .replace('SCENARIO', 'test/fixtures/good/two-stages.yaml')
      .split(' ');
  }
  const file = `${FOLDER}/${name}`;
  return name.endsWith('.csv') ? ['fit', file] : ['run', file];
}

const broken = readdirSync(projectFile(FOLDER)).filter((name) => !name.endsWith('.expected.txt'));

for (const name of [...broken, ...Object.keys(COMMANDS)]) {
  test.serial(`${name} is refused with its message`, async (t) => {
    const { code, out, err } = await runInProcess(argumentsOf(name));
    t.is(code, EXIT.wrongInput);
    t.is(out, '', 'nothing on standard output');
    t.notRegex(err, /\n\s+at /, 'no stack trace');
    const golden = projectFile(`${FOLDER}/${name}.expected.txt`);
    if (process.env['UPDATE_GOLDEN'] === '1') writeFileSync(golden, err);
    t.is(err, readFileSync(golden, 'utf8'));
  });
}

test('there is a broken file or command for at least 25 mistakes', (t) => {
  t.true(broken.length >= 25);
  const goldens = readdirSync(projectFile(FOLDER)).filter((name) => name.endsWith('.expected.txt'));
  const stale = goldens.filter((name) => {
    const of = name.slice(0, -'.expected.txt'.length);
    return !broken.includes(of) && COMMANDS[of] === undefined;
  });
  t.deepEqual(stale, [], 'every message belongs to a mistake');
});

test.serial('what cannot be written leaves nothing behind', async (t) => {
  await runInProcess(argumentsOf('command-output'));
  t.false(existsSync(projectFile('nowhere')));
});
