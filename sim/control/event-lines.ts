import { crc32 } from 'node:zlib';
import { InputError } from '../../src/errors.js';
import type { JobEvent } from './events.js';

/**
 * A line of a job's file: a JSON list of the event's checksum (CRC-32, hexadecimal) and the event, so
 * that a line that a crash has torn, or a disk has changed, is recognised.
 */
export function lineOf(event: JobEvent): string {
  const text = JSON.stringify(event);
  return `["${checksum(text)}",${text}]\n`;
}

/** The lines of a file that can be read. */
export interface ReadEvents {
  readonly events: readonly JobEvent[];
  /** The length of the part that holds them, in bytes; what follows was torn and never acknowledged. */
  readonly bytes: number;
}

const LINE_FEED = 0x0a;

/**
 * Reads a job's file. A torn end is left out: its request was not acknowledged.
 * @throws InputError if a line before the last one is damaged.
 */
export function readEvents(bytes: Buffer, path: string): ReadEvents {
  const events: JobEvent[] = [];
  let good = 0;
  let damaged: number | undefined;
  for (let start = 0, line = 1; start < bytes.length; line++) {
    const end = bytes.indexOf(LINE_FEED, start);
    const stop = end < 0 ? bytes.length : end;
    const event = end < 0 ? undefined : eventOf(bytes.toString('utf8', start, stop));
    if (event === undefined) damaged ??= line;
    else if (damaged !== undefined) {
      throw InputError.of({
        source: path,
        line: damaged,
        message:
          'is damaged, but later lines are not, so the disk or another program has changed it; restore the file from a backup, or move it away to give the job up',
      });
    } else {
      events.push(event);
      good = stop + 1;
    }
    start = stop + 1;
  }
  return { events, bytes: good };
}

/** The event of a line; undefined if it is damaged. */
function eventOf(line: string): JobEvent | undefined {
  const match = /^\["([0-9a-f]{8})",(.*)\]$/s.exec(line);
  if (match === null || checksum(match[2]!) !== match[1]) return undefined;
  // The checksum says that it is what was written.
  return JSON.parse(match[2]!) as JobEvent;
}

function checksum(text: string): string {
  return crc32(text).toString(16).padStart(8, '0');
}
