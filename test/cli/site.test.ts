import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { csvRows } from '../fuzz/oracle.js';
import { runInProcess } from '../support/in-process.js';
import { profileCsv } from '../fuzz/small-scenarios.js';

const JOB = `name: small
profile: { csv: profile.csv, blockingPowerW: 80 }
pipeline: { stages: 2, microbatches: 3 }
unitTimeS: 0.001
pipelines: 4
job: { model: llama-3-8b, gpu: a100-sxm, microbatch: 1, sequence: 64 }
site: { mw: 0.02, pue: 1.2, overheadWPerGpu: 100 }
policies: [max-frequency, perseus]
`;

const SHARED = `name: shared
site: { mw: 0.0072, pue: 1.2, overheadWPerGpu: 100 }
jobs:
  - { scenario: job.yaml, name: a }
  - { scenario: job.yaml, name: b, pipelines: 2, leastSpeed: 0.4 }
  - { scenario: job.yaml, name: c, priority: 1, leastTokensPerDay: 1.0e+6 }
`;

/** A folder with a job and sites, some of them changed. */
function folderWith(files: Readonly<Record<string, string>> = {}): (name: string) => string {
  const folder = mkdtempSync(join(tmpdir(), 'pipewatt-site-'));
  const all = { 'job.yaml': JOB, 'shared.yaml': SHARED, 'profile.csv': profileCsv(2), ...files };
  for (const [name, text] of Object.entries(all)) writeFileSync(join(folder, name), text);
  return (name) => join(folder, name);
}

test('a scenario: table, CSV and JSON agree', async (t) => {
  const file = folderWith()('job.yaml');
  const [table, csv, json] = await Promise.all(
    ['table', 'csv', 'json'].map((format) => runInProcess(['site', file, '--format', format])),
  );
  t.deepEqual([table!.code, csv!.code, json!.code], [0, 0, 0], table!.err);
  const rows = csvRows(csv!.out);
  const document = JSON.parse(json!.out) as { rows: Record<string, unknown>[]; mw: number };
  t.is(document.mw, 0.02);
  t.deepEqual(
    rows.map(({ pipelines, iteration_time_s }) => [Number(pipelines), Number(iteration_time_s)]),
    document.rows.map((row) => [row['pipelines'], row['iteration_time_s']]),
  );
  t.regex(table!.out, /perseus does the most: \d+ pipelines on \d+ GPUs/);
  t.regex(
    table!.out,
    /without and with 100 W beside each GPU and PUE 1\.2;\s+one pipeline, 2 GPUs:/,
  );
  for (const row of rows) {
    t.true(Number(row['site_mw']) <= 0.02);
    t.is(Number(row['gpus']), 2 * Number(row['pipelines']));
    t.true(Number(row['least_site_energy_time_s']) <= Number(row['least_gpu_energy_time_s']));
  }
  t.true(table!.out.split('\n').every((line) => line.length <= 120));
});

test('--mw replaces the megawatts of the file', async (t) => {
  const at = folderWith({ 'bare.yaml': JOB.replace(/^site.*\n/m, '') });
  const more = await runInProcess(['site', at('job.yaml'), '--mw', '0.04', '--format', 'csv']);
  const less = await runInProcess(['site', at('job.yaml'), '--format', 'csv']);
  const pipelines = ({ out }: { out: string }) => Number(csvRows(out).at(-1)!['pipelines']);
  t.true(pipelines(more) > 1.9 * pipelines(less));
  t.is((await runInProcess(['site', at('bare.yaml'), '--mw', '0.04'])).code, 0);
  const none = await runInProcess(['site', at('bare.yaml')]);
  t.is(none.code, 2);
  t.regex(none.err, /bare\.yaml, site: found nothing, expected the mw of a site/);
});

test('jobs that share a site: table, CSV and JSON agree, and the power is kept', async (t) => {
  const file = folderWith()('shared.yaml');
  const [table, csv, json] = await Promise.all(
    ['table', 'csv', 'json'].map((format) => runInProcess(['site', file, '--format', format])),
  );
  t.deepEqual([table!.code, csv!.code, json!.code], [0, 0, 0], table!.err);
  const rows = csvRows(csv!.out);
  t.deepEqual(
    rows.map(({ job, gpus }) => [job, gpus]),
    [
      ['a', '8'],
      ['b', '4'],
      ['c', '8'],
    ],
  );
  const powerMW = rows.reduce((sum, row) => sum + Number(row['site_mw']), 0);
  t.true(powerMW <= 0.0072 * (1 + 1e-9), String(powerMW));
  for (const { speed, least_speed: least } of rows) {
    t.true(Number(speed) >= Number(least) * (1 - 1e-9));
  }
  const document = JSON.parse(json!.out) as { siteMW: number; jobs: object[]; compared: object[] };
  t.true(Math.abs(document.siteMW - powerMW) < 1e-12);
  t.is(document.jobs.length, 3);
  t.regex(table!.out, /most work by weight, without priorities/);
  t.true(table!.out.split('\n').every((line) => line.length <= 120));
});

test('every problem of a site with jobs is said at once, with its line', async (t) => {
  const shared = `name: shared
site: { mw: 3000000, pue: 0.5 }
jobs:
  - { scenario: job.yaml, wieght: 1 }
  - { scenario: missing.yaml, policy: fast, leastSpeed: 60 }
  - { scenario: bad.yaml }
`;
  const at = folderWith({
    'shared.yaml': shared,
    'bad.yaml': JOB.replace('stages: 2', 'stages: 0'),
  });
  const { code, err } = await runInProcess(['site', at('shared.yaml')]);
  t.is(code, 2);
  for (const expected of [
    /shared\.yaml:2, site\.mw: found 3000000, expected a number from 0\.0001 to 100000 MW.*looks like kW: write 3000 \(MW\)/,
    /shared\.yaml:2, site\.pue: found 0\.5, expected a number from 1 to 3/,
    /shared\.yaml:4, jobs\[0\]\.wieght: is not a field here; did you mean "weight"\?/,
    /shared\.yaml:5, jobs\[1\]\.policy: found "fast", expected one of "max-frequency"/,
    /shared\.yaml:5, jobs\[1\]\.leastSpeed: found 60, .*looks like percent: write 0\.6/,
    /missing\.yaml/,
    /bad\.yaml:3, pipeline\.stages: found 0/,
  ]) {
    t.regex(err, expected);
  }
});

test('jobs that contradict themselves, or ask for more than there is', async (t) => {
  const problem = async (change: (text: string) => string, job = JOB) => {
    const at = folderWith({ 'shared.yaml': change(SHARED), 'job.yaml': job });
    const { code, err } = await runInProcess(['site', at('shared.yaml')]);
    t.is(code, 2, err);
    return err;
  };
  t.regex(
    await problem((text) => text.replace('name: b', 'name: a')),
    /jobs\[1\]\.name: found "a", the name of jobs\[0\] too/,
  );
  t.regex(
    await problem((text) => text.replace('priority: 1', 'leastSpeed: 0.5')),
    /jobs\[2\]\.leastTokensPerDay: is a floor of the same job as leastSpeed; keep one/,
  );
  t.regex(
    await problem((text) => text, JOB.replace(/^job.*\n/m, '')),
    /jobs\[2\]\.leastTokensPerDay: .*does not say how many tokens a microbatch has/,
  );
  t.regex(
    await problem((text) => text.replace('1.0e+6', '1.0e+15')),
    /jobs\[2\]\.leastTokensPerDay: found 1000000000000000, but at the highest clocks the job reaches/,
  );
  const little = await problem((text) => text.replace('mw: 0.0072', 'mw: 0.001'));
  t.regex(
    little,
    /shared\.yaml:2, site\.mw: found 0\.001, but at their floors the jobs draw 0\.00\d MW \("a" /,
  );
  t.regex(
    await problem((text) => text.replace('mw: 0.0072, ', '')),
    /site\.mw: found nothing, expected megawatts, here or as --mw/,
  );
});

test('a site with jobs is no scenario for run, and run says which command takes it', async (t) => {
  const { code, err } = await runInProcess(['run', folderWith()('shared.yaml')]);
  t.is(code, 2);
  t.regex(err, /is a site with jobs, expected a scenario; pipewatt site .* shares its power/);
});

test('two limits of the same job are refused', async (t) => {
  const both = `${JOB}power: { jobLimitW: 3000 }\n`;
  const { code, err } = await runInProcess(['site', folderWith({ 'job.yaml': both })('job.yaml')]);
  t.is(code, 2);
  t.regex(
    err,
    /site\.mw: found 0\.02, but power\.jobLimitW limits the same job to 3000 W; keep one/,
  );
});
