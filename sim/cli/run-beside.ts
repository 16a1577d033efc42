import { basename } from 'node:path';
import type { ProblemGathering } from '../../src/problem-list.js';
import { memoryLines } from '../report/text/unit-sentences.js';
import { refiningSentences } from '../report/text/refining-sentences.js';
import type { DocumentFormat } from '../report/text/document-table.js';
import { runDocument } from '../report/text/run-document.js';
import { runsTable } from '../report/text/runs-table.js';
import { poweredRows } from '../results/power-columns.js';
import { PlanCache } from '../run/plan-cache.js';
import type { CommandFiles } from './command-files.js';
import type { Call } from './declare.js';
import { printed, type CsvRow } from './formats.js';
import type { OptionReader } from './options.js';
import { tellOfProfile } from './profile-notes.js';
import type { Patience } from './refining.js';
import { runJson, type FileRun } from './run-contents.js';
import { runGiven } from './run-given.js';
import type { run as declared } from './run-options.js';
import { readGivenScenario, type Changes } from './scenario-argument.js';
import { tell, type Terminal } from './terminal.js';

/** Options that show one scenario in more detail, or compare one with something else. */
const OF_ONE = [
  ...(['--trace', '--power', '--report', '--pictures'] as const),
  ...(['--planner', '--plan', '--control'] as const),
] as const;

/** The parts of a call that are read before it is known how many scenarios it has. */
interface BesideCall {
  readonly options: OptionReader<typeof declared>;
  readonly files: CommandFiles;
  readonly gathering: ProblemGathering;
  readonly changes: Changes;
  readonly patience: Patience | undefined;
}

/** A run of several, told apart from the others. */
interface NamedFileRun extends FileRun {
  readonly name: string;
}

/** `pipewatt run A B`: runs several scenarios, and shows them in one table. */
export async function runBeside(
  { args: [words], terminal }: Call<typeof declared>,
  { options, files, gathering, changes, patience }: BesideCall,
): Promise<'ok' | 'SIGINT'> {
  for (const flag of OF_ONE.filter((each) => options.get(each) !== undefined)) {
    gathering.add({ ...options.at(flag), message: 'is for one scenario; run each with it' });
  }
  const given = words.map((word) =>
    gathering.attempt(() => readGivenScenario(word, changes, files)),
  );
  files.checkOutputs(gathering);
  gathering.throwIfAny();
  const format = options.get('--format');
  const runs: NamedFileRun[] = [];
  for (const [k, scenario] of given.entries()) {
    const run = await runGiven(scenario!, undefined, terminal, {
      // Approximate plans are not kept with others.
      cache: new PlanCache(),
      ...{ keep: undefined, more: [], control: undefined, power: undefined, patience },
      wantsBound: !options.get('--no-bound'),
      wantsReference: format === 'table',
    });
    runs.push({
      ...run,
      name: nameOf(
        k,
        given.map((each) => each!.scenario.name),
        words,
      ),
    });
    if (run.isInterrupted) break;
  }
  const text = await printed(format, contentsOf(runs, options.get('--explain')), { indent: 1 });
  files.deliver(text, options.get('--output'), format === 'table');
  if (format === 'csv') tellBesideCsv(runs, terminal);
  return runs.some(({ isInterrupted }) => isInterrupted) ? 'SIGINT' : 'ok';
}

/** The scenario's name; if others have it too, its file's, and its place among them if that is no help. */
function nameOf(k: number, names: readonly string[], words: readonly string[]): string {
  const isOnly = (all: readonly string[]) => all.filter((each) => each === all[k]).length === 1;
  const files = words.map((word) => basename(word));
  if (isOnly(names)) return names[k]!;
  return isOnly(files) ? files[k]! : `${k + 1}: ${names[k]!}`;
}

function contentsOf(runs: readonly NamedFileRun[], isExplained: boolean) {
  const documents = (format: DocumentFormat) =>
    runs.map(({ result }) => runDocument(result, format)).join('\n');
  return {
    table: () => runsTable(runs, isExplained),
    json: () => runs.map((run) => runJson(run)),
    csv: () => sameColumns(runs.flatMap(({ result }) => poweredRows(result))),
    markdown: () => documents('markdown'),
    latex: () => documents('latex'),
  };
}

/** Rows that all have the columns of each. */
function sameColumns(rows: readonly CsvRow[]): CsvRow[] {
  const names = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  return rows.map((row) => Object.fromEntries(names.map((name) => [name, row[name] ?? null])));
}

/** Tells what a CSV has no place for. */
function tellBesideCsv(runs: readonly NamedFileRun[], terminal: Terminal): void {
  for (const { name, result } of runs) {
    const sentences = [...memoryLines(result), ...refiningSentences(result)];
    tell(
      sentences.map((sentence) => `${name}: ${sentence}`),
      terminal,
    );
    tellOfProfile(result.estimate, result.profileNotes, terminal);
  }
}
