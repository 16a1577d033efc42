import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import test from 'ava';
import { readStageProfile } from '../../src/profile/read-csv.js';
import { PROFILED_KINDS, type StageProfile } from '../../src/profile/stage-profile.js';
import { runInProcess } from '../support/in-process.js';
import {
  dcgmLog,
  instructionTable,
  knownProfile,
  loggedRun,
  partOf,
  smiLog,
  zeusLogs,
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

const filesOf = (log: (run: LoggedRun) => Readonly<Record<string, string>>) =>
  Object.fromEntries(
    CLOCKS.flatMap((clock) =>
      Object.entries(log(loggedRun(PROFILE, clock, LOG))).map(([name, text]) => [
        `${clock}MHz/${name}`,
        text,
      ]),
    ),
  );

for (const [how, log] of [
  [
    'nvidia-smi at 10 Hz',
    (run: LoggedRun) => ({ 'spans.csv': instructionTable(run), 'smi.csv': smiLog(run, SAMPLES) }),
  ],
  [
    'means over a second of nvidia-smi',
    (run: LoggedRun) => ({
      'spans.csv': instructionTable(run),
      'smi.csv': smiLog(run, { ...SAMPLES, windowS: 1 }),
    }),
  ],
  [
    "DCGM's energy counter at 10 Hz",
    (run: LoggedRun) => ({
      'spans.csv': instructionTable(run),
      'dcgm.prom': dcgmLog(run, SAMPLES),
    }),
  ],
  [
    'windows of ZeusMonitor',
    (run: LoggedRun) =>
      Object.fromEntries(zeusLogs(run, 3).map((text, r) => [`rank${r}.csv`, text])),
  ],
] as const) {
  test(`a known profile comes back from ${how}`, async (t) => {
    const { code, err, profile } = await imported(filesOf(log));
    t.is(code, 0, err);
    const { time, energy } = worstErrors(profile!, PROFILE);
    t.log(err, time.toFixed(3), energy.toFixed(3));
    t.true(time < 1, `time off by ${time} %`);
    t.true(energy < 2, `energy off by ${energy} %`);
  });
}
