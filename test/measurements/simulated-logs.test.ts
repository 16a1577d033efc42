import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import test from 'ava';
import { readStageProfile } from '../../src/profile/read-csv.js';
import { PROFILED_KINDS, type StageProfile } from '../../src/profile/stage-profile.js';
import { runInProcess } from '../support/in-process.js';
import {
  EPOCH_S,
  dcgmLog,
  instructionTable,
  knownProfile,
  loggedRun,
  partOf,
  smiLog,
  zeusLogs,
  type LogSettings,
  type LoggedRun,
} from '../support/simulated-logs.js';

const CLOCKS = [1410, 1305, 1200, 1110];
const PROFILE = partOf(knownProfile('gpt3-175b-a100-sxm'), 4, CLOCKS);
const BLOCKING_W = 83.64;
const LOG = { microbatches: 8, iterations: 30, blockingPowerW: BLOCKING_W, jitter: 0.02, seed: 1 };
const SAMPLES = { intervalS: 0.1, windowS: 0.1, noise: 0.04, seed: 2 };

/** Writes files, imports them, and returns the profile and the sentences. */
async function imported(files: Readonly<Record<string, string>>, ...args: string[]) {
  const folder = mkdtempSync(join(tmpdir(), 'pipewatt-import-'));
  try {
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, 'runs', name)), { recursive: true });
      writeFileSync(join(folder, 'runs', name), text);
    }
    const output = join(folder, 'profile.csv');
    const { code, err } = await runInProcess([
      'import',
      join(folder, 'runs'),
      ...args,
      '--output',
      output,
    ]);
    const profile =
      code === 0 ? readStageProfile(readFileSync(output, 'utf8'), 'profile.csv') : undefined;
    return { code, err, profile };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** The worst relative errors of times and energies, in percent. */
function worstErrors(found: StageProfile, truth: StageProfile) {
  const worst = { time: 0, energy: 0 };
  truth.stages.forEach((stage, s) => {
    for (const kind of PROFILED_KINDS) {
      const options = found.stages[s]![kind];
      if (options.length !== stage[kind].length)
        throw new Error(`stage ${s} ${kind}: ${options.length} clocks`);
      stage[kind].forEach((option, k) => {
        const off = (of: 'timeS' | 'energyJ') => 100 * Math.abs(options[k]![of] / option[of] - 1);
        worst.time = Math.max(worst.time, off('timeS'));
        worst.energy = Math.max(worst.energy, off('energyJ'));
      });
    }
  });
  return worst;
}

type Log = (run: LoggedRun) => Readonly<Record<string, string>>;

/** Folders of runs, one for each clock. */
const filesOf = (log: Log, profile = PROFILE, settings: LogSettings = LOG) =>
  Object.fromEntries(
    CLOCKS.flatMap((clock) =>
      Object.entries(log(loggedRun(profile, clock, settings))).map(([name, text]) => [
        `${clock}MHz/${name}`,
        text,
      ]),
    ),
  );

const smi: Log = (run) => ({ 'spans.csv': instructionTable(run), 'smi.csv': smiLog(run, SAMPLES) });
const dcgm: Log = (run) => ({
  'spans.csv': instructionTable(run),
  'dcgm.prom': dcgmLog(run, SAMPLES),
});
const zeus: Log = (run) =>
  Object.fromEntries(zeusLogs(run, 3).map((text, r) => [`rank${r}.csv`, text]));
const longer = partOf(PROFILE, 4, CLOCKS, 10);

for (const [how, log, profile, microbatches] of [
  ['nvidia-smi at 10 Hz', smi, PROFILE, 8],
  ["DCGM's energy counter at 10 Hz", dcgm, PROFILE, 8],
  ['windows of ZeusMonitor, where instructions take half a second', zeus, longer, 32],
] as const) {
  test(`a known profile comes back from ${how}`, async (t) => {
    const {
      code,
      err,
      profile: found,
    } = await imported(filesOf(log, profile, { ...LOG, microbatches }));
    t.is(code, 0, err);
    t.log(err);
    const { time, energy } = worstErrors(found!, profile);
    t.true(time < 1, `time off by ${time} %`);
    t.true(energy < 2, `energy off by ${energy} %`);
    t.regex(err, /the first 10 iterations are warm-up and left out; 20 are used/);
  });
}

test('least squares are right where instructions are shorter than the time between samples', async (t) => {
  const files = filesOf(dcgm);
  const fitted = await imported(files);
  const plain = await imported(files, '--energy-by', 'interpolation');
  t.true(worstErrors(fitted.profile!, PROFILE).energy < 2);
  t.true(worstErrors(plain.profile!, PROFILE).energy > 5);
  const long = await imported(filesOf(dcgm, longer), '--energy-by', 'interpolation');
  t.true(worstErrors(long.profile!, longer).energy < 2, 'interpolation of long instructions');
});

test('power that is a mean over a second tells forwards and backwards together', async (t) => {
  const { profile, err } = await imported(
    filesOf((run) => ({
      'spans.csv': instructionTable(run),
      'smi.csv': smiLog(run, { ...SAMPLES, windowS: 1 }),
    })),
  );
  t.log(err);
  t.regex(err, /samples of power are means over 1 s/);
  t.regex(err, /samples do not tell forwards from backwards on rank 3: both get their mean power/);
  const bothJ = ({ forward, backward }: StageProfile['stages'][number], k: number) =>
    forward[k]!.energyJ + backward[k]!.energyJ;
  const errors = PROFILE.stages.flatMap((stage, s) =>
    CLOCKS.map((_, k) => 100 * Math.abs(bothJ(profile!.stages[s]!, k) / bothJ(stage, k) - 1)),
  );
  t.true(Math.max(...errors) < 2, String(Math.max(...errors)));
});

test('a stage takes as long as its slowest GPU, and uses the mean; cold iterations and pauses do not count', async (t) => {
  const gpus = [
    { time: 1, power: 1.06 },
    { time: 0.97, power: 0.94 },
  ];
  const settings = { ...LOG, gpus, pauseS: 0.4, pauseW: 190, cold: 8 };
  const { code, profile, err } = await imported(filesOf(smi, PROFILE, settings));
  t.is(code, 0, err);
  t.log(err);
  const part = (1.06 + 0.97 * 0.94) / 2;
  const truth = {
    ...PROFILE,
    stages: PROFILE.stages.map(({ forward, backward }) => {
      const used = (list: typeof forward) =>
        list.map((each) => ({ ...each, energyJ: each.energyJ * part }));
      return { forward: used(forward), backward: used(backward) };
    }),
  };
  const { time, energy } = worstErrors(profile!, truth);
  t.true(time < 1, `time off by ${time} %`);
  t.true(energy < 2, `energy off by ${energy} %`);
  const waitingW = Number(/between its instructions a GPU draws ([\d.]+) W/.exec(err)![1]);
  t.true(Math.abs(waitingW / BLOCKING_W - 1) < 0.05, `waiting ${waitingW} W`);
});

test('samples and instructions that share no clock are laid over each other by correlation', async (t) => {
  const { code, profile, err } = await imported(
    filesOf((run) => ({
      'spans.csv': instructionTable(run, 5000),
      'smi.csv': smiLog(run, SAMPLES),
    })),
  );
  t.is(code, 0, err);
  t.log(err);
  const apartS = Number(/instructions are ([\d.]+) s apart, by correlation/.exec(err)![1]);
  t.true(Math.abs(apartS - (EPOCH_S - 5000)) < 0.1, `apart by ${apartS} s`);
  const { time, energy } = worstErrors(profile!, PROFILE);
  t.true(time < 1 && energy < 2, `off by ${time}, ${energy} %`);
});

/** Instructions that draw as much as waiting: nothing to be seen in samples. */
const FLAT = {
  ...PROFILE,
  stages: PROFILE.stages.map(({ forward, backward }) => {
    const flat = (list: typeof forward) =>
      list.map((each) => ({ ...each, energyJ: each.timeS * BLOCKING_W }));
    return { forward: flat(forward), backward: flat(backward) };
  }),
};

test('what cannot be laid over each other is said, and --offset helps', async (t) => {
  const files = filesOf(
    (run) => ({ 'spans.csv': instructionTable(run, 5000), 'smi.csv': smiLog(run, SAMPLES) }),
    FLAT,
  );
  const { code, err } = await imported(files);
  t.is(code, 2);
  t.regex(
    err,
    /run runs\/1110MHz: the samples of rank 0, 1, 2, 3 cannot be laid over its instructions/,
  );
  t.regex(err, /--offset/);
  const { profile } = await imported(files, '--offset', String(EPOCH_S - 5000));
  const { energy } = worstErrors(profile!, FLAT);
  t.true(energy < 4, `energy off by ${energy} %`);
});

test('energies that a file says of short instructions are those of the counter a moment before', async (t) => {
  const files = filesOf(zeus, longer, { ...LOG, microbatches: 32 });
  const plain = await imported(files, '--energy-by', 'interpolation');
  t.true(worstErrors(plain.profile!, longer).energy > 3);
  const short = await imported(filesOf(zeus));
  t.regex(short.err, /means are uncertain by [\d.]+ % \(one standard deviation\)/);
});
