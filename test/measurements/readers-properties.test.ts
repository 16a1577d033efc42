import test from 'ava';
import fc from 'fast-check';
import { InputError } from '../../src/errors.js';
import { decodeText } from '../../src/decode-text.js';
import type { MeasurementReader } from '../../sim/measurements/measurement-reader.js';
import { READERS, readerOf } from '../../sim/measurements/readers/readers.js';
import { mutatedFile, textMutation } from '../fuzz/mutate-text.js';
import { LOGS, logText, readText, valuesOf } from '../support/measurement-files.js';

const BEGIN_S = 1795741323;

/** Samples of one GPU at whole milliseconds. */
const anySamples = fc
  .array(
    fc.record({
      stepMs: fc.integer({ min: 1, max: 2000 }),
      centiwatts: fc.integer({ min: 6000, max: 150_000 }),
      clockMHz: fc.integer({ min: 210, max: 1980 }),
    }),
    { minLength: 1, maxLength: 30 },
  )
  .map((steps) => {
    let ms = 0;
    return steps.map(({ stepMs, centiwatts, clockMHz }) => {
      ms += stepMs;
      return { ms, powerW: centiwatts / 100, clockMHz };
    });
  });

const stamp = (ms: number) =>
  new Date(BEGIN_S * 1000 + ms)
    .toISOString()
    .replaceAll('-', '/')
    .replace('T', ' ')
    .replace('Z', '');

/** Formats that hold the same samples. */
const WRITERS = [
  (all: readonly { ms: number; powerW: number; clockMHz: number }[]) =>
    `timestamp, power.draw [W], index, clocks.sm [MHz]\n${all.map(({ ms, powerW, clockMHz }) => `${stamp(ms)}, ${powerW.toFixed(2)} W, 0, ${clockMHz} MHz\n`).join('')}`,
  (all) =>
    all
      .map(({ ms, powerW, clockMHz }) => {
        const at = BEGIN_S * 1000 + ms;
        return `DCGM_FI_DEV_SM_CLOCK{gpu="0"} ${clockMHz} ${at}\nDCGM_FI_DEV_POWER_USAGE{gpu="0"} ${powerW} ${at}\n`;
      })
      .join(''),
  (all) =>
    `timestamp;gpu;DCGM_FI_DEV_POWER_USAGE;DCGM_FI_DEV_SM_CLOCK\n${all.map(({ ms, powerW, clockMHz }) => `${(BEGIN_S * 1000 + ms) / 1000};0;${powerW};${clockMHz}\n`).join('')}`,
  (all) =>
    `time,power_mw,clock_ghz\n${all.map(({ ms, powerW, clockMHz }) => `${BEGIN_S * 1000 + ms},${Math.round(powerW * 1000)},${clockMHz / 1000}\n`).join('')}`,
  (all) =>
    `#Entity POWER SMCLK\nID W MHz\n${all.map(({ ms, powerW, clockMHz }) => `${(BEGIN_S * 1000 + ms) / 1000} GPU 0  ${powerW}  ${clockMHz}\n`).join('')}`,
] satisfies readonly ((
  all: readonly { ms: number; powerW: number; clockMHz: number }[],
) => string)[];

test('samples written in any format are read back', (t) => {
  fc.assert(
    fc.property(anySamples, fc.constantFrom(...WRITERS), (all, write) => {
      const file = readText(write(all), 'log.txt');
      const near = (found: number[] | undefined, wanted: number[], within: number) =>
        found?.length === wanted.length &&
        found.every((value, k) => Math.abs(value - wanted[k]!) <= within);
      return (
        near(
          valuesOf(file, '0', 'timeS'),
          all.map(({ ms }) => BEGIN_S + ms / 1000),
          1e-6,
        ) &&
        near(
          valuesOf(file, '0', 'powerW'),
          all.map(({ powerW }) => powerW),
          1e-9,
        ) &&
        near(
          valuesOf(file, '0', 'clockMHz'),
          all.map(({ clockMHz }) => clockMHz),
          1e-9,
        )
      );
    }),
  );
  t.pass();
});

/** Whether all numbers are finite, or missing where that is allowed, and times rise. */
function isSound(file: ReturnType<typeof readText>): boolean {
  const spans = file.spans.every(
    ({ timeS, startS = 0, energyJ = 1, frequencyMHz = 1000, stage, iteration = 0 }) =>
      timeS > 0 &&
      [timeS, startS, energyJ, frequencyMHz, iteration].every(Number.isFinite) &&
      Number.isInteger(stage) &&
      stage >= 0,
  );
  const samples = file.samples.every(({ timeS, powerW, counterJ, clockMHz }) => {
    const lists = [powerW, counterJ, clockMHz].filter((list) => list !== undefined);
    const rising = timeS.every((time, k) => k === 0 || time > timeS[k - 1]!);
    const positive = [powerW, clockMHz].every(
      (list) => list?.every((x) => Number.isNaN(x) || x > 0) ?? true,
    );
    return rising && positive && lists.every((list) => list.length === timeS.length);
  });
  return spans && samples && file.notes.every((note) => !/undefined|\[object/.test(note));
}

/** Seeds differ from run to run; a failure prints its own. */
const RUNS = 1500;

/** The failure to read a text as it should be read or refused; undefined if there is none. */
function failureOf(reader: MeasurementReader, text: string, name: string): string | undefined {
  try {
    const file = reader.read(text, name, { microbatches: 4, stages: 2, gpus: 8 });
    return isSound(file) ? undefined : 'not sound';
  } catch (error) {
    if (!(error instanceof InputError)) return (error as Error).stack;
    const told = error.problems.every(
      ({ message }) => message !== '' && !/undefined|\[object/.test(message),
    );
    return told && error.problems.length > 0 ? undefined : error.message;
  }
}

test('broken logs are read soundly or refused with a sentence', (t) => {
  const anyLog = fc
    .tuple(
      fc.constantFrom(...LOGS),
      fc.array(textMutation, { minLength: 1, maxLength: 3 }),
      fc.option(fc.nat(READERS.length - 1), { freq: 4 }),
    )
    .map(([name, changes, reader]) => ({ name, changes, reader }));
  let count = 0;
  fc.assert(
    fc.property(anyLog, ({ name, changes, reader: at }) => {
      const bytes = mutatedFile(logText(name), changes);
      if (!(bytes instanceof Uint8Array)) return;
      const { text } = decodeText(bytes);
      const reader = at === null ? readerOf(text, name) : READERS[at];
      if (reader === undefined) return;
      count++;
      const failure = failureOf(reader, text, name);
      if (failure !== undefined)
        throw new Error(`${reader.name} on ${JSON.stringify(text.slice(0, 2000))}: ${failure}`);
    }),
    { numRuns: RUNS, includeErrorInReport: true },
  );
  t.true(count > RUNS / 2);
});
