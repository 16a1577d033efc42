import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import test from 'ava';
import { KINDS, kindOfFile, type FileKind } from '../../src/file-kinds.js';
import { EXIT } from '../../sim/cli/program.js';
import { projectFile } from '../support/files.js';
import { runInProcess } from '../support/in-process.js';

const bytes = (text: string) => Buffer.from(text, 'latin1');
const CSV = 'stage,instruction,frequency,time,energy\n0,forward,1410,0.05,17\n';

/** A file of each kind, as far as is looked at. */
const FILES: readonly (readonly [string, FileKind, Buffer])[] = [
  ['p.csv', 'profile', bytes(CSV)],
  ['bom.csv', 'profile', Buffer.from(`\ufeff${CSV}`)],
  ['crlf.csv', 'profile', bytes(CSV.replaceAll('\n', '\r\n'))],
  [
    'ranks.csv',
    'profile',
    bytes('Rank,Energy,Time,Frequency,Stage,Instruction\n0,1,1,1410,0,forward\n'),
  ],
  [
    's.yaml',
    'scenario',
    bytes('name: s\nprofile: {catalog: a}\npipeline: {stages: 2, microbatches: 4}\n'),
  ],
  ['s.json', 'scenario', bytes('{"name": "s", "profile": {"catalog": "a"}, "pipeline": {}}')],
  ['broken.yaml', 'scenario', bytes('name: s\nprofile: {catalog: a\npipeline: {stages: 2}\n')],
  ['w.yaml', 'sweep', bytes('name: w\nbase: s.yaml\nmatrix: {seed: [1, 2]}\n')],
  ['w2.yaml', 'sweep', bytes('name: w\nmatrix: {seed: [1, 2]}\n')],
  ['run.csv', 'table', bytes('scenario,policy,seed,simulated_energy_j\ns,perseus,1,5\n')],
  [
    'run.json',
    'run-json',
    bytes('{"pipewatt": "0.1.0", "title": "t", "scenario": {}, "policies": []}'),
  ],
  ['t.json', 'run-trace', bytes('{"otherData":{},"traceEvents":[\n]}')],
  [
    'base.json',
    'baseline',
    bytes('{"version":"0.1.0","suite":"smoke","planner":"p","cases":[\n]}'),
  ],
  ['plan.csv', 'plan', bytes('stage,index,instruction,microbatch,frequency_mhz,duration_s\n')],
  ['plan.json', 'plan', bytes('{"planner": "perseus", "planned_time_s": 1, "instructions": []}')],
  ['freqs.py', 'plan', bytes("[\n[('forward', 1410), ('backward', 1260)],\n]\n")],
  ['freqs2.py', 'plan', bytes('# mine\nplan = [ # stages\n(("forward", 1410),)]\n')],
  ['frontier.csv', 'frontier', bytes('time_s,energy_j\n1,2\n')],
  ['frontier.json', 'frontier', bytes('{"points": [{"time_s": 1, "energy_j": 2}]}')],
  [
    'plans.csv',
    'executed-plans',
    bytes('workload_id,plan,stage,index,instruction,microbatch,frequency_mhz\n'),
  ],
  [
    'windows.csv',
    'monitor-log',
    bytes('start_time,window_name,elapsed_time,gpu0_energy\n1,a,9.21,2053.6\n'),
  ],
  ['smi.csv', 'smi-log', bytes('timestamp, index, power.draw [W], clocks.current.sm [MHz]\n')],
  ['dmon.csv', 'smi-log', bytes('timestamp,power_draw,gpu\n')],
  ['r.html', 'page', bytes('<!DOCTYPE html>\n<html lang="en">')],
  ['r.svg', 'picture', bytes('<svg xmlns="http://www.w3.org/2000/svg">')],
  ['r.png', 'picture', bytes('\u0089PNG\r\n\u001a\n\u0000')],
  ['r.pdf', 'picture', bytes('%PDF-1.7\n')],
  ['r.duckdb', 'results', bytes('\u0001\u0002\u0003\u0004\u0005\u0006\u0007\u0008DUCK\u0000')],
  ['t.parquet', 'trace', bytes('PAR1\u0000\u0000PAR1')],
  ['p.xlsx', 'archive', bytes('PK\u0003\u0004\u0000')],
  ['o.bin', 'binary', bytes('\u0001\u0000\u0002')],
];

/** Commands that read a file, by what it should be; FILE stands for it. */
const READERS: readonly (readonly [FileKind | readonly FileKind[], string])[] = [
  ['scenario', 'run FILE'],
  ['sweep', 'sweep FILE --dry-run'],
  [['profile', 'scenario'], 'plan FILE --microbatches 4 --blocking-power 80'],
  ['plan', `run ${projectFile('scenarios/quick-start.yaml')} --plan FILE`],
  ['profile', 'fit FILE'],
  ['profile', 'run names-csv.yaml'],
  ['profile', 'replay t.parquet --profile FILE --blocking-power 80'],
  ['scenario', 'sweep names-base.yaml --dry-run'],
  ['results', 'results FILE'],
  ['results', 'results merge new.duckdb FILE'],
  ['trace', 'replay FILE'],
  ['baseline', 'compare perseus --against FILE'],
  ['model', 'run names-model.yaml'],
  ['gpu', 'run names-gpu.yaml'],
];

test('kinds of files are told by their content', (t) => {
  for (const [name, kind, content] of FILES) t.is(kindOfFile(content), kind, name);
  for (const [path, kind] of [
    ['scenarios/quick-start.yaml', 'scenario'],
    ['scenarios/sweeps/straggler-imbalance.yaml', 'sweep'],
    ['scenarios/sites/jobs-under-one-budget.yaml', 'site'],
    ['scenarios/catalog/gpt3-175b-a40.yaml', 'entry'],
    ['scenarios/catalog/gpus/h100-sxm.yaml', 'gpu'],
    ['scenarios/catalog/models/mixtral-8x7b.yaml', 'model'],
    ['results/baseline-perseus-hull.json', 'baseline'],
    ['test/fixtures/good/two-stages.csv', 'profile'],
  ] as const) {
    t.is(kindOfFile(readAll(path)), kind, path);
  }
  t.is(kindOfFile(bytes('')), 'empty');
  t.is(kindOfFile(bytes(' \n\n')), 'empty');
  // What is only broken is for its reader to say.
  for (const text of [
    'hello',
    'a,b\n1,2',
    'stage,instruction,frequency,time_s,energy_j\n',
    '[1, 2]',
    'name: x',
  ]) {
    t.is(kindOfFile(bytes(text)), undefined, text);
  }
});

for (const [kinds, command] of READERS) {
  const wanted = [kinds].flat();
  test.serial(`a file of another kind is told by: ${command}`, async (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'pipewatt-kinds-'));
    try {
      for (const [name, found, content] of FILES) {
        if (wanted.includes(found)) continue;
        const of =
          command.includes('names-model') || command.includes('names-gpu') ? `${name}.yaml` : name;
        prepare(folder, of, content);
        const args = command.split(' ').map((word) => inFolder(folder, word.replace('FILE', of)));
        const { code, out, err } = await runInProcess(args);
        t.is(code, EXIT.wrongInput, `${of}: ${err}`);
        t.is(out, '');
        const line = err.split('\n').find((each) => each.includes(`is ${KINDS[found].name}`));
        t.truthy(line, `${of}: ${err}`);
        const names = wanted.map((kind) => KINDS[kind].name).join(' or ');
        t.true(line?.includes(`expected ${names}`), line);
        if (KINDS[found].use !== undefined) t.regex(line!, /; \S/);
      }
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
}

test.serial('what is packed is what is in it, where texts are read', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'pipewatt-kinds-'));
  t.teardown(() => {
    rmSync(folder, { recursive: true });
  });
  prepare(folder, 'p.csv.gz', gzipSync(CSV));
  prepare(folder, 'o.bin.gz', gzipSync(bytes('\u0001\u0000\u0002')));
  const kindsSaid = async (...args: string[]) => (await runInProcess(args)).err;
  const packed = inFolder(folder, 'p.csv.gz');
  t.regex(await kindsSaid('run', packed), /is a stage profile, expected a scenario/);
  t.regex(await kindsSaid('results', packed), /is a file compressed with gzip, expected a file of/);
  t.regex(await kindsSaid('fit', inFolder(folder, 'o.bin.gz')), /expected a stage profile/);
});

test.serial(
  'folders, files in their place and files that are empty are told in a sentence',
  async (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'pipewatt-kinds-'));
    t.teardown(() => {
      rmSync(folder, { recursive: true });
    });
    const file = join(folder, 'p.csv');
    copyFileSync(projectFile('test/fixtures/good/two-stages.csv'), file);
    const empty = join(folder, 'empty');
    writeFileSync(empty, '');
    for (const command of [
      'run',
      'sweep',
      'fit',
      'results',
      'replay',
      'compare perseus --against',
    ]) {
      const asFolder = await runInProcess([...command.split(' '), folder]);
      t.deepEqual([asFolder.code, asFolder.out], [EXIT.wrongInput, '']);
      t.regex(asFolder.err, /cannot be read: it is a folder, expected a file\n$/, command);
      const asEmpty = await runInProcess([...command.split(' '), empty]);
      t.is(asEmpty.code, EXIT.wrongInput, command);
      t.regex(asEmpty.err, /empty|nothing|not readable|is not/, command);
      t.notRegex(asEmpty.err, /bug in pipewatt/, command);
    }
    for (const command of ['fit-runs', `validate --fit ${folder} --test`]) {
      const { code, err } = await runInProcess([...command.split(' '), file]);
      t.is(code, EXIT.wrongInput);
      t.regex(err, /p\.csv: is a file, expected a folder with plans\.csv and iterations\.csv/);
    }
  },
);

function readAll(path: string): Buffer {
  return readFileSync(projectFile(path));
}

/** The file, and files that name it. */
function prepare(folder: string, name: string, content: Buffer): void {
  const write = (file: string, text: Buffer | string) => {
    writeFileSync(join(folder, file), text);
  };
  mkdirSync(folder, { recursive: true });
  write('t.parquet', 'PAR1');
  const pipeline = 'pipeline: {stages: 2, microbatches: 4}\n';
  write('names-csv.yaml', `name: s\nprofile: {csv: ${name}, blockingPowerW: 80}\n${pipeline}`);
  write('names-base.yaml', `name: w\nbase: ${name}\nmatrix: {seed: [1]}\n`);
  write(
    'names-model.yaml',
    `name: s\nprofile: {model: ${name}, gpu: a40, microbatch: 1}\n${pipeline}`,
  );
  write(
    'names-gpu.yaml',
    `name: s\nprofile: {model: llama-3-8b, gpu: ${name}, microbatch: 1}\n${pipeline}`,
  );
  write(name, content);
}

function inFolder(folder: string, word: string): string {
  return /\.\w+$/.test(word) ? join(folder, word) : word;
}
