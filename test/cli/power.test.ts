import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { runInProcess } from '../support/in-process.js';

const FOLDER = mkdtempSync(join(tmpdir(), 'pipewatt-power-'));
test.after.always(() => {
  rmSync(FOLDER, { recursive: true });
});

let files = 0;
function fileOf(content: string | Uint8Array, ending = '.csv'): string {
  const path = join(FOLDER, `trace-${files++}${ending}`);
  writeFileSync(path, content);
  return path;
}

interface Document {
  readonly trace: {
    readonly name: string;
    readonly parts: number;
    readonly sampledEveryS: number;
    readonly counterJ: number | null;
    readonly notes: string[];
  };
  readonly figures: {
    readonly figure: string;
    readonly trace: number;
    readonly against: number;
    readonly difference_pct: number;
  }[];
  readonly shape: Record<string, number | null> | null;
}

async function documentOf(...args: string[]): Promise<Document> {
  const { code, out, err } = await runInProcess(['power', ...args, '--format', 'json']);
  if (code !== 0) throw new Error(err);
  return JSON.parse(out) as Document;
}

const figuresOf = ({ figures }: Document) =>
  Object.fromEntries(figures.map(({ figure, trace }) => [figure, trace]));

async function problems(...args: string[]): Promise<string[]> {
  const { code, out, err } = await runInProcess(['power', ...args]);
  if (code !== 2 || out !== '') throw new Error(`code ${code}: ${out}`);
  return err.trim().replaceAll(FOLDER, '').split('\n');
}

/** 100 s of a square wave: 1 s at 700 W, 1 s at 100 W. */
const SQUARE = [
  't_s,power_W',
  ...Array.from({ length: 201 }, (_, k) => `${k / 2},${k % 4 < 2 ? 700 : 100}`),
].join('\n');

test('the figures of a square wave are those by hand', async (t) => {
  const document = await documentOf(fileOf(SQUARE));
  t.is(document.trace.sampledEveryS, 0.5);
  const figures = figuresOf(document);
  t.is(figures['duration_s'], 100);
  t.is(figures['energy_j'], 40_000);
  t.is(figures['mean_w'], 400);
  t.is(figures['p95_w'], 700);
  t.is(figures['peak_w'], 700);
  t.is(figures['least_w'], 100);
  t.is(figures['sd_w'], 300);
  t.is(figures['rise_1s_w_per_s'], 600);
  t.is(figures['fall_10s_w_per_s'], 60);
});

test('a trace against itself is not apart, and its cycle is found', async (t) => {
  const path = fileOf(SQUARE);
  const { figures, shape } = await documentOf(path, '--against', path);
  for (const { figure, difference_pct } of figures) t.is(difference_pct, 0, figure);
  t.is(shape!['autocorrelationRms'], 0);
  t.is(shape!['spectrumDistance'], 0);
  t.true(Math.abs(shape!['periodS']! - 2) < 0.01);
});

test('a trace that begins elsewhere in its cycle is as close; a constant is 1 apart', async (t) => {
  const path = fileOf(SQUARE);
  const shifted = SQUARE.split('\n').map((line, k) =>
    k === 0 ? line : `${(k - 1) / 2},${(k - 1 + 2) % 4 < 2 ? 700 : 100}`,
  );
  const { figures, shape } = await documentOf(path, '--against', fileOf(shifted.join('\n')));
  t.true(figures.every(({ difference_pct }) => Math.abs(difference_pct) < 1e-6));
  t.true(shape!['spectrumDistance']! < 1e-6);
  t.true(shape!['autocorrelationRms']! < 1e-6);
  const constant = await documentOf(
    path,
    '--against',
    fileOf('t_s,power_W\n0,400\n0.5,400\n100,400\n'),
    '--every',
    '0.5s',
  );
  t.true(Math.abs(constant.shape!['spectrumDistance']! - 1) < 1e-9);
  t.is(constant.shape!['againstPeriodS'], null);
  const of = (figure: string) => constant.figures.find((row) => row.figure === figure)!;
  t.true(Math.abs(of('mean_w').difference_pct) < 1e-9);
  t.true(Math.abs(of('peak_w').difference_pct + 100 * (3 / 7)) < 1e-9);
});

test('GPUs of a log are added up; gaps, repeated samples and missing values are told', async (t) => {
  const stamp = (k: number) => `2026/11/27 08:26:${(10 + k / 10).toFixed(3)}`;
  const lines = Array.from({ length: 60 }, (_, k) => k)
    .filter((k) => k < 20 || k > 35)
    .flatMap((k) => [
      `${stamp(k)}, 0, ${k === 5 ? '[N/A]' : '300.00 W'}, 1410 MHz`,
      `${stamp(k)}, 1, 100.00 W, 1410 MHz`,
    ]);
  const log = [
    'timestamp, index, power.draw [W], clocks.current.sm [MHz]',
    ...lines,
    lines.at(-1)!,
  ].join('\n');
  const document = await documentOf(fileOf(log));
  t.is(document.trace.parts, 2);
  t.is(figuresOf(document)['mean_w'], 400);
  t.true(Math.abs(figuresOf(document)['duration_s']! - 5.9) < 1e-6);
  const notes = document.trace.notes.join('\n');
  t.regex(notes, /2 gaps of up to 1\.7 s, in which the power before is held/);
  t.regex(notes, /"\[N\/A\]": no value/);
  t.regex(notes, /1 sample with the time of a later one left out/);
});

test('tables with other separators, units, orders, dates and names are read', async (t) => {
  const same = [
    'time_ms;power_kW\n0;0,7\n500;0,1\n1000;0,7\n1500;0,1\n2000;0,1\n',
    '\ufefft_s\tpower_MW\n0\t0.0007\n0.5\t0.0001\n1\t0.0007\n1.5\t0.0001\n2\t0.0001\n',
    'timestamp,power\n2026-11-27T08:00:00.000Z,700\n2026-11-27T08:00:00.500Z,100 W\n2026-11-27T08:00:01.5Z,100\n2026-11-27T08:00:01Z,700\n2026-11-27T08:00:02Z,100\n',
    'offset,zone\n0,700\n0.5,100\n1,700\n1.5,100\n2,100\n',
    '# by hand\nt_s,gpu0_W,gpu1_W\n0,300,400\n0.5,50,50\n1,600,100\n1.5,0,100\n2,0,100\n',
  ];
  for (const text of same) {
    const figures = figuresOf(await documentOf(fileOf(text)));
    t.deepEqual(
      [figures['duration_s'], Math.round(figures['energy_j']! * 1e6) / 1e6, figures['peak_w']],
      [2, 800, 700],
      text,
    );
  }
  const columnData = [
    { name: 't_s', data: [0, 0.5, 1, 1.5, 2] },
    { name: 'power_W', data: [700, 100, 700, 100, 100] },
  ];
  const parquet = fileOf(new Uint8Array(parquetWriteBuffer({ columnData })), '.parquet');
  t.is(figuresOf(await documentOf(parquet))['energy_j'], 800);
});

test('NVML’s counter is compared, and the instantaneous column is read', async (t) => {
  const rows = Array.from(
    { length: 51 },
    (_, k) => `${k / 10},${k % 2 ? 900 : 500},700,700,${1e6 + 70 * k},1980`,
  );
  const document = await documentOf(
    fileOf(['t_s,instant_w,average_w,usage_w,energy_j,clock_mhz', ...rows].join('\n')),
  );
  t.is(document.trace.name, 'instant_w');
  t.is(document.trace.counterJ, 3500);
  t.true(Math.abs(figuresOf(document)['peak_w']! - 900) < 1e-9);
});

test('every problem of both files is told at once', async (t) => {
  const negative = fileOf('t_s,power_W\n0,700\n0.5,-100\nnoon,700\n1.5,abc\n2,3e12\n');
  const several = fileOf('t_s,a_W,b_W\n0,1,2\n1,1,2\n');
  const found = await problems(negative, '--against', several, '--every', 'soon');
  t.deepEqual(
    found.map((line) => line.replace(/trace-\d+/g, 'trace')),
    [
      'pipewatt power, --every: found "soon", expected a time such as 10ms, 1s or 5min',
      '/trace.csv:3, column "power_W": found "-100", expected a number from 0 to 100000000000 W (no site has more) (and 1 more line)',
      '/trace.csv:4, column "t_s": found "noon", expected seconds since 1970, or a date and time',
      '/trace.csv:5, column "power_W": found "abc", expected a number in W',
      '/trace.csv, --column: has several traces: a_W, b_W; choose one with --column',
    ],
  );
  t.regex((await problems(several, '--column', 'c'))[0]!, /found no column "c", expected a_W, b_W/);
  t.regex(
    (await problems(fileOf('t_s,power_W\n3,700\n')))[0]!,
    /has no two samples of power at different times/,
  );
  t.regex((await problems(fileOf('', '.csv')))[0]!, /the file is empty/);
  t.regex(
    (await problems(fileOf('t_s\n1\n2\n')))[0]!,
    /expected a column of times and one or more of powers/,
  );
  t.regex((await problems(join(FOLDER, 'nowhere.csv')))[0]!, /there is no such file/);
  t.regex(
    (await problems(fileOf(Buffer.from('PAR1 and nothing more'), '.parquet')))[0]!,
    /is not readable as Parquet/,
  );
});

test('what run --power writes is read as it is, by its policies and parts', async (t) => {
  const file = join(FOLDER, 'run.csv');
  const scenario = join(FOLDER, 'job.yaml');
  writeFileSync(
    scenario,
    `name: job
profile: {model: llama-3-8b, gpu: h100-sxm, microbatch: 1}
pipeline: {schedule: 1f1b, stages: 2, microbatches: 4}
iterations: 3
policies: [max-frequency, perseus]
`,
  );
  const run = await runInProcess([
    'run',
    scenario,
    '--power',
    file,
    '--per',
    'stage',
    '--format',
    'json',
    '--no-bound',
  ]);
  t.is(run.code, 0, run.err);
  const { policies } = JSON.parse(run.out) as {
    policies: { policy: string; simulated_energy_j: number; simulated_time_s: number }[];
  };
  for (const { policy, simulated_energy_j, simulated_time_s } of policies) {
    const document = await documentOf(file, '--column', policy);
    t.is(document.trace.parts, 2);
    const figures = figuresOf(document);
    t.true(Math.abs(figures['energy_j']! / simulated_energy_j - 1) < 1e-9);
    t.true(Math.abs(figures['duration_s']! / simulated_time_s - 1) < 1e-9);
  }
  const { out } = await runInProcess([
    'power',
    file,
    '--column',
    'perseus',
    '--against',
    file,
    '--against-column',
    'max-frequency',
  ]);
  t.regex(out, /run\.csv: perseus, the sum of 2, sampled every 0\.01 s/);
  t.regex(out, /mean, W +\d/);
  const csv = join(FOLDER, 'figures.csv');
  await runInProcess(['power', file, '--column', 'perseus', '--format', 'csv', '--output', csv]);
  t.is(readFileSync(csv, 'utf8').split('\n')[0], 'figure,trace,against,difference_pct');
});
