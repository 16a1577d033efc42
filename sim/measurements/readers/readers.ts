import { KINDS, kindOfFile } from '../../../src/file-kinds.js';
import type { MeasurementReader } from '../measurement-reader.js';
import { DEVICE_MONITOR } from './device-monitor.js';
import { INSTRUCTION_TABLE } from './instruction-table.js';
import { KINETO } from './kineto.js';
import { MEGATRON_TIMERS } from './megatron-timers.js';
import { NVIDIA_SMI } from './nvidia-smi.js';
import { PROMETHEUS_TABLE } from './prometheus-table.js';
import { PROMETHEUS_TEXT } from './prometheus-text.js';
import { SAMPLE_TABLE } from './sample-table.js';
import { ZEUS_DUMPS } from './zeus-dumps.js';
import { ZEUS_MONITOR } from './zeus-monitor.js';

/** The formats of other programs, those that are easily mistaken for another after it. */
export const READERS: readonly MeasurementReader[] = [
  ZEUS_MONITOR,
  ZEUS_DUMPS,
  KINETO,
  PROMETHEUS_TABLE,
  PROMETHEUS_TEXT,
  NVIDIA_SMI,
  DEVICE_MONITOR,
  MEGATRON_TIMERS,
  INSTRUCTION_TABLE,
  SAMPLE_TABLE,
];

/** The length of the part of a text by which its format is recognised. */
const BEGINNING = 1 << 16;

/** The reader of a file; undefined if its format is unknown. */
export function readerOf(
  text: string,
  source: string,
  readers: readonly MeasurementReader[] = READERS,
): MeasurementReader | undefined {
  const beginning = text.slice(0, BEGINNING);
  return readers.find((reader) => reader.recognises(beginning, source));
}

/**
 * A sentence on a file that no reader knows: what it is or resembles, and what can be read. It
 * completes "<file> …".
 */
export function unknownFormat(
  text: string,
  readers: readonly MeasurementReader[] = READERS,
): string {
  const beginning = text.slice(0, BEGINNING);
  const known = readers.map(({ name }) => name).join('; ');
  const kind = kindOfFile(new TextEncoder().encode(beginning.slice(0, 4096)));
  const is = kind === undefined ? undefined : `is ${KINDS[kind].name}`;
  const nearest = is === undefined ? resembling(beginning, readers) : undefined;
  const looks = nearest === undefined ? '' : `; it looks most like ${nearest}`;
  return `${is ?? 'is no log that is known'}${looks}; what can be read: ${known}`;
}

/** Lines that are looked at: words further down may be of any text. */
const FIRST_LINES = 10;

/** Words that identify a format, unless there is only one of them. */
const FEWEST_WORDS = 2;

/** The format with the most words in a text, and those words. */
function resembling(text: string, readers: readonly MeasurementReader[]): string | undefined {
  const first = text.split(/\r\n|\n|\r/, FIRST_LINES).join('\n');
  const found = new Set(first.toLowerCase().split(/[\s,;|"'{}[\]():=]+/));
  const ranked = readers
    .map(({ name, words = [] }) => ({ name, words: words.filter((word) => found.has(word)) }))
    .sort((a, b) => b.words.length - a.words.length);
  const [best] = ranked;
  return best === undefined || best.words.length < FEWEST_WORDS
    ? undefined
    : `${best.name} (it has ${best.words.join(', ')})`;
}
