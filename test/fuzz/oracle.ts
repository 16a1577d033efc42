import type { FuzzInput, FuzzOutcome } from './fuzz-input.js';

/** The problem with the way an input ended; undefined if there is none. */
export type Oracle = (input: FuzzInput, ended: Ended) => string | undefined;
export type Ended = Extract<FuzzOutcome, { kind: 'ended' }>;

/** Nothing of a terminal's or of a text's direction may be sent on: only line ends and tabs. */
// eslint-disable-next-line no-control-regex
const CONTROL = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/;

/** JavaScript's own messages about unchecked values. */
const UNLOOKED =
  /\bundefined\b|\[object |is not a function|is not iterable|Cannot (?:read|convert)|Invalid (?:array|string|typed array) length|Maximum call stack|out of memory|ZodError|Assertion|^\s+at .+:\d+:\d+\)?$/m;

/** Longer messages are not read. */
const LONGEST_MESSAGE = 50_000;

/**
 * Whether an input ended as every input must: done, or with one message that names what is wrong
 * and nothing written.
 * @param outputs what the command was asked to write.
 */
export function endsWell(
  input: FuzzInput,
  outcome: FuzzOutcome,
  outputs: readonly string[] = [],
): string | undefined {
  if (outcome.kind === 'died') return `died: ${outcome.why}`;
  const { code, out, err, changed } = outcome;
  if (code !== 0 && code !== 2) return `exit code ${code}: ${err}`;
  // Messages of functions go through the command line's terminal, or into a page.
  const printed = input.call === 'command line' ? [out, err] : [];
  const control = printed.map((text) => CONTROL.exec(text)).find((found) => found !== null) ?? null;
  if (control !== null) return `control character ${JSON.stringify(control[0])} in what is printed`;
  const strange = Object.keys(changed).filter((path) => code === 2 || !isOf(path, outputs));
  if (strange.length > 0) return `ends with ${code} and has written ${strange.join(', ')}`;
  if (code === 0) return undefined;
  if (out !== '') return `ends with 2 and prints results: ${out}`;
  return badMessage(input, err);
}

function isOf(path: string, outputs: readonly string[]): boolean {
  return outputs.some((output) => path === output || path.startsWith(`${output}/`));
}

function badMessage(input: FuzzInput, err: string): string | undefined {
  if (err.trim() === '') return 'ends with 2 and says nothing';
  if (err.length > LONGEST_MESSAGE) return `a message of ${err.length} characters`;
  // Text of the input may be quoted.
  const found = UNLOOKED.exec(err);
  if (found !== null && !givenTexts(input).includes(found[0].trim()))
    return `a message of JavaScript's: ${err}`;
  if (!/: |found|expected|unknown|missing/.test(err)) return `a message without a source: ${err}`;
  return undefined;
}

/** All that an input says, as one text. */
function givenTexts({ args, files }: FuzzInput): string {
  const texts = Object.entries(files).flatMap(([path, content]) => [
    path,
    typeof content === 'string' ? content : Buffer.from(content ?? []).toString('latin1'),
  ]);
  return [...args, ...texts].join('\n');
}

/** The numbers of a table, by column; texts stay texts. */
export function csvRows(csv: string): Record<string, string>[] {
  const [header, ...lines] = csv.trimEnd().split('\n').map(cellsOf);
  return lines.map((cells) => Object.fromEntries(header!.map((name, k) => [name, cells[k] ?? ''])));
}

/** RFC 4180, one line. */
function cellsOf(line: string): string[] {
  const cells = line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g);
  return [...cells].map(([, quoted, plain]) => quoted?.replaceAll('""', '"') ?? plain ?? '');
}

/** Places of a document that are no number, or null where a number must be. */
export function notFinite(document: unknown, mayBeNull: ReadonlySet<string>, at = ''): string[] {
  if (document === null) return mayBeNull.has(at.split('.').at(-1)!) ? [] : [`${at} is null`];
  if (typeof document === 'number')
    return Number.isFinite(document) ? [] : [`${at} is ${document}`];
  if (typeof document === 'string') {
    return /^(?:NaN|-?Infinity|undefined)$/.test(document) ? [`${at} is "${document}"`] : [];
  }
  if (typeof document !== 'object') return [];
  return Object.entries(document).flatMap(([key, value]) =>
    notFinite(value, mayBeNull, Array.isArray(document) ? at : `${at}.${key}`),
  );
}

/** Whether two numbers are the same but for what is lost in sums. */
export function isClose(a: number, b: number, relative: number): boolean {
  return Math.abs(a - b) <= relative * Math.max(Math.abs(a), Math.abs(b), 1e-12);
}

/** The first complaint there is. */
export function firstOf(complaints: Iterable<string | false | undefined>): string | undefined {
  for (const complaint of complaints) if (typeof complaint === 'string') return complaint;
  return undefined;
}

/** Output without names found in files, which are in quotation marks. */
export function withoutNames(out: string): string {
  return out.replaceAll(/\\?"[^"\n]*"/g, '""');
}
