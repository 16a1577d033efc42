import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import test from 'ava';
import { runInProcess } from '../support/in-process.js';
import { EPOCH_S } from '../support/simulated-logs.js';

/** Imports files in a folder of their own; its name is left out of what is printed. */
async function imported(
  files: Readonly<Record<string, string>>,
  args: readonly string[],
): Promise<{ code: number; out: string; err: string; wrote: boolean }> {
  const folder = mkdtempSync(join(tmpdir(), 'pipewatt-import-'));
  try {
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, name)), { recursive: true });
      writeFileSync(join(folder, name), text);
    }
    const inFolder = args.map((arg) =>
      arg.includes('/') || arg.includes('.csv') ? join(folder, arg) : arg,
    );
    const { code, out, err } = await runInProcess(['import', ...inFolder]);
    const wrote = existsSync(join(folder, 'out.csv'));
    return { code, out, err: err.replaceAll(`${folder}/`, ''), wrote };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const timeS = (kind: string, clock: number) =>
  (kind === 'forward' ? 0.05 : 0.1) * (0.2 + 1128 / clock);
const powerW = (clock: number) => 100 + 250 * (clock / 1410) ** 2;

interface RankRows {
  readonly stage: number;
  readonly clocks: readonly number[];
  readonly time?: number;
  readonly power?: number;
}

/** Rows of one rank as Zeus' optimizer writes them. */
function rankRows(rank: number, { stage, clocks, time = 1, power = 1 }: RankRows): string {
  const rows = ['forward', 'backward'].flatMap((kind) =>
    clocks.map((clock) => {
      const seconds = timeS(kind, clock) * time;
      return `${rank},0,${stage},${rank % 2},${stage},${kind},${clock},${seconds},${seconds * powerW(clock) * power}`;
    }),
  );
  return `rank,dp_rank,pp_rank,tp_rank,stage,instruction,frequency,time,energy\n${rows.join('\n')}\n`;
}

const ALL = [1410, 1300, 1200, 1100];
const FOUR_RANKS = {
  'rank0.csv': rankRows(0, { stage: 0, clocks: ALL, time: 1.03 }),
  'rank1.csv': rankRows(1, { stage: 0, clocks: ALL.slice(0, 3), power: 1.1 }),
  'rank2.csv': rankRows(2, { stage: 1, clocks: ALL }),
  'rank3.csv': rankRows(3, { stage: 1, clocks: ALL }),
};

const rowsOf = (csv: string) =>
  csv
    .trim()
    .split('\n')
    .slice(1)
    .map((line) => line.split(','));

test('profiles of ranks are joined: the slowest time and the mean energy at the clocks that all have', async (t) => {
  const { code, out, err } = await imported(FOUR_RANKS, Object.keys(FOUR_RANKS));
  t.is(code, 0, err);
  const rows = rowsOf(out);
  const clocksOf = (stage: string) =>
    rows.filter(([s, kind]) => s === stage && kind === 'forward').map(([, , clock]) => clock);
  t.deepEqual(clocksOf('0'), ['1410', '1300', '1200']);
  t.deepEqual(clocksOf('1'), ['1410', '1300', '1200', '1100']);
  const [, , , time, energy] = rows[0]!.map(Number);
  t.is(time, Number((timeS('forward', 1410) * 1.03).toPrecision(9)));
  const meanJ = (timeS('forward', 1410) * powerW(1410) * (1.03 + 1.1)) / 2;
  t.is(energy, Number(meanJ.toPrecision(9)));
  t.regex(
    err,
    /clocks that not all GPUs of a stage measured are left out: 1100 MHz \(stage 0 forward, stage 0 backward\)/,
  );
  t.regex(err, /clocks that some stages lack: 1100 MHz \(stage 0\)/);
});

test('a folder, and one file with all ranks, give the same profile as the files', async (t) => {
  const alone = await imported(FOUR_RANKS, Object.keys(FOUR_RANKS));
  const inFolder = Object.fromEntries(
    Object.entries(FOUR_RANKS).map(([name, text]) => [`runs/${name}`, text]),
  );
  const folder = await imported(inFolder, ['runs/']);
  const [first, ...others] = Object.values(FOUR_RANKS);
  const all = [first!, ...others.map((text) => text.slice(text.indexOf('\n') + 1))].join('');
  const one = await imported({ 'all.csv': all }, ['all.csv']);
  t.is(folder.out, alone.out);
  t.is(one.out, alone.out);
});

test('files of one clock each, without a column of ranks, are of one rank', async (t) => {
  const files = Object.fromEntries(
    ALL.map((clock) => [
      `runs/${clock}MHz/profile.csv`,
      rankRows(0, { stage: 0, clocks: [clock] }).replaceAll(/^[^,]*,[^,]*,[^,]*,[^,]*,/gm, ''),
    ]),
  );
  const { code, out, err } = await imported(files, ['runs/']);
  t.is(code, 0, err);
  t.is(rowsOf(out).length, 8);
});

test('rows of loading become a sentence on what a scenario writes', async (t) => {
  const load = (rank: number, stage: number, seconds: number) =>
    `${rank},0,${stage},0,${stage},load,1410,${seconds},1\n`;
  const files = {
    'a.csv': rankRows(0, { stage: 0, clocks: ALL }) + load(0, 0, 0.012),
    'b.csv': rankRows(1, { stage: 0, clocks: ALL }) + load(1, 0, 0.013),
    'c.csv': rankRows(2, { stage: 1, clocks: ALL }),
  };
  const { code, out, err } = await imported(files, Object.keys(files));
  t.is(code, 0, err);
  t.regex(err, /write timing: \{loadingS: \[0\.013, 0\]\}/);
  t.notRegex(out, /load/);
});

for (const [what, change, message] of [
  [
    'milliseconds for seconds',
    (time: number, energy: number) => [time * 1000, energy],
    /the times look like milliseconds: divide by 1000/,
  ],
  [
    'millijoules for joules',
    (time: number, energy: number) => [time, energy * 1000],
    /the energies look like millijoules: divide by 1000/,
  ],
  [
    'microseconds for seconds',
    (time: number, energy: number) => [time * 1e6, energy],
    /the times look like microseconds: divide by 1000000/,
  ],
] as const) {
  test(`${what} are refused with the likely unit`, async (t) => {
    const [header, ...rows] = FOUR_RANKS['rank2.csv'].trim().split('\n');
    const wrong = rows.map((row) => {
      const cells = row.split(',');
      return [...cells.slice(0, 7), ...change(Number(cells[7]), Number(cells[8]))].join(',');
    });
    const files = { ...FOUR_RANKS, 'rank2.csv': [header, ...wrong, ''].join('\n') };
    const { code, err, wrote } = await imported(files, [
      ...Object.keys(files),
      '--output',
      'out.csv',
    ]);
    t.is(code, 2);
    t.regex(err, /^rank2\.csv:2, columns "time", "energy": an instruction draws /m);
    t.regex(err, message);
    t.false(wrote);
  });
}

for (const [what, files, args, message] of [
  [
    'less than a GPU that waits',
    FOUR_RANKS,
    ['--blocking-power', '270'],
    /stage \d, rank [\d/]+, forward at 1100 MHz: takes .* \(and the like of \d+ more\), less than a GPU that waits \(270 W\)/,
  ],
  [
    'a stage that was not measured',
    {
      'a.csv': rankRows(0, { stage: 0, clocks: ALL }),
      'b.csv': rankRows(1, { stage: 2, clocks: ALL }),
    },
    [],
    /nothing was measured on stage 1, though there is a stage 2/,
  ],
  [
    'one clock',
    { 'a.csv': rankRows(0, { stage: 0, clocks: [1410] }) },
    [],
    /stage 0, forward: was measured at one clock, 1410 MHz; a profile needs others to choose from: run the job once at each/,
  ],
  [
    'no clock that all ranks have',
    {
      'a.csv': rankRows(0, { stage: 0, clocks: [1410, 1300] }),
      'b.csv': rankRows(1, { stage: 0, clocks: [1200, 1100] }),
    },
    [],
    /stage 0, forward: of 0 clocks \(4 more were not measured by all of its 2 GPUs\) none is useful/,
  ],
  ['a format that is not known', { 'a.csv': 'x\n1\n' }, [], /a\.csv: is no log that is known/],
  [
    'both powers of waiting',
    FOUR_RANKS,
    ['--blocking-power', '80', '--waiting', 'rank0.csv'],
    /--waiting: found --blocking-power too; leave one of them out/,
  ],
  [
    'an output that is an input',
    FOUR_RANKS,
    ['--output', 'rank0.csv'],
    /an output is never one of the inputs/,
  ],
  [
    'a waiting run without samples',
    FOUR_RANKS,
    ['--waiting', 'rank0.csv'],
    /--waiting: there are no samples of power or of the energy counter/,
  ],
] as const) {
  test(`${what}: a sentence, and nothing is written`, async (t) => {
    const { code, err, out } = await imported(files, [...Object.keys(files), ...args]);
    t.is(code, 2, err);
    t.regex(err, message);
    t.is(out, '');
  });
}

/** Instructions of two stages at one clock: six iterations of four microbatches. */
function spans(clock: number): string {
  const rows = [0, 1].flatMap((stage) => {
    let nowS = EPOCH_S;
    return Array.from({ length: 6 }, (_, iteration) =>
      Array.from({ length: 4 }, () =>
        ['forward', 'backward'].map((kind) => {
          const startS = nowS;
          nowS += timeS(kind, clock);
          return `${stage},${stage},${kind},${iteration},${startS.toFixed(6)},${nowS.toFixed(6)}`;
        }),
      ),
    ).flat(2);
  });
  return `rank,stage,instruction,iteration,start,end\n${rows.join('\n')}\n`;
}

/** Samples of both GPUs while they compute. */
function samples(clock: number, shown = clock, from = EPOCH_S, watts = powerW(clock)): string {
  const rows = Array.from({ length: 200 }, (_, k) =>
    [0, 1].map((gpu) => `${(from - 5 + 0.07 * k).toFixed(3)},${gpu},${watts},${shown}`),
  ).flat();
  return `timestamp,gpu,power_w,sm_clock_mhz\n${rows.join('\n')}\n`;
}

const twoRuns = (shown: (clock: number) => number) =>
  Object.fromEntries(
    [1410, 1200].flatMap((clock) => [
      [`runs/${clock}/spans.csv`, spans(clock)],
      [`runs/${clock}/samples.csv`, samples(clock, shown(clock))],
    ]),
  );

test('runs at several clocks: times of instructions, energies of samples', async (t) => {
  const { code, out, err } = await imported(
    twoRuns((clock) => clock),
    ['runs/', '--warm-up', '2'],
  );
  t.is(code, 0, err);
  t.regex(
    err,
    /the first 2 iterations are warm-up and left out; 4 are used \(runs\/1200, runs\/1410\)/,
  );
  for (const [, kind, clock, time, energy] of rowsOf(out)) {
    const seconds = timeS(kind!, Number(clock));
    t.true(Math.abs(Number(time) / seconds - 1) < 1e-4, `${kind} at ${clock}: ${time} s`);
    t.true(Math.abs(Number(energy) / (seconds * powerW(Number(clock))) - 1) < 1e-3, `${energy} J`);
  }
  t.is(rowsOf(out).length, 8);
});

test('GPUs that throttle have the clock that they ran at', async (t) => {
  const shown = (clock: number) => (clock === 1410 ? 1335 : clock);
  const { code, out, err } = await imported(twoRuns(shown), ['runs/']);
  t.is(code, 0, err);
  t.regex(
    err,
    /GPUs that should run at 1410 MHz ran at 1335 MHz, throttled by power or heat: that is their clock here \(runs\/1410\)/,
  );
  t.deepEqual([...new Set(rowsOf(out).map(([, , clock]) => clock))], ['1335', '1200']);
});

test('a run in which a GPU only waits says its power, which instructions exceed', async (t) => {
  const files = { ...twoRuns((clock) => clock), 'waiting.csv': samples(1410, 1410, EPOCH_S, 84.5) };
  const right = await imported(files, ['runs/', '--waiting', 'waiting.csv']);
  t.is(right.code, 0, right.err);
  t.regex(
    right.err,
    /a GPU that waits draws 84\.5 W \(GPU 0, over 11\.1 s; .*\): --blocking-power 84\.5/,
  );
});

test('a GPU that did not only wait is doubted, and instructions that draw less than it are errors', async (t) => {
  const rows = Array.from(
    { length: 200 },
    (_, k) => `${EPOCH_S + 0.1 * k},0,${k < 120 ? 330 : 370}`,
  );
  const waiting = `timestamp,gpu,power_w\n${rows.join('\n')}\n`;
  const files = { ...twoRuns((clock) => clock), 'waiting.csv': waiting };
  const { code, err } = await imported(files, ['runs/', '--waiting', 'waiting.csv']);
  t.is(code, 2);
  t.regex(
    err,
    /a GPU that waits draws 34\d(\.\d)? W .*its power varies by [\d.]+ %, so it may not only have waited/,
  );
  t.regex(
    err,
    /stage 0, rank 0, forward at 1200 MHz: takes .* W \(and the like of \d more\), less than a GPU that waits \(34\d/,
  );
});

test('more warm-up than there are iterations, and samples of another time, are said', async (t) => {
  const runs = twoRuns((clock) => clock);
  const late = await imported(runs, ['runs/', '--warm-up', '9']);
  t.is(late.code, 2);
  t.regex(late.err, /--warm-up: found 9, but there are runs of 6 iterations/);
  const other = await imported(
    { ...runs, 'runs/1410/samples.csv': samples(1410, 1410, EPOCH_S + 100) },
    ['runs/'],
  );
  t.is(other.code, 2);
  t.regex(other.err, /run runs\/1410: no sample lies within the instructions of rank 0, 1/);
});

test('times without energies are not enough, and files of no known format in a folder are left out', async (t) => {
  const { code, err } = await imported(
    {
      'runs/1410/spans.csv': spans(1410),
      'runs/1200/spans.csv': spans(1200),
      'runs/notes.txt': 'hello',
    },
    ['runs/'],
  );
  t.is(code, 2);
  t.regex(err, /the instructions of rank 0, 1 have times but no energies; add samples of power/);
  t.regex(err, /runs\/notes\.txt is no log that is known.*; it is left out/);
});

/** The energy counter every 0.1 s, exactly, while forwards draw less than backwards. */
function countedSamples(clock: number): string {
  const powers = { forward: 0.9 * powerW(clock), backward: powerW(clock) };
  let [nowS, energyJ, nextS] = [0, 0, 0];
  const rows: string[] = [];
  for (let k = 0; k < 2 * 4 * 6; k++) {
    const kind = k % 2 === 0 ? 'forward' : 'backward';
    const endS = nowS + timeS(kind, clock);
    for (; nextS < endS; nextS += 0.1) {
      const countedJ = energyJ + powers[kind] * (nextS - nowS);
      for (const gpu of [0, 1])
        rows.push(`${(EPOCH_S + nextS).toFixed(3)},${gpu},${countedJ.toFixed(3)}`);
    }
    energyJ += powers[kind] * (endS - nowS);
    nowS = endS;
  }
  return `timestamp,gpu,energy_j\n${rows.join('\n')}\n`;
}

test('where sampling is in step with the work, the clocks of one machine agree', async (t) => {
  const files = Object.fromEntries(
    [1410, 1200].flatMap((clock) => [
      [`runs/${clock}/spans.csv`, spans(clock)],
      [`runs/${clock}/counter.csv`, countedSamples(clock)],
    ]),
  );
  const { code, out, err } = await imported(files, ['runs/', '--warm-up', '0']);
  t.is(code, 0, err);
  for (const [, kind, clock, time, energy] of rowsOf(out)) {
    const watts = (kind === 'forward' ? 0.9 : 1) * powerW(Number(clock));
    const error = Math.abs(Number(energy) / Number(time) / watts - 1);
    t.true(error < 0.005, `${kind} at ${clock}: off by ${error}`);
  }
});

test('a GPU of the catalog models what was not measured, and the profile says so', async (t) => {
  const { code, out, err } = await imported({ 'clock=1410.csv': spans(1410) }, [
    'clock=1410.csv',
    '--gpu',
    'a100-sxm',
  ]);
  t.is(code, 0, err);
  t.regex(err, /not measured but modelled, by the law of NVIDIA A100 SXM 80 GB/);
  const rows = rowsOf(out);
  t.is(rows.length, 2 * 2 * 48);
  t.true(rows.every((row) => row[5] === 'one clock'));
  // Seconds since 1970 have microseconds.
  t.true(Math.abs(Number(rows[0]![3]) - timeS('forward', 1410)) < 1e-6);
  const planned = await withProfile(out, ['--microbatches', '4', '--blocking-power', '80']);
  t.is(planned.code, 0, planned.err);
  t.regex(
    planned.err,
    /measured at one clock only: other clocks, and energies that were not measured, are modelled/,
  );
});

/** Plans with a profile. */
async function withProfile(csv: string, args: readonly string[]) {
  const folder = mkdtempSync(join(tmpdir(), 'pipewatt-import-'));
  try {
    writeFileSync(join(folder, 'profile.csv'), csv);
    return await runInProcess(['plan', join(folder, 'profile.csv'), ...args]);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
