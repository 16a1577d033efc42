import { visibleLine } from '../../src/visible.js';
import { runTrace, type WrittenTrace } from '../report/perfetto/run-trace.js';
import { traceText } from '../report/perfetto/trace-events.js';
import type { KeptRun } from '../run/kept-run.js';
import type { CommandFiles } from './command-files.js';
import type { Terminal } from './terminal.js';
import { VERSION } from './version.js';

/** Options of a command that writes a trace. */
interface TraceOptionReader {
  get(flag: '--trace'): string | undefined;
  complain(field: string, message: string): void;
}

/** Complains of names that viewers would not take for a trace. */
export function checkTraceName(options: TraceOptionReader): void {
  const trace = options.get('--trace');
  if (trace === undefined) return;
  if (!/\.json(\.gz)?$/.test(trace)) {
    options.complain('--trace', `found "${trace}", expected a name that ends in .json.gz or .json`);
  }
}

/** Writes a run as a trace for Perfetto, and notes what it leaves out. */
export async function writeTrace(
  path: string,
  run: KeptRun,
  title: string,
  files: CommandFiles,
  terminal: Terminal,
): Promise<void> {
  await writeEvents(path, runTrace(run, { version: VERSION, title }), files, terminal);
}

/** Writes a trace for Perfetto, and notes what it leaves out. */
export async function writeEvents(
  path: string,
  { events, otherData, leftOut }: WrittenTrace,
  files: CommandFiles,
  terminal: Terminal,
): Promise<void> {
  await files.writePieces(path, traceText(events, otherData), 'open it at ui.perfetto.dev');
  for (const sentence of leftOut) terminal.err(`${visibleLine(`${path}: ${sentence}`)}\n`);
}
