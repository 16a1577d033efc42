import { ProblemList } from '../../src/problem-list.js';
import { kindOfFile } from '../../src/file-kinds.js';
import { readProfileRows } from '../../src/profile/csv-rows.js';
import { findDuplicates } from '../../src/profile/read-csv.js';
import type { InstructionSpan, MeasuredFile } from './measured.js';
import type { MeasurementReader } from './measurement-reader.js';

/**
 * Profiles, whole or of one rank, as Zeus' pipeline frequency optimizer writes them: a row for each
 * instruction and clock, and perhaps rows of loading.
 */
export const PROFILE_FILE: MeasurementReader = {
  name: 'a profile (stage,instruction,frequency,time,energy), whole or of one rank',
  recognises: (text) =>
    kindOfFile(new TextEncoder().encode(text.slice(0, BEGINNING))) === 'profile',
  read: readProfileFile,
};

/** A header is in the first part of a file. */
const BEGINNING = 4096;

function readProfileFile(text: string, source: string): MeasuredFile {
  const problems = new ProblemList(source);
  const { rows, loads, notes } = readProfileRows(text, source, problems, { loads: true });
  findDuplicates(rows, problems);
  problems.throwIfAny();
  const spans: InstructionSpan[] = [
    ...rows.map(({ rank, stage, kind, option }) => ({ rank, stage, kind, ...option })),
    ...loads.map((load) => ({ ...load, kind: 'load' as const })),
  ];
  return { source, timeBase: 'unknown', spans, samples: [], notes };
}
