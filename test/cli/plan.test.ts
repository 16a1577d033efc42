import test from 'ava';
import { EXIT } from '../../sim/cli/program.js';
import {
  projectFile,
  readSharedData,
  sharedDataPath,
  testWithSharedData,
} from '../support/shared-data.js';
import { runInProcess } from '../support/in-process.js';

const PROFILE = projectFile('test/fixtures/good/two-stages.csv');
const SMALL = ['plan', PROFILE, '--microbatches', '4', '--blocking-power', '80'];

async function pipewatt(...args: string[]): Promise<string> {
  const { code, out, err } = await runInProcess(args);
  if (code !== EXIT.ok || err !== '') throw new Error(`exit ${code}: ${err}`);
  return out;
}

function numbersOf(csv: string): number[][] {
  return csv
    .trimEnd()
    .split('\n')
    .slice(1)
    .map((line) => line.split(',').map(Number));
}

testWithSharedData('plan --format csv is the golden frontier, a row per tick', async (t) => {
  const csv = await pipewatt(
    ...['plan', sharedDataPath('sosp24/stage_profiles/gpt3-175b+a100_sxm_bf16.csv')],
    ...'--stages 8 --microbatches 12 --blocking-power 83.64 --unit-time 0.001 --format csv'.split(
      ' ',
    ),
  );
  t.true(csv.startsWith('time_s,energy_j\n'));
  const golden = numbersOf(readSharedData('sosp24/frontiers/gpt3-175b+a100_sxm_mb12.csv'));
  const ours = numbersOf(csv);
  t.is(ours.length, golden.length + 1, 'one point more: the starting point');
  golden.forEach(([timeS, energyJ], k) => {
    t.true(Math.abs(ours[k + 1]![0]! - timeS!) < 1e-9);
    t.true(Math.abs(ours[k + 1]![1]! / energyJ! - 1) < 1e-6);
  });
});

test('scale and tensor parallelism multiply the frontier', async (t) => {
  const unit = ['--unit-time', '0.0001', '--format', 'csv'];
  const one = numbersOf(await pipewatt(...SMALL, ...unit));
  const many = numbersOf(
    await pipewatt(...SMALL, ...unit, '--scale', '10', '--tensor-parallel', '8'),
  );
  t.is(many.length, one.length);
  one.forEach(([timeS, energyJ], k) => {
    t.true(Math.abs(many[k]![0]! / (10 * timeS!) - 1) < 1e-9);
    t.true(Math.abs(many[k]![1]! / (80 * energyJ!) - 1) < 1e-9);
  });
});

test('a plan has a row for every instruction, in the order of its stage', async (t) => {
  const csv = await pipewatt(...SMALL, '--straggler', '1.1', '--format', 'csv');
  const [header, ...rows] = csv.trimEnd().split('\n');
  t.is(
    header,
    'stage,index,instruction,microbatch,chunk,frequency_mhz,duration_s,planned_time_s,planned_energy_j',
  );
  t.is(rows.length, 2 * 2 * 4);
  t.deepEqual(
    rows.slice(8).map((row) => row.split(',').slice(0, 4).join(',')),
    [0, 1, 2, 3].flatMap((m) => [`1,${2 * m},forward,${m}`, `1,${2 * m + 1},backward,${m}`]),
    'the last stage alternates',
  );
});

test('deadline and straggler ask for the same plan where they mean the same time', async (t) => {
  const unit = ['--unit-time', '0.0001', '--format', 'json'];
  interface Plan {
    planned_time_s: number;
    planned_energy_j: number;
  }
  const plan = async (...options: string[]) =>
    JSON.parse(await pipewatt(...SMALL, ...unit, ...options)) as Plan;
  const fastest = await plan('--straggler', '1');
  const slower = await plan('--straggler', '1.1');
  t.true(slower.planned_time_s <= 1.1 * fastest.planned_time_s);
  t.true(slower.planned_energy_j < fastest.planned_energy_j);
  t.deepEqual(await plan('--deadline', String(slower.planned_time_s)), slower);
});

test('tables are for people: ends and points between, clocks by stage', async (t) => {
  const frontier = await pipewatt(...SMALL);
  t.regex(frontier, /^\d+ points from T\* \(slowest\) to T_min \(fastest\)/);
  t.regex(frontier, /100\.00 {6}100\.00\n$/);
  const plan = await pipewatt(...SMALL, '--straggler', '1.1');
  t.regex(plan, /^planned: [\d.]+ s, [\d.]+ J for one iteration of one pipeline\n/);
  t.is(plan.match(/^[01] +(forward|backward)/gm)?.length, 4);
});

test('schema prints the JSON Schema of scenarios', async (t) => {
  const schema = JSON.parse(await pipewatt('schema')) as { required: string[] };
  t.deepEqual(schema.required, ['name', 'profile', 'pipeline']);
});

testWithSharedData('fit makes the catalog entry that is shipped', async (t) => {
  const { readFileSync } = await import('node:fs');
  const shipped = readFileSync(projectFile('scenarios/catalog/gpt3-175b-a100-sxm.yaml'), 'utf8');
  const { parseCatalogEntry } = await import('../../sim/hardware/catalog.js');
  const entry = parseCatalogEntry(shipped);
  const made = await pipewatt(
    ...['fit', sharedDataPath('sosp24/stage_profiles/gpt3-175b+a100_sxm_bf16.csv')],
    ...['--format', 'yaml', '--name', entry.name, '--model', entry.model, '--gpu', entry.gpu],
    ...['--source', entry.source, '--clock-step', String(entry.clocks.stepMHz)],
    ...['--blocking-power', String(entry.blockingPowerW), '--scale', String(entry.scale)],
  );
  t.is(made, shipped);
});

test('the plan file shown in the docs is what the tool prints', async (t) => {
  const profile = projectFile('examples/two-stages.csv');
  const job = ['--microbatches', '2', '--blocking-power', '80'];
  const text = await pipewatt('plan', profile, ...job, '--format', 'zeus');
  const { readFileSync } = await import('node:fs');
  t.true(readFileSync(projectFile('docs/clocks-on-a-job.md'), 'utf8').includes(text), text);
});
