import * as z from 'zod';
import { InputError, type Problem } from '../../src/errors.js';
import { readStageProfile } from '../../src/profile/read-csv.js';
import {
  PROFILED_KINDS,
  type ProfiledKind,
  type StageProfile,
} from '../../src/profile/stage-profile.js';
import { readUserText } from '../disk/files.js';

/**
 * A row of a stage profile: one instruction of one stage on one GPU, at one clock. The columns are
 * those of a profile's CSV (docs/bring-your-own-profile.md).
 *
 * @example
 * ```ts
 * import { planFrontier, type ProfileRow } from 'pipewatt';
 *
 * const row = (instruction: 'forward' | 'backward', time: number): ProfileRow[] => [
 *   { stage: 0, instruction, frequency: 1410, time, energy: 400 * time },
 *   { stage: 0, instruction, frequency: 1200, time: 1.16 * time, energy: 366 * time },
 * ];
 * const profile = [...row('forward', 0.05), ...row('backward', 0.1)];
 * const { points } = await planFrontier({ profile, microbatches: 2, blockingPowerW: 80 });
 * console.log(points.at(-1)?.timeS.toFixed(2)); // 0.30
 * ```
 */
export interface ProfileRow {
  /** From 0. */
  readonly stage: number;
  readonly instruction: ProfiledKind;
  /** MHz */
  readonly frequency: number;
  /** s */
  readonly time: number;
  /** J of one GPU. */
  readonly energy: number;
}

const COLUMNS = ['stage', 'instruction', 'frequency', 'time', 'energy'] as const;

/** A profile as rows, stage by stage, highest clock first. */
export function profileRows({ stages }: StageProfile): ProfileRow[] {
  return stages.flatMap((options, stage) =>
    PROFILED_KINDS.flatMap((instruction) =>
      options[instruction].map(({ frequencyMHz, timeS, energyJ }) => ({
        ...{ stage, instruction },
        ...{ frequency: frequencyMHz, time: timeS, energy: energyJ },
      })),
    ),
  );
}

/** A profile in options: a path, or rows, whose cells are checked like those of a file. */
export const profileField = z.union(
  [z.string().min(1), z.array(z.custom<ProfileRow>((row) => typeof row === 'object')).min(1)],
  { error: 'the path of a CSV, or a list of rows' },
);

/** A profile, and the text that it was read from. */
export interface ReadProfile {
  readonly profile: StageProfile;
  readonly text: string;
}

/**
 * The profile at a path, or from rows.
 * @param call the function with the option `profile`, for messages.
 * @throws InputError with every problem.
 */
export function readProfile(given: string | readonly ProfileRow[], call: string): ReadProfile {
  if (typeof given === 'string') {
    const { text, note } = readUserText(given, 'profile', { source: call, field: 'profile' });
    return { profile: readStageProfile(text, given, note), text };
  }
  const text = [COLUMNS, ...given.map((row) => COLUMNS.map((column) => row[column]))]
    .map((cells) => `${cells.map(csvCell).join(',')}\n`)
    .join('');
  try {
    return { profile: readStageProfile(text, call), text };
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    throw new InputError(error.problems.map(inRows));
  }
}

function csvCell(value: unknown): string {
  const isPlain = typeof value === 'string' || typeof value === 'number';
  const isThere = value !== undefined && value !== null;
  const text = isPlain ? String(value) : isThere ? JSON.stringify(value) : '';
  return `"${text.replaceAll('"', '""')}"`;
}

/** A problem of a line as one of a row: the first line is the header. */
function inRows({ line, field, ...problem }: Problem): Problem {
  const row = line === undefined || line < 2 ? 'profile' : `profile.${line - 2}`;
  const column = field?.match(/^column "(\w+)"$/)?.[1] ?? field;
  return { ...problem, field: column === undefined ? row : `${row}.${column}` };
}
