import { readdirSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { InputError } from '../../src/errors.js';
import type { GpuSamples, MeasuredFile } from '../../sim/measurements/measured.js';
import type { ReadingHints } from '../../sim/measurements/measurement-reader.js';
import { readerOf } from '../../sim/measurements/readers/readers.js';
import { projectFile } from './files.js';

const FOLDER = 'test/fixtures/measurements';

/** Names of the logs of all formats, without those of folders. */
export const LOGS = readdirSync(projectFile(FOLDER)).filter((name) => name.includes('.'));

/** The text of a log. */
export function logText(name: string): string {
  return readFileSync(projectFile(`${FOLDER}/${name}`), 'utf8');
}

/** Reads a text as `import` does, by the reader that recognises it. */
export function readText(text: string, source: string, hints?: ReadingHints): MeasuredFile {
  const reader = readerOf(text, source);
  if (reader === undefined) throw new Error(`no reader recognises ${source}`);
  return reader.read(text, source, hints);
}

/** Reads a log of the fixtures. */
export function readLog(name: string, hints?: ReadingHints): MeasuredFile {
  return readText(logText(name), basename(name), hints);
}

/** The problems of a text, one a line; '' if it has none. */
export function problemsOf(text: string, source: string, hints?: ReadingHints): string {
  try {
    readText(text, source, hints);
    return '';
  } catch (error) {
    if (error instanceof InputError) return error.message;
    throw error;
  }
}

/** Instructions in one line each: kind, stage, rank, iteration, ms, J, MHz. */
export function spanLines({ spans }: MeasuredFile): string[] {
  return spans.map((span) =>
    [
      `${span.kind} stage ${span.stage} rank ${span.rank}`,
      ...(span.iteration === undefined ? [] : [`iteration ${span.iteration}`]),
      `${Number((span.timeS * 1000).toFixed(3))} ms`,
      ...(span.energyJ === undefined ? [] : [`${span.energyJ} J`]),
      ...(span.frequencyMHz === undefined ? [] : [`${span.frequencyMHz} MHz`]),
    ].join(', '),
  );
}

/** Values of one kind of a GPU's samples, as plain numbers. */
export function valuesOf(
  { samples }: MeasuredFile,
  gpu: string,
  key: 'timeS' | 'powerW' | 'counterJ' | 'clockMHz',
): number[] | undefined {
  const found: GpuSamples | undefined = samples.find((each) => each.gpu === gpu);
  const values = found?.[key];
  return values === undefined ? undefined : [...values];
}
