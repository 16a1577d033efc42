import { readdirSync, statSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { InputError } from '../../src/errors.js';
import { groupBy } from '../../src/groups.js';
import type { ProblemGathering } from '../../src/problem-list.js';
import { readAnyText } from '../disk/files.js';
import { reason } from '../disk/reason.js';
import type { MeasuredRun, MeasuredRunFile } from '../measurements/figures.js';
import type { MeasurementReader, ReadingHints } from '../measurements/measurement-reader.js';
import { PROFILE_FILE } from '../measurements/profile-file.js';
import { READERS, readerOf, unknownFormat } from '../measurements/readers/readers.js';
import type { FoundFile, RunFile, RunFiles } from '../measurements/runs.js';

const ALL_READERS: readonly MeasurementReader[] = [PROFILE_FILE, ...READERS];

/** Folders within folders, and files, that are looked at. */
const DEEPEST = 8;
const MOST_FILES = 20_000;

/**
 * The files at paths and in folders, in the order of their names; hidden ones are passed over.
 * @throws InputError if a path does not exist, or holds no files or too many.
 */
export function foundFiles(paths: readonly string[]): FoundFile[] {
  return paths.flatMap((path) => {
    try {
      const found: FoundFile[] = [];
      collect(path, basename(resolve(path)), 0, found);
      if (found.length > 0) return found;
    } catch (error) {
      if (error instanceof InputError) throw error;
      throw InputError.of({ source: path, message: `cannot be read: ${reason(error)}` });
    }
    throw InputError.of({ source: path, message: 'is a folder without files' });
  });
}

function collect(path: string, within: string, depth: number, found: FoundFile[]): void {
  if (!statSync(path).isDirectory()) {
    found.push({ path, within, isNamed: depth === 0 });
    if (found.length <= MOST_FILES) return;
    const message = `holds more than ${MOST_FILES} files; name the folder of the runs alone`;
    throw InputError.of({ source: path, message });
  }
  if (depth > DEEPEST) return;
  for (const name of readdirSync(path).sort()) {
    if (!name.startsWith('.')) collect(join(path, name), `${within}/${name}`, depth + 1, found);
  }
}

/** Collectors of what a user must know of files. */
interface ReadingTold {
  readonly gathering: ProblemGathering;
  /** Sentences on files that were left out. */
  readonly notes: string[];
}

/**
 * Reads runs one after another, so that only one is in memory. A file that cannot be read, or whose
 * format is not known, is a problem if it was named, and left out with a note if a folder holds it.
 */
export function* readRuns(
  runs: readonly RunFiles[],
  hints: ReadingHints,
  told: ReadingTold,
): Iterable<MeasuredRun> {
  for (const { name, clockMHz, files } of runs) {
    yield { name, clockMHz, files: readFiles(files, hints, told) };
  }
}

/** A file whose format is known. */
interface OpenedFile {
  readonly file: RunFile;
  readonly reader: MeasurementReader;
  readonly text: string;
  readonly note: string | undefined;
}

function readFiles(
  files: readonly RunFile[],
  hints: ReadingHints,
  told: ReadingTold,
): MeasuredRunFile[] {
  const opened = files.flatMap((file) => told.gathering.attempt(() => open(file, told)) ?? []);
  return [...groupBy(opened, ({ reader }) => reader)].flatMap(([reader, list]) =>
    reader.readTogether === undefined
      ? list.flatMap((each) => readAlone(each, hints, told))
      : [...groupBy(list, ({ file }) => folderOf(file.place))].flatMap(([, together]) =>
          readTogether(together, hints, told),
        ),
  );
}

function open(file: RunFile, { notes }: ReadingTold): OpenedFile[] {
  const { text, note } = readAnyText(file.path);
  const reader = readerOf(text, file.path, ALL_READERS);
  if (reader !== undefined) return [{ file, reader, text, note }];
  const message = unknownFormat(text, ALL_READERS);
  if (file.isNamed) throw InputError.of({ source: file.path, message });
  notes.push(`${file.path} ${message}; it is left out`);
  return [];
}

function readAlone(
  { file, reader, text, note }: OpenedFile,
  hints: ReadingHints,
  { gathering, notes }: ReadingTold,
): MeasuredRunFile[] {
  if (note !== undefined) notes.push(`${file.path} ${note}`);
  const measured = gathering.attempt(() => reader.read(text, file.path, hints));
  return measured === undefined ? [] : [{ place: file.place, measured }];
}

function readTogether(
  together: readonly OpenedFile[],
  hints: ReadingHints,
  told: ReadingTold,
): MeasuredRunFile[] {
  const [first] = together;
  if (first === undefined) return [];
  if (together.length === 1) return readAlone(first, hints, told);
  const texts = together.map(({ file, text }) => ({ source: file.path, text }));
  const measured = told.gathering.attempt(() => first.reader.readTogether!(texts, hints));
  return measured === undefined ? [] : [{ place: folderOf(first.file.place), measured }];
}

function folderOf(place: string): string {
  return place.slice(0, Math.max(0, place.lastIndexOf('/')));
}
