import { parquetReadObjects } from 'hyparquet';
import { InputError } from '../../src/errors.js';
import { kindOfFile } from '../../src/file-kinds.js';
import { readAnyText, readUserBytes } from '../disk/files.js';
import { readBytes } from '../disk/read-bytes.js';
import type { MeasuredFile } from '../measurements/measured.js';
import { DEVICE_MONITOR } from '../measurements/readers/device-monitor.js';
import { baseNotes } from '../measurements/readers/moments.js';
import { NVIDIA_SMI } from '../measurements/readers/nvidia-smi.js';
import { readPowerTable } from '../measurements/readers/power-table.js';
import { PROMETHEUS_TABLE } from '../measurements/readers/prometheus-table.js';
import { PROMETHEUS_TEXT } from '../measurements/readers/prometheus-text.js';
import { readerOf } from '../measurements/readers/readers.js';
import { counted } from '../measurements/readers/tally.js';
import { heldSeries, type HeldPower } from '../power/files/held-series.js';
import {
  namedGroup,
  signalGroups,
  type PowerSignal,
  type SignalGroup,
} from '../power/files/power-signals.js';

/** A trace of power, read from a file. */
export interface PowerTraceFile extends HeldPower {
  readonly source: string;
  /** The column or the sum that was read. */
  readonly name: string;
  /** The number of signals that were added up. */
  readonly parts: number;
  /** Sentences on what was left out or guessed. */
  readonly notes: readonly string[];
}

/** Logs that are no tables of powers. */
const LOGS = [NVIDIA_SMI, DEVICE_MONITOR, PROMETHEUS_TABLE, PROMETHEUS_TEXT];

/** The part of a file in which Parquet is recognised. */
const SIGNATURE = 4;

/**
 * Reads a trace of power.
 * @param column the one to read, if there are several.
 * @throws InputError with every problem of the file.
 */
export async function readPowerTrace(
  path: string,
  column: string | undefined,
  everyS: number | undefined,
): Promise<PowerTraceFile> {
  const { signals, notes } = await signalsOf(path);
  const group = chosenGroup(signalGroups(signals), column, path);
  const held = heldSeries(group.signals, everyS);
  if (held === undefined) {
    const message = `${JSON.stringify(group.name)} has no two samples of power at different times; expected a trace`;
    throw InputError.of({ source: path, message });
  }
  const { name, signals: parts } = group;
  return { ...held, source: path, name, parts: parts.length, notes: [...notes, ...notesOn(held)] };
}

/** Signals of a file, and notes on it. */
interface ReadSignals {
  readonly signals: readonly PowerSignal[];
  readonly notes: readonly string[];
}

async function signalsOf(path: string): Promise<ReadSignals> {
  if (isParquet(path)) return signalsOfFile(readPowerTable(await parquetText(path), path));
  const { text, note } = readAnyText(path);
  const log = readerOf(text, path, LOGS);
  const file = log === undefined ? readPowerTable(text, path) : log.read(text, path);
  const { signals, notes } = signalsOfFile(file, log !== undefined);
  return { signals, notes: [...(note === undefined ? [] : [note]), ...notes] };
}

function signalsOfFile({ samples, notes, timeBase }: MeasuredFile, isLog = false): ReadSignals {
  const signals = samples.map(({ gpu, timeS, powerW, counterJ }, k) => ({
    name: isLog ? `gpu${/^\d+$/.test(gpu) ? gpu : k}` : gpu,
    ...{ timeS, counterJ, powerW: powerW ?? new Float64Array(timeS.length).fill(NaN) },
  }));
  // No other file has to share the clock.
  const ofClock = baseNotes(timeBase);
  return { signals, notes: notes.filter((note) => !ofClock.includes(note)) };
}

function isParquet(path: string): boolean {
  try {
    const bytes = readBytes(path, 2 ** 31 - 1).subarray(0, SIGNATURE);
    return kindOfFile(bytes) === 'trace';
  } catch {
    // The reader of texts says what is wrong.
    return false;
  }
}

/** A Parquet file as a table in text. */
async function parquetText(path: string): Promise<string> {
  const file = readUserBytes(path, 'trace');
  try {
    const rows = await parquetReadObjects({ file });
    const names = Object.keys(rows[0] ?? {});
    const cell = (value: unknown) => {
      if (value instanceof Date) return value.toISOString();
      const isPlain = ['number', 'bigint', 'string'].includes(typeof value);
      return isPlain ? String(value) : '';
    };
    return [
      names.join(','),
      ...rows.map((row) => names.map((name) => cell(row[name])).join()),
    ].join('\n');
  } catch (error) {
    const message = `is not readable as Parquet: ${(error as Error).message}`;
    throw InputError.of({ source: path, message });
  }
}

function chosenGroup(
  groups: readonly SignalGroup[],
  column: string | undefined,
  source: string,
): SignalGroup {
  const names = groups.map(({ name }) => name).join(', ');
  if (column !== undefined) {
    const named = namedGroup(groups, column);
    if (named !== undefined) return named;
    const message = `found no column "${column}", expected ${names}`;
    throw InputError.of({ source, field: '--column', message });
  }
  const instant = groups.filter(({ name }) => /instant/i.test(name));
  const [only, another] = instant.length === 1 ? instant : groups;
  if (only !== undefined && another === undefined) return only;
  const message = `has several traces: ${names}; choose one with --column`;
  throw InputError.of({ source, field: '--column', message });
}

function notesOn({ gaps, repeated, sampledEveryS }: HeldPower): string[] {
  const longest = Number(gaps.longestS.toPrecision(3));
  return [
    ...(repeated === 0 ? [] : [`${counted(repeated, 'sample')} with the time of another left out`]),
    ...(gaps.count === 0
      ? []
      : [
          `samples are ${sampledEveryS} s apart, with ${counted(gaps.count, 'gap')} of up to ${longest} s, in which the power before is held`,
        ]),
  ];
}
