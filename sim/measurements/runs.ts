import { implausible } from '../../src/plausible.js';
import { entryOf } from '../../src/groups.js';

/** A file found at a path or in a folder. */
export interface FoundFile {
  /** As it is opened, and named in messages. */
  readonly path: string;
  /** The path within the argument that led to it, the argument's own name included. */
  readonly within: string;
  /** Whether the user named it, not only a folder that holds it. */
  readonly isNamed: boolean;
}

/** A file of a run. */
export interface RunFile extends FoundFile {
  /** Its path without the part that names the clock: the same in each run of a folder. */
  readonly place: string;
}

/** The files of one run. */
export interface RunFiles {
  /** The folder or file that names the clock; '' for files that name none. */
  readonly name: string;
  /** The clock that all instructions ran at, if a name says it. */
  readonly clockMHz?: number | undefined;
  readonly files: readonly RunFile[];
}

/**
 * Groups files by run: a folder or a file whose name says a clock (`1410`, `1410MHz`,
 * `clock=1410.csv`) holds a run at it; the deepest such name counts. Files without one are a run of
 * their own. O(files).
 */
export function runsOf(found: readonly FoundFile[]): RunFiles[] {
  const runs = new Map<string, { name: string; clockMHz?: number | undefined; files: RunFile[] }>();
  for (const file of found) {
    const parts = file.within.split(/[/\\]/);
    const at = parts.findLastIndex((part) => clockOfName(part) !== undefined);
    if (at < 0) {
      entryOf(runs, '', () => ({ name: '', files: [] })).files.push({
        ...file,
        place: file.within,
      });
      continue;
    }
    const clockMHz = clockOfName(parts[at]!)!;
    const folder = parts.slice(0, at).join('/');
    const run = entryOf(runs, `${folder}/${clockMHz}`, () => ({
      name: parts.slice(0, at + 1).join('/'),
      clockMHz,
      files: [],
    }));
    const rest = [parts[at]!.replace(String(clockMHz), ''), ...parts.slice(at + 1)];
    run.files.push({ ...file, place: `${folder}/${rest.join('/')}` });
  }
  return [...runs.values()];
}

/** Endings of files of measurements. */
const ENDING = /\.(csv|tsv|txt|log|json|jsonl|prom)(\.gz)?$/i;

const CLOCK_NAMES = [
  /^(\d{3,4})$/,
  /(?<!\d)(\d{3,4})[ _-]?mhz/i,
  /(?<![a-z])(?:clock|clk|freq|frequency|sm|mhz)[ =_-]?(\d{3,4})(?!\d)/i,
];

/** The clock that the name of a folder or file says; undefined if it says none. */
export function clockOfName(name: string): number | undefined {
  const bare = name.replace(ENDING, '');
  for (const pattern of CLOCK_NAMES) {
    const clockMHz = Number(pattern.exec(bare)?.[1] ?? NaN);
    if (implausible('clockMHz', clockMHz) === undefined) return clockMHz;
  }
  return undefined;
}
