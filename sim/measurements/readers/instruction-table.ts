import type { CsvRecord } from '../../../src/profile/csv-records.js';
import { ProblemList, quoted } from '../../../src/problem-list.js';
import type { InstructionSpan, MeasuredFile, TimeBase } from '../measured.js';
import type { MeasurementReader, ReadingHints } from '../measurement-reader.js';
import { instructionOf } from './instruction-names.js';
import { baseNotes, oneBase } from './moments.js';
import { MOST_STAGE } from './places.js';
import { SpanList } from './span-list.js';
import { hasColumn, headerNames, Table, type TableColumn } from './table.js';

const COLUMNS = {
  rank: { names: ['rank', 'global_rank', 'gpu', 'device'] },
  stage: { names: ['stage', 'pp_rank', 'pipeline_rank'] },
  instruction: { names: ['instruction', 'kind', 'name', 'operation', 'op'], required: true },
  iteration: { names: ['iteration', 'iter', 'step'] },
  start: { names: ['start', 'begin', 'start_time', 'begin_time'], unit: 's', required: true },
  end: { names: ['end', 'stop', 'end_time', 'stop_time'], unit: 's' },
  time: { names: ['time', 'duration', 'elapsed', 'elapsed_time'], unit: 's' },
  energy: { names: ['energy'], unit: 'J' },
  clock: { names: ['clock', 'frequency', 'freq', 'sm_clock'], unit: 'MHz' },
} as const satisfies Readonly<Record<string, TableColumn>>;

type Key = keyof typeof COLUMNS;

/** Tables of instructions with their begin and end, as `examples/measure_pipeline.py` writes them. */
export const INSTRUCTION_TABLE: MeasurementReader = {
  name: 'a table of instructions (rank, stage, instruction, iteration, start, end), as examples/measure_pipeline.py writes it',
  words: ['rank', 'stage', 'instruction', 'microbatch', 'iteration', 'start', 'end'],
  recognises: (text) => {
    const names = headerNames(text);
    const has = (key: Key) => hasColumn(names, COLUMNS[key]);
    return has('instruction') && has('start') && (has('end') || has('time'));
  },
  read: readInstructionTable,
};

function readInstructionTable(
  text: string,
  source: string,
  hints: ReadingHints = {},
): MeasuredFile {
  const problems = new ProblemList(source);
  const table = new Table<Key>(text, COLUMNS, problems);
  if (table.header('end') === undefined && table.header('time') === undefined) {
    problems.add('is missing', { field: 'column "end"' });
  }
  const spans = new SpanList(source, problems, hints);
  const bases = new Set<TimeBase>();
  for (const row of table.rows) {
    const warmUp = table.whole(row, 'iteration', -1e9, 1e9);
    if (warmUp !== undefined && warmUp < 0) {
      table.left.add('warm-up', row.line, 'iterations below 0 warm up, and are left out');
      continue;
    }
    addRow(row, table, spans, bases);
  }
  table.finish();
  const base = oneBase(bases, problems);
  const found = spans.finish();
  problems.throwIfAny();
  const notes = [...baseNotes(base), ...table.left.notes(), ...found.notes];
  return { source, timeBase: base, spans: found.spans, samples: [], notes };
}

function addRow(row: CsvRecord, table: Table<Key>, spans: SpanList, bases: Set<TimeBase>): void {
  const name = table.text(row, 'instruction');
  const named = instructionOf(name);
  if (named === undefined) {
    table.left.add(`name ${name}`, row.line, `${quoted(name)} is no instruction, and is left out`);
    return;
  }
  const start = table.moment(row, 'start');
  const hasEnd = table.text(row, 'end') !== '';
  const end = hasEnd ? table.moment(row, 'end') : undefined;
  if (start === undefined || (hasEnd && end === undefined)) return;
  bases.add(start.base);
  const { line } = row;
  const optional = (key: Key) => {
    const value = table.number(row, key);
    return Number.isNaN(value) ? undefined : value;
  };
  const span: Omit<InstructionSpan, 'rank' | 'stage'> = {
    kind: named.kind,
    timeS: end === undefined ? table.number(row, 'time') : end.timeS - start.timeS,
    startS: start.timeS,
    energyJ: optional('energy'),
    // A clock of 0 means that none was set.
    frequencyMHz: optional('clock') || undefined,
    iteration: table.whole(row, 'iteration', -1e9, 1e9) ?? named.iteration,
  };
  const stage = table.whole(row, 'stage', 0, MOST_STAGE) ?? named.stage;
  const rank = table.text(row, 'rank');
  const columns = { time: end === undefined ? table.header('time')! : 'end' };
  spans.add(span, { stage, rank: rank === '' ? undefined : rank }, { line, ...columns });
}
