import { ProblemGathering } from '../../src/problem-list.js';
import { caseLibrary } from '../disk/case-library.js';
import { readPredictionCases } from '../operators/prediction-cases.js';
import { errorSentence, predictCases, type PredictionRow } from '../operators/prediction-rows.js';
import { toCsv } from '../results/csv.js';
import { plainTable } from '../report/text/plain-table.js';
import { CommandFiles } from './command-files.js';
import { OptionReader, type RawOptions } from './options.js';
import type { Terminal } from './terminal.js';

/** `pipewatt predict`: time, memory, power of jobs that nobody profiled, beside measurements if any. */
export function predictCommand(path: string, options: RawOptions, terminal: Terminal): void {
  const reader = new OptionReader('predict', options);
  const format = reader.choice('--format', ['table', 'csv', 'json']);
  const { gpu, model, output } = options;
  const files = new CommandFiles('predict', terminal);
  files.writes('--output', output);
  for (const file of [gpu, model]) if (file !== undefined) files.reads(file);
  const gathering = new ProblemGathering();
  gathering.attempt(() => {
    reader.finish();
  });
  const read = gathering.attempt(() =>
    readPredictionCases(files.read(path, 'jobs'), path, caseLibrary(path), {
      ...(gpu === undefined ? {} : { gpu }),
      ...(model === undefined ? {} : { model }),
    }),
  );
  gathering.attempt(() => {
    files.checkOutputs();
  });
  gathering.throwIfAny();
  const { cases, unread } = read!;
  const { rows, errors } = predictCases(cases);
  const summary = errors.map(errorSentence);
  const printed = {
    table: () => `${tableOf(rows)}\n${summary.length === 0 ? '' : `\n${summary.join('\n')}\n`}`,
    csv: () => toCsv([...rows]),
    json: () => `${JSON.stringify(rows, undefined, 1)}\n`,
  }[format]();
  files.deliver(printed, output);
  const notes = [
    ...(unread.length === 0 ? [] : [`columns passed over: ${unread.join(', ')}`]),
    ...(format === 'table' ? [] : summary),
  ];
  if (notes.length > 0) terminal.err(`${notes.join('\n')}\n`);
}

function tableOf(rows: readonly PredictionRow[]): string {
  const columns = Object.keys(rows[0]!);
  const head = columns.map((column) => column.replaceAll('_', '\n'));
  return plainTable(
    head,
    rows.map((row) => columns.map((column) => String(row[column]))),
  );
}
