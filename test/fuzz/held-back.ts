import type { FuzzInput } from './fuzz-input.js';

/**
 * Inputs that are known to end badly and are not made until that is mended, each kind with the
 * reason. Failures are never passed over anywhere else.
 */
const HELD_BACK: readonly ((input: FuzzInput) => boolean)[] = [
  // Messages and tables print control characters of files as they are, however they are written.
  ({ args, files }) =>
    [...args, ...textsOf(files)].some((text) => CONTROL.test(text) || ESCAPED.test(text)),
  // `partition` makes lists of what are no counts.
  ({ args }) =>
    args[0] === 'partition' && !args.slice(1).every((arg) => /^--|^[1-9]\d*$|^json$/.test(arg)),
  // Addresses of Redis that are wrong where their password stands.
  ({ args }) => args[0] === 'worker' && /[%@]/.test(args.join(' ')),
];

// eslint-disable-next-line no-control-regex
const CONTROL = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/;
/** The same as YAML and JSON write them. */
const ESCAPED = /\\[xuUabefvrnN_LP0]/;

/** Bytes are text in one encoding or another. */
function textsOf(files: FuzzInput['files']): string[] {
  return Object.entries(files)
    .filter(([path]) => !/\.(?:duckdb|parquet)$/.test(path))
    .flatMap(([, content]) => {
      if (typeof content === 'string') return [content];
      const bytes = Buffer.from(content ?? []);
      return [bytes.toString('utf8'), bytes.toString('latin1')];
    });
}

/** Whether an input is made. */
export function isMade(input: FuzzInput): boolean {
  return !HELD_BACK.some((holds) => holds(input));
}
