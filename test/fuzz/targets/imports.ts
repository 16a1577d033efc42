import fc from 'fast-check';
import { InputError } from '../../../src/errors.js';
import { readStageProfile } from '../../../src/profile/read-csv.js';
import { csvMutation, mutatedCsv } from '../mutate-csv.js';
import { mutatedFile, textMutation } from '../mutate-text.js';
import { profileCsv } from '../small-scenarios.js';
import { commandLine, type FuzzTarget } from '../target.js';

/** Seconds since 1970. */
const FROM_S = 1_780_000_000;
const ITERATIONS = 4;
const KINDS = ['forward', 'forward', 'backward', 'backward'];
const CLOCKS = [1400, 1100];

const timeS = (kind: string, clockMHz: number) =>
  (kind === 'forward' ? 0.05 : 0.1) * (0.3 + 980 / clockMHz);
const powerW = (clockMHz: number) => 60 + 200 * (clockMHz / 1400) ** 2;

interface Span {
  readonly kind: string;
  readonly iteration: number;
  readonly startS: number;
  readonly endS: number;
}

function spansAt(clockMHz: number): Span[] {
  let nowS = FROM_S + 1;
  return Array.from({ length: ITERATIONS }, (_, iteration) =>
    KINDS.map((kind): Span => {
      const startS = nowS;
      nowS += timeS(kind, clockMHz);
      return { kind, iteration, startS, endS: nowS };
    }),
  ).flat();
}

const lines = (head: string, rows: readonly string[]) => [head, ...rows, ''].join('\n');
const moments = Array.from({ length: 60 }, (_, k) => FROM_S + 0.1 * k);

/** Logs of one run, by the kinds of files that people have. */
const LOGS: Readonly<Record<string, (clockMHz: number) => Record<string, string>>> = {
  'a table of samples': (clock) => ({
    'spans.csv': spanTable(clock),
    'samples.csv': lines(
      'timestamp,gpu,power_w,energy_j,sm_clock_mhz',
      moments.map(
        (moment, k) => `${moment},0,${powerW(clock)},${powerW(clock) * 0.1 * k},${clock}`,
      ),
    ),
  }),
  'nvidia-smi': (clock) => ({
    'spans.csv': spanTable(clock),
    'smi.csv': lines(
      'timestamp, index, power.draw [W], clocks.current.sm [MHz]',
      moments.map((moment) => {
        const [date, time] = new Date(moment * 1000).toISOString().split('T');
        const at = `${date!.replaceAll('-', '/')} ${time!.replace('Z', '')}`;
        return `${at}, 0, ${powerW(clock)} W, ${clock} MHz`;
      }),
    ),
  }),
  ZeusMonitor: (clock) => ({
    'rank0.csv': lines(
      'start_time,window_name,elapsed_time,gpu0_energy',
      spansAt(clock).map(({ kind, startS, endS }) => {
        const energyJ = (endS - startS) * powerW(clock);
        return `${startS},stage0/${kind},${endS - startS},${energyJ}`;
      }),
    ),
  }),
};

function spanTable(clock: number): string {
  return lines(
    'rank,stage,instruction,iteration,start,end',
    spansAt(clock).map(
      ({ kind, iteration, startS, endS }) => `0,0,${kind},${iteration},${startS},${endS}`,
    ),
  );
}

/** Folders of runs by clock, and profiles of two ranks. */
const FOLDERS: readonly Readonly<Record<string, string>>[] = [
  ...Object.values(LOGS).map((log) =>
    Object.fromEntries(
      CLOCKS.flatMap((clock) =>
        Object.entries(log(clock)).map(([name, text]) => [`runs/${clock}MHz/${name}`, text]),
      ),
    ),
  ),
  Object.fromEntries(
    [0, 1].map((rank) => [
      `runs/rank${rank}.csv`,
      profileCsv(2)
        .replaceAll(/^(?=[s\d])/gm, `${rank},`)
        .replace(/^\d/, 'rank'),
    ]),
  ),
];

const change = fc.oneof(
  fc
    .array(csvMutation, { minLength: 1, maxLength: 2 })
    .map((changes) => (text: string) => mutatedCsv(text, changes)),
  fc
    .array(textMutation, { minLength: 1, maxLength: 2 })
    .map((changes) => (text: string) => mutatedFile(text, changes)),
);

const anyFolder = fc
  .constantFrom(...FOLDERS)
  .chain((folder) =>
    fc
      .tuple(fc.constantFrom(...Object.keys(folder)), change)
      .map(([path, changed]) => ({ ...folder, [path]: changed(folder[path]!) })),
  );

const anyOptions = fc.constantFrom(
  [],
  ['--warm-up', '1'],
  ['--energy-by', 'interpolation'],
  ['--offset', '0.3'],
  ['--blocking-power', '80'],
);

/** Measurements of several kinds, of which one file is wrong. */
export const imports: FuzzTarget = {
  name: 'measurements to import',
  share: 5,
  inputs: () =>
    fc
      .tuple(anyFolder, anyOptions)
      .map(([files, options]) => commandLine(['import', 'runs', ...options], files)),
  oracle: (_, { code, out }) => {
    if (code !== 0) return undefined;
    try {
      readStageProfile(out, 'profile.csv');
      return undefined;
    } catch (error) {
      if (error instanceof InputError)
        return `makes a profile that cannot be read: ${error.message}`;
      throw error;
    }
  },
};
