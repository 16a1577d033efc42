import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { readStageProfile } from '../../src/profile/read-csv.js';
import { PROFILED_KINDS, type StageProfile } from '../../src/profile/stage-profile.js';
import { runInProcess } from './in-process.js';
import {
  dcgmLog,
  instructionTable,
  knownProfile,
  loggedRun,
  partOf,
  smiLog,
  zeusLogs,
  type LoggedRun,
  type LogSettings,
} from './simulated-logs.js';

export const CLOCKS = [1410, 1305, 1200, 1110];
export const PROFILE = partOf(knownProfile('gpt3-175b-a100-sxm'), 4, CLOCKS);
export const BLOCKING_W = 83.64;
export const LOG = {
  microbatches: 8,
  iterations: 30,
  blockingPowerW: BLOCKING_W,
  jitter: 0.02,
  seed: 1,
};
export const SAMPLES = { intervalS: 0.1, windowS: 0.1, noise: 0.04, seed: 2 };

/** Writes files, imports them, and returns the profile and the sentences. */
export async function imported(files: Readonly<Record<string, string>>, ...args: string[]) {
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
export function worstErrors(found: StageProfile, truth: StageProfile) {
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
export const filesOf = (log: Log, profile = PROFILE, settings: LogSettings = LOG) =>
  Object.fromEntries(
    CLOCKS.flatMap((clock) =>
      Object.entries(log(loggedRun(profile, clock, settings))).map(([name, text]) => [
        `${clock}MHz/${name}`,
        text,
      ]),
    ),
  );

export const smi: Log = (run) => ({
  'spans.csv': instructionTable(run),
  'smi.csv': smiLog(run, SAMPLES),
});
export const dcgm: Log = (run) => ({
  'spans.csv': instructionTable(run),
  'dcgm.prom': dcgmLog(run, SAMPLES),
});
export const zeus: Log = (run) =>
  Object.fromEntries(zeusLogs(run, 3).map((text, r) => [`rank${r}.csv`, text]));
export const longer = partOf(PROFILE, 4, CLOCKS, 10);
