import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import test from 'ava';
import { parquetReadObjects } from 'hyparquet';
import { projectFile } from '../support/files.js';
import { runInProcess } from '../support/in-process.js';
import { columnsOfFile, heldEnergyJ } from '../support/power-files.js';

const FOLDER = mkdtempSync(join(tmpdir(), 'pipewatt-power-'));
test.after.always(() => {
  rmSync(FOLDER, { recursive: true });
});

const SCENARIO = join(FOLDER, 'job.yaml');
writeFileSync(
  SCENARIO,
  `name: job
profile: {csv: ${projectFile('examples/two-stages.csv')}, blockingPowerW: 80}
pipeline: {schedule: 1f1b, stages: 2, microbatches: 4}
tensorParallel: 2
pipelines: 3
iterations: 4
stragglers: [{pipeline: 1, slowdown: 1.2}]
policies: [max-frequency, zeus-global, perseus]
`,
);

let files = 0;

/** Runs the job, and returns the file that it writes. */
async function written(ending: string, ...options: string[]) {
  const file = join(FOLDER, `power-${files++}${ending}`);
  const { code, out, err } = await runInProcess([
    'run',
    SCENARIO,
    '--no-bound',
    '--format',
    'json',
    '--power',
    file,
    ...options,
  ]);
  if (code !== 0) throw new Error(err);
  const { policies } = JSON.parse(out) as {
    policies: { policy: string; simulated_energy_j: number; simulated_time_s: number }[];
  };
  return { file, policies, err };
}

async function problems(...options: string[]): Promise<string[]> {
  const { code, out, err } = await runInProcess(['run', SCENARIO, ...options]);
  if (code !== 2 || out !== '') throw new Error(`code ${code}: ${out}`);
  return err.trim().split('\n');
}

test('a column for each policy, whose integral is the energy of its run', async (t) => {
  const { file, policies, err } = await written('.csv');
  t.is(err, `wrote ${file}\n`);
  const columns = columnsOfFile(file);
  t.deepEqual([...columns.keys()], ['t_s', 'max-frequency_W', 'zeus-global_W', 'perseus_W']);
  const timeS = columns.get('t_s')!;
  t.is(timeS[0], 0);
  t.is(timeS[1], 0.01);
  t.true(timeS.every((time, k) => k === 0 || time > timeS[k - 1]!));
  for (const { policy, simulated_energy_j, simulated_time_s } of policies) {
    const powerW = columns.get(`${policy}_W`)!;
    t.true(Math.abs(heldEnergyJ(timeS, powerW) / simulated_energy_j - 1) <= 1e-9, policy);
    const last = powerW.findLastIndex((value) => !Number.isNaN(value));
    t.true(Math.abs(timeS[last]! / simulated_time_s - 1) <= 1e-9, policy);
  }
});

test('what flattens power has columns of its own, whose integral is the energy afterwards', async (t) => {
  const scenario = join(FOLDER, 'flattened.yaml');
  const controls =
    'flatten: {storage: {capacityKWh: 0.01, powerKW: 2, roundTripEfficiency: 0.9, meanOverS: 5}}';
  writeFileSync(scenario, `${readFileSync(SCENARIO, 'utf8')}${controls}\n`);
  const file = join(FOLDER, 'flattened.csv');
  const args = ['run', scenario, '--no-bound', '--format', 'json', '--power', file];
  const { code, out, err } = await runInProcess([...args, '--every', '70ms']);
  t.is(code, 0, err);
  const { flattened } = JSON.parse(out) as {
    flattened: { policy: string; after: { energyJ: number } }[];
  };
  t.is(flattened.length, 3);
  const columns = columnsOfFile(file);
  for (const { policy, after } of flattened) {
    const energyJ = heldEnergyJ(columns.get('t_s')!, columns.get(`${policy}_flattened_W`)!);
    t.true(Math.abs(energyJ / after.energyJ - 1) <= 1e-9, policy);
  }
});

test('stages, pipelines and GPUs have columns, which add up to the job', async (t) => {
  const { policies } = await written('.csv');
  const { simulated_energy_j: energyJ } = policies.at(-1)!;
  const names = {
    stage: ['stage0_W', 'stage1_W'],
    pipeline: ['pipeline0_W', 'pipeline1_W', 'pipeline2_W'],
    gpu: Array.from({ length: 12 }, (_, k) => `gpu${k}_W`),
  };
  for (const [per, expected] of Object.entries(names)) {
    const { file } = await written('.csv', '--per', per, '--policy', 'perseus', '--every', '50ms');
    const { t_s: timeS, ...powers } = Object.fromEntries(columnsOfFile(file));
    t.deepEqual(Object.keys(powers), expected);
    const sumJ = Object.values(powers).reduce((sum, w) => sum + heldEnergyJ(timeS!, w), 0);
    t.true(Math.abs(sumJ / energyJ - 1) <= 1e-9, per);
  }
  const { file } = await written('.csv', '--gpu', '11,2-3', '--policy', 'perseus');
  t.deepEqual([...columnsOfFile(file).keys()], ['t_s', 'gpu2_W', 'gpu3_W', 'gpu11_W']);
});

test('Parquet and compressed CSV hold what CSV holds', async (t) => {
  const { file } = await written('.csv', '--every', '0.1s');
  const { file: packed } = await written('.csv.gz', '--every', '0.1s');
  t.is(gunzipSync(readFileSync(packed)).toString(), readFileSync(file, 'utf8'));
  const { file: parquet } = await written('.parquet', '--every', '0.1s');
  const rows = await parquetReadObjects({ file: new Uint8Array(readFileSync(parquet)).buffer });
  const columns = columnsOfFile(file);
  for (const [name, values] of columns) {
    t.is(rows.length, values.length);
    values.forEach((value, k) => {
      const found = rows[k]![name] as number | null;
      if (Number.isNaN(value)) t.is(found, null);
      else if (!(Math.abs(found! - value) <= 5e-10 * value)) t.fail(`${name} ${k}: ${found}`);
    });
  }
});

test('the same bytes each time, and the table has figures of power after what it has without --power', async (t) => {
  const first = await written('.parquet', '--per', 'gpu');
  const second = await written('.parquet', '--per', 'gpu');
  t.true(readFileSync(first.file).equals(readFileSync(second.file)));
  const { out } = await runInProcess(['run', SCENARIO]);
  const file = join(FOLDER, 'beside.csv');
  const beside = (await runInProcess(['run', SCENARIO, '--power', file])).out.split('\n');
  const lines = new Set(out.split('\n'));
  t.deepEqual(new Set(beside.filter((line) => lines.has(line))), lines);
  const added = beside.filter((line) => !lines.has(line));
  t.regex(added.join('\n'), /^policy +power kW +ramp kW\/s[^]*^policy .*kW at Hz +most at$/m);
});

test('OpenG2G reads the mean of one GPU, at times equally far apart', async (t) => {
  const { file, policies } = await written('.csv', '--like', 'openg2g', '--policy', 'perseus');
  const columns = columnsOfFile(file);
  t.deepEqual([...columns.keys()], ['t_s', 'power_W']);
  const [timeS, powerW] = [columns.get('t_s')!, columns.get('power_W')!];
  t.true(timeS.length >= 2);
  timeS.forEach((time, k) => {
    t.is(time, k / 10);
  });
  const { simulated_energy_j, simulated_time_s } = policies.at(-1)!;
  // Its period is that of whole intervals; 12 GPUs.
  t.is(timeS.length, Math.floor(simulated_time_s * 10) + 1);
  const meanW = heldEnergyJ(timeS, powerW) / timeS.at(-1)!;
  t.true(Math.abs(meanW / (simulated_energy_j / simulated_time_s / 12) - 1) < 0.02);
});

test('Vessim reads the first column as seconds from 0, and each other one as a signal', async (t) => {
  const { file } = await written('.csv', '--like', 'vessim', '--per', 'stage');
  const columns = columnsOfFile(file);
  t.is([...columns.values()][0]![0], 0);
  // It drops empty cells of each signal, and holds values.
  for (const values of columns.values()) {
    t.true(values.every((value) => Number.isNaN(value) || value >= 0));
  }
});

test('a log of nvidia-smi of the first node, or of some GPUs', async (t) => {
  const { file } = await written('.csv', '--like', 'nvidia-smi', '--policy', 'perseus');
  const lines = readFileSync(file, 'utf8').trim().split('\n');
  t.is(lines[0], 'timestamp, index, power.draw [W], clocks.current.sm [MHz]');
  t.regex(lines[1]!, /^2000\/01\/01 00:00:00\.100, 0, \d+\.\d\d W, \d+ MHz$/);
  t.regex(lines[8]!, /^2000\/01\/01 00:00:00\.100, 7, /);
  t.regex(lines[9]!, /^2000\/01\/01 00:00:00\.200, 0, /);
  const { file: some } = await written(
    ...(['.csv', '--like', 'nvidia-smi', '--policy', 'perseus', '--gpu', '4'] as const),
    ...(['--start', '2026-11-27T08:30:00', '--every', '1s'] as const),
  );
  t.regex(readFileSync(some, 'utf8').split('\n')[1]!, /^2026\/11\/27 08:30:01\.000, 4, /);
});

test('every problem of the options is told at once, and nothing is written', async (t) => {
  const folder = join(FOLDER, 'nothing');
  mkdirSync(folder);
  t.deepEqual(
    await problems(
      '--every',
      '5 parsecs',
      '--gpu',
      '1',
      '--power',
      join(folder, 'x.xlsx'),
      '--per',
      'stage',
      '--start',
      'noon',
    ),
    [
      `pipewatt run, --power: found "${join(folder, 'x.xlsx')}", expected a name that ends in .csv, .csv.gz or .parquet`,
      'pipewatt run, --every: found "5 parsecs", expected a time of at least 0.1ms, such as 10ms, 1s or 5min',
      'pipewatt run, --gpu: found --per stage too; leave one of them out',
      'pipewatt run, --start: found "noon", expected a time such as 2026-11-27T09:30:00',
    ],
  );
  const file = join(folder, 'never.csv');
  t.deepEqual(await problems('--power', file, '--like', 'nvidia-smi', '--gpu', '12'), [
    'pipewatt run, --policy: is missing: a file like those of nvidia-smi is of one run; expected one of max-frequency, zeus-global, perseus',
    'pipewatt run, --gpu: found GPU 12, expected 0 to 11: the job has 12 GPUs',
  ]);
  t.deepEqual(await problems('--power', file, '--policy', 'persues'), [
    'pipewatt run, --policy: found "persues", expected max-frequency, zeus-global, perseus; did you mean "perseus"?',
  ]);
  t.deepEqual(await problems('--every', '1s', '--policy', 'perseus'), [
    'pipewatt run, --every: is of use only with --power FILE; add it, or leave this out',
    'pipewatt run, --policy: is of use only with --power FILE; add it, or leave this out',
  ]);
  t.deepEqual(await problems('--power', file, '--gpu', '3-1'), [
    'pipewatt run, --gpu: found "3-1", expected numbers from 0, such as 0 or 0-7,64',
  ]);
  t.deepEqual(readdirSync(folder), []);
});

test('a run too short for two intervals is no trace for OpenG2G', async (t) => {
  const file = join(FOLDER, 'short.csv');
  const { code, err } = await runInProcess([
    'run',
    SCENARIO,
    '--power',
    file,
    '--like',
    'openg2g',
    '--policy',
    'perseus',
    '--every',
    '1h',
  ]);
  t.is(code, 2);
  t.regex(err, /the run takes [\d.]+ s, and OpenG2G needs two times that are 3600 s apart/);
  t.false(readdirSync(FOLDER).includes('short.csv'));
});
