import { caseLibrary } from '../disk/case-library.js';
import { measuredChips } from '../disk/measured-chips.js';
import { leaveChipOut } from '../operators/leave-chip-out.js';
import { leaveOutSentences } from '../operators/leave-out-sentences.js';
import { readPredictionCases, type PredictionCase } from '../operators/prediction-cases.js';
import { errorSentence, predictCases, type PredictionRow } from '../operators/prediction-rows.js';
import { plainTable } from '../report/text/plain-table.js';
import { CommandFiles } from './command-files.js';
import type { Call } from './declare.js';
import { printed } from './formats.js';
import { OptionReader } from './options.js';
import type { predict as declared } from './predict-options.js';

/** `pipewatt predict`: time, memory, power of jobs without a profile, beside measurements if any. */
export async function predictCommand(call: Call<typeof declared>): Promise<void> {
  const { terminal } = call;
  const [path] = call.args;
  const options = new OptionReader(call);
  const format = options.get('--format');
  const gpu = options.get('--gpu');
  const model = options.get('--model');
  const output = options.get('--output');
  const straggler = options.get('--straggler');
  const files = new CommandFiles(call);
  files.writes('--output', output);
  for (const file of [gpu, model]) if (file !== undefined) files.reads(file);
  const gathering = options.gathered();
  const read = gathering.attempt(() =>
    readPredictionCases(files.read(path, 'jobs'), path, caseLibrary(path), {
      ...(gpu === undefined ? {} : { gpu }),
      ...(model === undefined ? {} : { model }),
    }),
  );
  files.checkOutputs(gathering);
  gathering.throwIfAny();
  const { cases, unread } = read!;
  const { rows, errors } = predictCases(cases, straggler);
  const summary = [
    ...errors.map(errorSentence),
    ...(options.get('--leave-chip-out')
      ? leaveOutSentences(leaveChipOut(measuredChips('pipewatt predict')))
      : []),
  ];
  const contents = {
    table: () => `${tableOf(rows)}\n${summary.length === 0 ? '' : `\n${summary.join('\n')}\n`}`,
    csv: () => rows,
    json: () => rows,
  };
  files.deliver(await printed(format, contents, { indent: 1 }), output);
  const notes = [
    ...assumptions(cases),
    ...new Set(cases.flatMap((made) => made.notes)),
    ...(unread.length === 0 ? [] : [`columns ignored: ${unread.join(', ')}`]),
    ...(format === 'table' ? [] : summary),
  ];
  if (notes.length > 0) terminal.err(`${notes.join('\n')}\n`);
}

/** A sentence for each GPU without any measurement. */
function assumptions(cases: readonly PredictionCase[]): string[] {
  const machines = cases.map(({ job }) => job.machine);
  const assumed = machines.filter(({ rates }) => rates.basis === 'assumed');
  return [...new Set(assumed.map(({ name }) => name))].map(
    (name) =>
      `${name}: rates and powers are assumed, nothing was measured on it; no error can be stated`,
  );
}

function tableOf(rows: readonly PredictionRow[]): string {
  const columns = Object.keys(rows[0]!);
  const head = columns.map((column) => column.replaceAll('_', '\n'));
  return plainTable(
    head,
    rows.map((row) => columns.map((column) => String(row[column]))),
  );
}
