import { ProblemList, quoted } from '../../../src/problem-list.js';
import type { MeasuredFile, TimeBase } from '../measured.js';
import type { MeasurementReader, ReadingHints } from '../measurement-reader.js';
import { instructionOf, iterationOf, type NamedInstruction } from './instruction-names.js';
import { baseNotes, momentOf, oneBase } from './moments.js';
import { placeOf } from './places.js';
import { SpanList } from './span-list.js';
import { headerNames, Table, type TableColumn } from './table.js';
import { counted } from './tally.js';
import { Iterations, withoutEnclosing } from './windows.js';

const COLUMNS = {
  start: { names: ['start_time'], required: true },
  name: { names: ['window_name'], required: true },
  time: { names: ['elapsed_time'], unit: 's', required: true },
} as const satisfies Readonly<Record<string, TableColumn>>;

const ENERGY = /^gpu_?(\d{1,4})_energy(?:[_ ([]*m?j[)\]]?)?$/;

/** Logs of Zeus' `ZeusMonitor`: windows with their times and energies. */
export const ZEUS_MONITOR: MeasurementReader = {
  name: 'a log of ZeusMonitor (start_time, window_name, elapsed_time, gpu0_energy)',
  words: ['start_time', 'window_name', 'elapsed_time', 'gpu0_energy'],
  recognises: (text) => {
    const names = headerNames(text);
    return Object.values(COLUMNS).every((column) => names.includes(column.names[0]));
  },
  read: readZeusMonitor,
};

/** A window of a log. */
interface Window {
  readonly line: number;
  readonly named: NamedInstruction;
  readonly startS: number;
  readonly endS: number;
  readonly timeS: number;
  /** Of each GPU that is used; NaN where there is none. */
  readonly energyJ: readonly number[];
}

/**
 * Reads the windows that are named like instructions. Of windows of one kind within each other the
 * innermost counts; windows named `iteration` or `step` number the others, and if there are any,
 * instructions outside of all of them are left out.
 */
function readZeusMonitor(text: string, source: string, hints: ReadingHints = {}): MeasuredFile {
  const problems = new ProblemList(source);
  const gpus = headerNames(text).flatMap((name) => {
    const gpu = ENERGY.exec(name)?.[1];
    return gpu === undefined ? [] : [{ gpu, name }];
  });
  const place = placeOf(source);
  // Every process of a node may watch all of its GPUs, but runs on one of them.
  const own =
    place.rank === undefined ? gpus : gpus.filter((_, k) => k === place.rank! % gpus.length);
  const energies = Object.fromEntries(
    own.map(({ gpu, name }) => [gpu, { names: [name], unit: 'J' }]),
  );
  const table = new Table<string>(text, { ...COLUMNS, ...energies }, problems);
  const { windows, iterations, bases } = readWindows(
    table,
    own.map(({ gpu }) => gpu),
  );
  table.finish();
  const base = oneBase(bases, problems);
  const innermost = withoutEnclosing(windows, ({ named }) => `${named.kind} ${named.stage}`);
  const spans = new SpanList(source, problems, hints);
  let outside = 0;
  for (const window of innermost) {
    const iteration = iterations.numberAt((window.startS + window.endS) / 2);
    if (iteration === undefined) outside++;
    else addWindow(window, iteration, own, spans, place.rank);
  }
  const found = spans.finish();
  problems.throwIfAny();
  const notes = [
    ...baseNotes(base),
    ...gpuNotes(gpus.length, own, place.rank),
    ...(innermost.length < windows.length
      ? [
          `${counted(windows.length - innermost.length, 'window')} around others of the same kind left out`,
        ]
      : []),
    ...(outside > 0
      ? [`${counted(outside, 'instruction')} outside of all iterations left out`]
      : []),
    ...table.left.notes(),
    ...found.notes,
  ];
  return { source, timeBase: base, spans: found.spans, samples: [], notes };
}

function readWindows(table: Table<string>, gpus: readonly string[]) {
  const windows: Window[] = [];
  const iterations = new Iterations();
  const bases = new Set<TimeBase>();
  for (const row of table.rows) {
    const start = momentOf(table.text(row, 'start'));
    const timeS = table.number(row, 'time');
    if (start === undefined) table.complain(row, 'start', 'seconds since 1970');
    if (start === undefined || Number.isNaN(timeS)) continue;
    const name = table.text(row, 'name');
    const startS = start.timeS;
    const iteration = iterationOf(name);
    const named = instructionOf(name);
    if (iteration !== undefined) iterations.add(startS, startS + timeS, iteration);
    else if (named !== undefined) {
      bases.add(start.base);
      const energyJ = gpus.map((gpu) => table.number(row, gpu));
      windows.push({ line: row.line, named, startS, endS: startS + timeS, timeS, energyJ });
    } else {
      const message = `the window ${quoted(name)} is neither an instruction nor an iteration`;
      table.left.add(`name ${name}`, row.line, message);
    }
  }
  return { windows, iterations, bases };
}

function addWindow(
  { line, named, startS, timeS, energyJ }: Window,
  iteration: number,
  gpus: readonly { readonly gpu: string; readonly name: string }[],
  spans: SpanList,
  fileRank: number | undefined,
): void {
  const { kind, stage } = named;
  const number = named.iteration ?? (iteration < 0 ? undefined : iteration);
  const rankOf = (gpu: string) => String(named.rank ?? fileRank ?? gpu);
  const measured = { kind, timeS, startS, iteration: number };
  if (gpus.length === 0) {
    spans.add(measured, { stage, rank: rankOf('0') }, { line, time: 'elapsed_time' });
  }
  for (const [k, { gpu, name }] of gpus.entries()) {
    const energy = Number.isNaN(energyJ[k]!) ? undefined : energyJ[k]!;
    const at = { line, time: 'elapsed_time', energy: name };
    spans.add({ ...measured, energyJ: energy }, { stage, rank: rankOf(gpu) }, at);
  }
}

function gpuNotes(
  count: number,
  own: readonly { readonly gpu: string }[],
  rank: number | undefined,
): string[] {
  if (count === 0) return ['has no energies; they can follow from samples of power'];
  if (count === 1) return [];
  return rank === undefined
    ? [`all ${count} GPUs are taken for GPUs of the stage that the windows name`]
    : [`of ${count} GPUs, gpu${own[0]!.gpu} is taken for that of rank ${rank}`];
}
