import type { ProblemList } from '../../src/problem-list.js';
import { PROFILED_KINDS, type StageOptions } from '../../src/profile/stage-profile.js';
import { FROM_ONE_CLOCK, SYNTHESIZED_COLUMN } from '../hardware/synthesized.js';
import { completedFigures } from './modelled-clocks.js';
import { figuresOfRun, type MeasuredRun, type RankFigure } from './figures.js';
import type { ImportSettings } from './import-settings.js';
import { joinedProfile } from './joined-profile.js';
import { digits, RunNotes } from './sentences.js';
import { median } from './series.js';

/** A profile made of measurements. */
export interface ImportedProfile {
  readonly stages: readonly StageOptions[];
  /** Sentences on what was used, left out, converted and doubted. */
  readonly notes: readonly string[];
  /** Whether something in it was not measured. */
  readonly isModelled: boolean;
}

/**
 * Makes a stage profile of measured runs.
 *
 * ```
 *   files of a run ─► spans by rank and clock ─► iterations that count ─┐
 *                 └─► samples of the rank's GPU ─► energies ────────────┴─► figures of ranks
 *   figures of all runs ─► slowest time, mean energy of each stage ─► profile
 * ```
 *
 * @param runs read one after another, so that only one need be in memory.
 * @param problems receives everything that is wrong; then there are no stages.
 */
export function importMeasurements(
  runs: Iterable<MeasuredRun>,
  settings: ImportSettings,
  problems: ProblemList,
): ImportedProfile {
  const notes = new RunNotes();
  const told = { problems, notes };
  const figures: RankFigure[] = [];
  const waitingW: number[] = [];
  for (const run of runs) {
    const found = figuresOfRun(run, settings, told);
    figures.push(...found.figures);
    waitingW.push(...found.waitingW);
  }
  const { figures: completed, isModelled } =
    settings.machine === undefined
      ? { figures, isModelled: false }
      : completedFigures(figures, settings.machine, notes);
  const stages = joinedProfile(completed, settings.blockingPowerW, told);
  if (waitingW.length > 0 && settings.blockingPowerW === undefined) {
    const powerW = digits(median(waitingW));
    notes.add(
      `between its instructions a GPU draws ${powerW} W, by least squares (median of ${waitingW.length}); a run in which a GPU only waits is more certain (--waiting): --blocking-power ${powerW}`,
    );
  }
  return { stages, notes: notes.sentences(), isModelled };
}

/** A row of a profile as the program reads it. */
export interface ProfileCsvRow extends Readonly<Record<string, number | string>> {
  readonly stage: number;
  readonly instruction: string;
  readonly frequency: number;
  readonly time: number;
  readonly energy: number;
}

/** Digits of times and energies: far beyond what can be measured, without rounding errors. */
const DIGITS = 9;

/** The rows of a profile, by stage, instruction and clock, highest first. */
export function profileCsvRows({ stages, isModelled }: ImportedProfile): ProfileCsvRow[] {
  // Readers of the profile say how far off it may be.
  const mark = isModelled ? { [SYNTHESIZED_COLUMN]: FROM_ONE_CLOCK } : {};
  const rounded = (value: number) => Number(value.toPrecision(DIGITS));
  return stages.flatMap((options, stage) =>
    PROFILED_KINDS.flatMap((instruction) =>
      options[instruction].map(({ frequencyMHz, timeS, energyJ }) => ({
        ...{ stage, instruction, frequency: rounded(frequencyMHz) },
        ...{ time: rounded(timeS), energy: rounded(energyJ) },
        ...mark,
      })),
    ),
  );
}
