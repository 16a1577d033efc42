import fc from 'fast-check';
import type { FuzzInput } from '../fuzz-input.js';
import { cellText, csvMutation, mutatedCsv } from '../mutate-csv.js';
import { mutatedFile, textMutation } from '../mutate-text.js';
import { csvRows, firstOf, notFinite, type Ended, withoutNames } from '../oracle.js';
import { profileCsv } from '../small-scenarios.js';
import { commandLine, type FuzzTarget } from '../target.js';

const MICROBATCHES = 3;
const PLAN = [
  'plan',
  'profile.csv',
  '--microbatches',
  String(MICROBATCHES),
  '--blocking-power',
  '80',
];

/** Commands that read a stage profile, with what they print. */
const COMMANDS: readonly (readonly string[])[] = [
  [...PLAN, '--format', 'csv'],
  [...PLAN, '--straggler', '1.1', '--format', 'csv'],
  [...PLAN, '--deadline', '100', '--format', 'json'],
  ['fit', 'profile.csv', '--format', 'json'],
  ['fit', 'profile.csv'],
];

const anyProfile = fc.integer({ min: 1, max: 3 }).chain((stages) =>
  fc.oneof(
    {
      weight: 4,
      arbitrary: fc
        .array(csvMutation, { minLength: 1, maxLength: 3 })
        .map((changes) => mutatedCsv(profileCsv(stages), changes)),
    },
    {
      weight: 2,
      arbitrary: fc
        .array(textMutation, { minLength: 1, maxLength: 2 })
        .map((changes) => mutatedFile(profileCsv(stages), changes)),
    },
  ),
);

/** Stage profiles of `plan` and `fit`. */
export const profiles: FuzzTarget = {
  name: 'stage profiles',
  share: 12,
  inputs: () =>
    fc
      .tuple(fc.constantFrom(...COMMANDS), anyProfile)
      .map(([args, profile]) => commandLine(args, { 'profile.csv': profile })),
  oracle: (input, ended) => (ended.code === 0 ? wrongAnswer(input, ended) : undefined),
};

export function wrongAnswer({ args, files }: FuzzInput, { out }: Ended): string | undefined {
  const isCsv = args.includes('csv');
  const isJson = args.includes('json');
  if (args[0] === 'plan' && isCsv) {
    return args.includes('--straggler') || args.includes('--deadline')
      ? wrongPlan(csvRows(out))
      : wrongFrontier(csvRows(out), stagesOf(files) * powerOf(args));
  }
  if (isJson) {
    const bad = notFinite(JSON.parse(out), new Set());
    return bad.length > 0 ? `not a number: ${bad.slice(0, 5).join(', ')}` : undefined;
  }
  return /\bNaN\b|Infinity|undefined/.exec(withoutNames(out))?.[0];
}

/** Stages of the profile as it was before it was changed; what is accepted still has them. */
function stagesOf({ 'profile.csv': profile }: FuzzInput['files']): number {
  const text = Buffer.from(profile as string).toString('latin1');
  return (
    1 + Math.max(...[...text.matchAll(/(\d+),(?:for|back)ward/g)].map(([, stage]) => Number(stage)))
  );
}

/** Waiting power: `--blocking-power` of each GPU of a stage. */
function powerOf(args: readonly string[]): number {
  const last = (flag: string) => Number(args[args.lastIndexOf(flag) + 1]);
  return (
    last('--blocking-power') * (args.includes('--tensor-parallel') ? last('--tensor-parallel') : 1)
  );
}

/**
 * From slowest to fastest: each point takes less time than the one before, and more energy beyond
 * what all stages draw while they wait.
 */
function wrongFrontier(
  rows: readonly Record<string, string>[],
  waitingW: number,
): string | undefined {
  const points = rows.map(
    ({ time_s: time, energy_j: energy }) => [Number(time), Number(energy)] as const,
  );
  if (points.length === 0) return 'a frontier without points';
  return firstOf(
    points.map(([timeS, energyJ], k) => {
      const [beforeS, beforeJ] = points[k - 1] ?? [Infinity, 0];
      if (!(timeS > 0 && timeS < beforeS)) return `time ${timeS} s after ${beforeS} s`;
      if (!Number.isFinite(energyJ) || energyJ <= 0) return `energy ${energyJ} J`;
      if (k === 0) return undefined;
      const isLess = energyJ - waitingW * timeS < beforeJ - waitingW * beforeS - 1e-9 * energyJ;
      return isLess && `energy ${energyJ} J in ${timeS} s after ${beforeJ} J in ${beforeS} s`;
    }),
  );
}

function wrongPlan(rows: readonly Record<string, string>[]): string | undefined {
  if (rows.length === 0 || rows.length % (2 * MICROBATCHES) !== 0)
    return `${rows.length} instructions`;
  return firstOf(
    rows.map(({ frequency_mhz: clock, duration_s: duration }) => {
      if (!(Number(clock) >= 50 && Number(clock) <= 5000)) return `a clock of ${clock} MHz`;
      return !(Number(duration) > 0 && Number(duration) < 1e6) && `an instruction of ${duration} s`;
    }),
  );
}

/** Ways to write the same profile: `plan` must print the same bytes. */
const REWRITINGS: Readonly<Record<string, (rows: string[][]) => string>> = {
  'rows in another order': ([header, ...rows]) => written([header!, ...rows.toReversed()]),
  'columns in another order': (rows) => written(rows.map((row) => row.toReversed())),
  'one more column': (rows) =>
    written(rows.map((row, k) => [...row, k === 0 ? 'note' : 'a "b", c'])),
  'all cells quoted': (rows) =>
    rows.map((row) => row.map((cell) => `"${cell}"`).join(',')).join('\n'),
  'Windows line ends': (rows) => written(rows).replaceAll('\n', '\r\n'),
  'a byte order mark': (rows) => `\uFEFF${written(rows)}`,
  'empty lines at the end': (rows) => `${written(rows)}\n\n`,
  'no line end at the end': (rows) => written(rows).trimEnd(),
  'numbers with exponents': (rows) =>
    written(
      rows.map((row, k) => (k === 0 ? row : [...row.slice(0, 2), ...row.slice(2).map(exponent)])),
    ),
  'numbers with zeros': (rows) =>
    written(
      rows.map((row, k) => (k === 0 ? row : row.with(3, `${row[3]!}00`).with(2, `${row[2]!}.0`))),
    ),
};

const exponent = (cell: string) => Number(cell).toExponential();
const written = (rows: string[][]) =>
  `${rows.map((row) => row.map(cellText).join(',')).join('\n')}\n`;

/** The same profile, written otherwise. */
export const rewrittenProfiles: FuzzTarget = {
  name: 'profiles written otherwise',
  share: 1,
  inputs: () =>
    fc
      .tuple(fc.constantFrom(...Object.keys(REWRITINGS)), fc.constantFrom(...COMMANDS.slice(0, 4)))
      .map(([how, args]) =>
        commandLine(args, {
          'profile.csv': REWRITINGS[how]!(
            profileCsv(2)
              .trimEnd()
              .split('\n')
              .map((line) => line.split(',')),
          ),
        }),
      ),
  oracle: (_, { code, err }) => (code === 0 ? undefined : `refused: ${err}`),
  sameAs: ({ args }) => commandLine(args, { 'profile.csv': profileCsv(2) }),
};
