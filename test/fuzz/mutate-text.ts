import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { HOSTILE_NAMES, hostileText } from './hostile.js';

/** One change of a file's text or bytes; places are counted around. */
export type TextMutation =
  | { readonly kind: 'cut' | 'flip' | 'empty' | 'gzip' | 'folder' | 'twice'; readonly at: number }
  | { readonly kind: 'encode'; readonly as: 'bom' | 'utf16le' | 'utf16be' | 'latin1' | 'nul' }
  | { readonly kind: 'line endings'; readonly as: '\r\n' | '\r' | '\u2028' }
  | { readonly kind: 'insert'; readonly at: number; readonly text: string }
  | { readonly kind: 'line'; readonly at: number; readonly text: string }
  | { readonly kind: 'drop line' | 'repeat line'; readonly at: number; readonly times: number }
  | { readonly kind: 'bytes'; readonly at: number; readonly bytes: readonly number[] };

const place = fc.nat(100_000);

/** Lines that mean something in YAML, beyond what any of our files has. */
const YAML_LINES = [
  '%YAML 1.1',
  '---',
  '...',
  '- a',
  '? a',
  '<<: *a',
  '&a a: *a',
  'a: &a [*a, *a]',
  'a: !!binary aGk=',
  'a: !!js/function "() => 1"',
  'a: !!python/object:os.system x',
  '\tname: tab',
  'name: again',
  '{',
  '[',
  'a: |',
  'b: >-',
  '"',
  "'",
  '# '.repeat(2000),
  'stages: 0b11',
  'on: yes',
  'name: {a: 1, a: 2}',
  'a: &x [1,1,1,1,1,1,1,1,1]\nb: &y [*x,*x,*x,*x,*x,*x,*x,*x,*x]\nc: &z [*y,*y,*y,*y,*y,*y,*y,*y,*y]\nd: [*z,*z,*z,*z,*z,*z,*z,*z,*z]',
  '[[[['.repeat(500),
  '{a: '.repeat(500),
] as const;

export const textMutation: fc.Arbitrary<TextMutation> = fc.oneof(
  fc.record({
    kind: fc.constantFrom('cut', 'flip', 'flip', 'empty', 'gzip', 'folder', 'twice'),
    at: place,
  }),
  fc.record({
    kind: fc.constant('encode'),
    as: fc.constantFrom('bom', 'utf16le', 'utf16be', 'latin1', 'nul'),
  }),
  fc.record({ kind: fc.constant('line endings'), as: fc.constantFrom('\r\n', '\r', '\u2028') }),
  fc.record({
    kind: fc.constant('insert'),
    at: place,
    text: fc.oneof(
      hostileText,
      fc.constantFrom(',', '"', ';', '\t', ':', '\u0000', '#', '-', '.', '0'),
    ),
  }),
  fc.record({
    kind: fc.constant('line'),
    at: place,
    text: fc.constantFrom(...YAML_LINES, ...HOSTILE_NAMES),
  }),
  fc.record({
    kind: fc.constantFrom('drop line', 'repeat line'),
    at: place,
    times: fc.constantFrom(1, 2, 1000),
  }),
  fc.record({
    kind: fc.constant('bytes'),
    at: place,
    bytes: fc.array(fc.nat(255), { minLength: 1, maxLength: 4 }),
  }),
);

/** Applies changes to a file; `null` is a folder in its place. */
export function mutatedFile(
  text: string | Uint8Array,
  mutations: readonly TextMutation[],
): Uint8Array | null {
  let bytes: Uint8Array | null = Buffer.from(text as string);
  for (const each of mutations) if (bytes !== null) bytes = applied(Buffer.from(bytes), each);
  return bytes === null ? null : Uint8Array.from(bytes);
}

function applied(bytes: Buffer, mutation: TextMutation): Buffer | null {
  switch (mutation.kind) {
    case 'cut':
      return bytes.subarray(0, mutation.at % (bytes.length + 1));
    case 'flip': {
      const bit = mutation.at % Math.max(1, 8 * bytes.length);
      if (bytes.length > 0) bytes[bit >> 3]! ^= 1 << (bit & 7);
      return bytes;
    }
    case 'empty':
      return Buffer.alloc(0);
    case 'gzip':
      return gzipSync(bytes);
    case 'folder':
      return null;
    case 'twice':
      return Buffer.concat([bytes, bytes]);
    case 'bytes':
      return spliced(bytes, mutation.at, Buffer.from(mutation.bytes));
    case 'insert':
      return spliced(bytes, mutation.at, Buffer.from(mutation.text));
    case 'encode':
      return encoded(bytes, mutation.as);
    case 'line endings':
      return Buffer.from(bytes.toString('utf8').replaceAll('\n', mutation.as));
    default:
      return Buffer.from(linesChanged(bytes.toString('utf8').split('\n'), mutation).join('\n'));
  }
}

function spliced(bytes: Buffer, at: number, more: Buffer): Buffer {
  const place = at % (bytes.length + 1);
  return Buffer.concat([bytes.subarray(0, place), more, bytes.subarray(place)]);
}

/** Characters that a repeated line makes at most. */
const MOST_REPEATED = 1_000_000;

type LineMutation = Extract<TextMutation, { kind: 'line' | 'drop line' | 'repeat line' }>;

function linesChanged(lines: string[], mutation: LineMutation): string[] {
  const at = mutation.at % lines.length;
  if (mutation.kind === 'line') return lines.toSpliced(at, 0, mutation.text);
  if (mutation.kind === 'drop line') return lines.toSpliced(at, 1);
  const line = lines[at]!;
  // Lines of what is no text can be very long.
  const times = Math.min(mutation.times, Math.ceil(MOST_REPEATED / (line.length + 1)));
  return lines.toSpliced(at, 0, ...Array<string>(times).fill(line));
}

function encoded(bytes: Buffer, as: Extract<TextMutation, { kind: 'encode' }>['as']): Buffer {
  const text = bytes.toString('utf8');
  switch (as) {
    case 'bom':
      return Buffer.from(`\uFEFF${text}`);
    case 'utf16le':
      return Buffer.from(`\uFEFF${text}`, 'utf16le');
    case 'utf16be':
      return Buffer.from(`\uFEFF${text}`, 'utf16le').swap16();
    case 'latin1':
      return Buffer.from(`${text}# é`, 'latin1');
    case 'nul':
      return Buffer.concat([bytes, Buffer.alloc(64)]);
  }
}
