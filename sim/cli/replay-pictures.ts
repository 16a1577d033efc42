import { basename } from 'node:path';
import { InputError } from '../../src/errors.js';
import { reportScript } from '../disk/report-script.js';
import type { WatchedEstimate } from '../replay/replay-energy.js';
import type { WatchedReplay } from '../replay/replay-trace.js';
import { shownStep } from '../replay/step-courses.js';
import type { Trace } from '../replay/trace.js';
import type { CommandFiles } from './command-files.js';
import type { OptionReader } from './options.js';
import type { replay as declared } from './replay-options.js';
import type { Terminal } from './terminal.js';
import { writeEvents } from './trace-file.js';
import { VERSION } from './version.js';

/** The options of the command. */
type Options = OptionReader<typeof declared>;

/** The step that the report shows: the one asked for, or the first of median length. */
export function shownIndex({ replay: { steps } }: WatchedReplay, options: Options): number {
  const asked = options.get('--step');
  if (asked !== undefined) {
    const found = steps.findIndex(({ step }) => step === asked);
    if (found >= 0) return found;
    const known = steps.map(({ step }) => String(step));
    const expected = `expected a step that is replayed: ${shortList(known)}`;
    throw InputError.of({ ...options.at('--step'), message: `found ${asked}, ${expected}` });
  }
  const sorted = [...steps.keys()].sort((a, b) => steps[a]!.recordedS - steps[b]!.recordedS);
  return sorted[(sorted.length - 1) >> 1]!;
}

/** Steps are listed up to this many. */
const MOST_LISTED = 20;

function shortList(names: readonly string[]): string {
  const more = names.length - MOST_LISTED;
  return more <= 0
    ? names.join(', ')
    : `${names.slice(0, MOST_LISTED).join(', ')} and ${more} more up to ${names.at(-1)!}`;
}

/** A replay to be shown. */
interface Drawn {
  readonly trace: Trace;
  readonly watched: WatchedReplay;
  readonly estimated: WatchedEstimate | undefined;
  readonly shown: number;
}

/** Writes the report and the trace that were asked for. */
export async function writePictures(
  { trace, watched, estimated, shown }: Drawn,
  options: Options,
  files: CommandFiles,
  terminal: Terminal,
): Promise<void> {
  const [report, traceFile] = [options.get('--report'), options.get('--trace')];
  if (traceFile !== undefined) {
    const { replayTraceFile } = await import('../report/perfetto/replay-trace.js');
    const title = basename(trace.source);
    const traced = { trace, watched, energy: estimated };
    const written = replayTraceFile(traced, { version: VERSION, title });
    await writeEvents(traceFile, written, files, terminal);
  }
  if (report === undefined) return;
  const [{ replayReport }, { replayTimeline }, { slowWorkers }] = await Promise.all([
    import('../viewer/pages/replay-report.js'),
    import('../report/replay/replay-timeline.js'),
    import('../report/replay/slow-workers.js'),
  ]);
  const energy = estimated?.estimate;
  const step = shownStep(trace, watched, estimated, shown);
  const reported = {
    ...{ name: basename(trace.source), replay: watched.replay, energy },
    workers: slowWorkers(trace, watched),
    timeline: replayTimeline(trace, step, energy?.blockingPowerW),
  };
  const made = { version: VERSION, script: reportScript(), command: commandText(trace, options) };
  files.write(report, replayReport(reported, made));
}

/** Options of the command that a report depends on. */
const REPORTED = [
  '--catalog',
  '--profile',
  '--tensor-parallel',
  '--blocking-power',
  '--step',
  '--report',
] as const;

/** The command that makes the report again, in the folder of its files. */
function commandText({ source }: Trace, options: Options): string {
  const given = REPORTED.flatMap((flag) => {
    const value = options.get(flag);
    if (value === undefined) return [];
    return [flag, typeof value === 'string' ? word(basename(value)) : String(value)];
  });
  return ['npx pipewatt replay', word(basename(source)), ...given].join(' ');
}

/** A text as one word of a shell. */
function word(text: string): string {
  return /^[\w./:+-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
