import fc from 'fast-check';
import { SCHEDULE_NAMES } from '../../src/pipeline/schedules.js';
import { CAUSE_VOCABULARY } from '../../sim/scenario/straggler-schema.js';

/** Numbers at the edges of what numbers are, and of what things are. */
const EDGE_NUMBERS = [
  0,
  -0,
  1,
  -1,
  2,
  3,
  0.5,
  1.5,
  1e-308,
  5e-324,
  1e-12,
  1e-9,
  1e-6,
  1e-3,
  0.1,
  999,
  1000.5,
  1e7,
  1e9,
  -1e9,
  2 ** 31 - 1,
  2 ** 31,
  2 ** 32,
  2 ** 53,
  2 ** 53 + 2,
  1e15,
  1e20,
  1e100,
  1e300,
  1e308,
  -1e308,
  1.7976931348623157e308,
  NaN,
  Infinity,
  -Infinity,
] as const;

/** Numbers as people, spreadsheets and other languages write them. */
const WRITTEN_NUMBERS = [
  '0',
  '-0',
  '-1',
  '1e400',
  '-1e400',
  '1e-400',
  'NaN',
  'nan',
  '.nan',
  'Infinity',
  '-inf',
  '.inf',
  '+1',
  '1,5',
  '1.000,5',
  '1_000',
  '0x10',
  '0b1',
  '0o7',
  '1e',
  '1e+',
  '.5',
  '5.',
  ' 1 ',
  '1 000',
  '١',
  '½',
  '1/2',
  '1%',
  '1 W',
  '1ms',
  '𝟏',
  'null',
  'true',
  '~',
  '',
  ' ',
  '#N/A',
  '9'.repeat(400),
  `0.${'0'.repeat(400)}1`,
] as const;

/** Names that mean something to an engine, a file system, a shell, a terminal or a spreadsheet. */
export const HOSTILE_NAMES = [
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'hasOwnProperty',
  'valueOf',
  'length',
  'then',
  'toJSON',
  '..',
  '.',
  '/',
  '/dev/null',
  '../nowhere/none',
  'a\u0000b',
  '',
  ' ',
  '\n',
  'name\nforged: line',
  '\u001b[31mred\u001b[0m',
  '\u001b]0;title\u0007',
  '\u009b31m',
  '\u202Ereversed',
  '\u200B',
  '\uFEFF',
  '\uD800',
  '=1+1',
  '+cmd',
  '-1',
  '@sum',
  '"',
  "'",
  "'; drop table results; --",
  '<script>',
  '&amp;',
  '${1}',
  '%s%n',
  '$(touch owned)',
  '`touch owned`',
  '[0]',
  '[-1]',
  'a.b',
  'a[4294967295]',
  '💥',
  'é',
  'e\u0301',
  'ß',
  'İ',
  'x'.repeat(5000),
] as const;

export const edgeNumber: fc.Arbitrary<number> = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(...EDGE_NUMBERS) },
  { weight: 1, arbitrary: fc.double() },
  { weight: 1, arbitrary: fc.double({ min: 0, max: 1000, noNaN: true }) },
  { weight: 1, arbitrary: fc.integer({ min: -3, max: 64 }) },
);

export const writtenNumber: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom(...WRITTEN_NUMBERS),
  edgeNumber.map(String),
);

export const hostileText: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom(...HOSTILE_NAMES),
  fc.string({ unit: 'binary', maxLength: 12 }),
);

/** Whatever may stand where something else was expected. */
export const hostileValue: fc.Arbitrary<unknown> = fc.oneof(
  { weight: 5, arbitrary: edgeNumber },
  { weight: 2, arbitrary: hostileText },
  { weight: 1, arbitrary: writtenNumber },
  { weight: 1, arbitrary: fc.constantFrom(null, true, false, [], {}, [null], [[]], { a: 1 }) },
  { weight: 1, arbitrary: fc.array(edgeNumber, { maxLength: 4 }) },
  { weight: 1, arbitrary: fc.integer({ min: 1, max: 200 }).map(nested) },
  {
    weight: 1,
    arbitrary: fc.integer({ min: 1, max: 20_000 }).map((n) => Array<number>(n).fill(1)),
  },
);

/** Values that quantities have: most inputs that are accepted are made of these. */
export const plausibleValue: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom(
    ...[0.001, 0.01, 0.1, 0.5, 0.9, 1, 1.1, 1.5, 2, 3, 4, 8, 40, 60, 80, 100, 200, 300, 400],
    ...[885, 990, 1000, 1100, 1305, 1410, 1500],
  ),
  fc.constantFrom(
    ...SCHEDULE_NAMES,
    ...[...CAUSE_VOCABULARY.names, 'exchange', 'message', 'overlapped'],
    ...[
      'even',
      'minimum-bottleneck',
      'minimum-imbalance',
      'max-frequency',
      'perseus',
      'perseus-hull',
      'perseus-flat',
    ],
    ...['envpipe', 'zeus-global', 'zeus-per-stage'],
  ),
  fc.array(fc.constantFrom(0, 0.01, 0.5, 1, 1.2, 2), { minLength: 1, maxLength: 4 }),
  fc.constantFrom(true, false, {}, []),
);

/** Arrays in arrays, so deep. */
function nested(depth: number): unknown {
  let value: unknown = 1;
  for (let k = 0; k < depth; k++) value = k % 2 === 0 ? [value] : { a: value };
  return value;
}

/** A quantity told in another unit, or with a decimal point that slipped. */
export const unitFactor: fc.Arbitrary<number> = fc.constantFrom(
  ...[1e3, 1e-3, 1e6, 1e-6, 1e9, 1e-9, 10, 0.1, 60, 3600, 1 / 3600, 3.6e6, 100, 0.01, -1, 2, 0.5],
);
