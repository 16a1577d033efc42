import { basename, join } from 'node:path';
import { InputError } from '../../src/errors.js';
import type { Planner } from '../../src/planner/planner.js';
import { reportScript } from '../disk/report-script.js';
import type { ExternalPlanner } from '../plugins/external-planner.js';
import type { FlattenedResult } from '../power/flatten/flatten-watch.js';
import { PICTURE_NAMES } from '../report/charts/picture-names.js';
import { memoryLines } from '../report/text/unit-sentences.js';
import { refiningSentences } from '../report/text/refining-sentences.js';
import { FOR_PICTURES, FOR_TRACES, type Keeping } from '../run/kept-run.js';
import { PlanCache } from '../run/plan-cache.js';
import type { LoadedScenario } from '../scenario/scenario.js';
import type { Scenario } from '../scenario/scenario-schema.js';
import { CommandFiles } from './command-files.js';
import type { Call } from './declare.js';
import { printed } from './formats.js';
import { readGivenPlans } from './given-plan-files.js';
import { namedPlanner } from './named-planner.js';
import { OptionReader } from './options.js';
import { tellOfProfile } from './profile-notes.js';
import { powerRequest } from './power-request.js';
import { patienceOf } from './refining.js';
import { runBeside } from './run-beside.js';
import { contentsOf, type FileRun } from './run-contents.js';
import { runGiven } from './run-given.js';
import type { run as declared } from './run-options.js';
import { changesOf, readGivenScenario } from './scenario-argument.js';
import { tell, type Terminal } from './terminal.js';
import { checkTraceName, writeTrace } from './trace-file.js';
import { underControl, type UnderControl } from './under-control.js';
import { VERSION } from './version.js';

/** Files of `--pictures`. */
const RUN_PICTURES = PICTURE_NAMES.map((name) => `${name}.svg`);

/**
 * `pipewatt run SCENARIO`: plan, simulate, tabulate, show.
 * @param cache frontiers planned by earlier runs.
 * @returns whether Ctrl-C ended refining; the table is then the last one before it.
 */
export async function runCommand(
  call: Call<typeof declared>,
  cache = new PlanCache(),
): Promise<'ok' | 'SIGINT'> {
  const { terminal } = call;
  const [words] = call.args;
  const options = new OptionReader(call);
  const format = options.get('--format');
  const timeLimitS = options.get('--time-limit');
  checkTraceName(options);
  const request = powerRequest(options);
  const patience = patienceOf(options);
  const changes = changesOf(options);
  const files = new CommandFiles(call);
  for (const flag of ['--output', '--trace', '--power', '--report'] as const) {
    files.writes(flag, options.get(flag));
  }
  files.writesInto('--pictures', options.get('--pictures'), RUN_PICTURES);
  const gathering = options.gathered();
  const planner = gathering.attempt(() =>
    namedPlanner(options.get('--planner'), options.at('--planner'), timeLimitS),
  );
  if (planner !== undefined) files.readsPlanner(planner.source);
  gathering.attempt(() => {
    checkTogether(options, planner);
  });
  const given = gathering.attempt(() => givenPlans(options, files));
  const control = gathering.attempt(() => underControl(options, files));
  if (words.length > 1) return runBeside(call, { options, files, gathering, changes, patience });
  const [word] = words as [string];
  const loaded = gathering.attempt(() => readGivenScenario(word, changes, files));
  const power =
    request &&
    loaded &&
    // Most runs write none.
    (await import('./power-file.js')).powerFile(request, loaded.scenario, {
      names: rowNames(loaded.scenario, planner, given, control),
      ...{ at: options.at.bind(options), gathering },
    });
  files.checkOutputs(gathering);
  gathering.throwIfAny();
  const run = await runGiven(loaded!, planner, terminal, {
    cache,
    keep: keepingFor(options),
    wantsBound: !options.get('--no-bound'),
    wantsReference: format === 'table',
    more: given === undefined ? [] : [given],
    control,
    patience,
    power,
  });
  const text = await printed(format, contentsOf(run, options.get('--explain')));
  await show(run, loaded!.path, options, files, terminal);
  await power?.write(files);
  files.deliver(text, options.get('--output'), format === 'table');
  if (format === 'csv') tellBesideCsv(run.result, terminal);
  return run.isInterrupted ? 'SIGINT' : 'ok';
}

/** Tells what a CSV has no place for. */
function tellBesideCsv(result: FlattenedResult, terminal: Terminal): void {
  tell(memoryLines(result), terminal);
  tell(refiningSentences(result), terminal);
  tellOfProfile(result.estimate, result.profileNotes, terminal);
}

/** The parts of a run to keep for the files that were asked for. */
function keepingFor(options: OptionReader<typeof declared>): Keeping | undefined {
  const others = OTHERS.some((flag) => options.get(flag) !== undefined);
  if (options.get('--trace') !== undefined) return { ...FOR_TRACES, others };
  const asked = [options.get('--report'), options.get('--pictures')];
  return asked.every((path) => path === undefined) ? undefined : { ...FOR_PICTURES, others };
}

/** The plans of `--plan`, if it was given. @throws InputError if they cannot be read. */
function givenPlans(
  options: OptionReader<typeof declared>,
  files: CommandFiles,
): Planner | undefined {
  const path = options.get('--plan');
  return path === undefined ? undefined : readGivenPlans(path, files);
}

/** Rows besides those of planners. */
const OTHERS = ['--plan', '--control'] as const;

/** Options that an external planner's plans cannot have: they are made at once. */
const ONLY_BUILT_IN = [...OTHERS, '--within', '--budget', '--power'] as const;

/** The rows of a run: its scenario's policies, and others. */
function rowNames(
  { policies }: LoadedScenario['scenario'],
  planner: ExternalPlanner | undefined,
  given: Planner | undefined,
  control: UnderControl | undefined,
): string[] {
  const named = planner?.source.kind === 'built-in' ? [planner.source.name] : [];
  const more = [...(given === undefined ? [] : [given.name]), ...(control ? ['control'] : [])];
  return [...new Set([...policies, ...named, ...more])];
}

/** @throws InputError if a planner that runs in a process of its own is to run beside other rows. */
function checkTogether(
  options: OptionReader<typeof declared>,
  planner: ExternalPlanner | undefined,
): void {
  if (planner === undefined || planner.source.kind === 'built-in') return;
  const message =
    'cannot be used with an external --planner, which runs in a process of its own; run once with each';
  const given = ONLY_BUILT_IN.filter((flag) => options.get(flag) !== undefined);
  if (given.length === 0) return;
  throw new InputError(given.map((flag) => ({ ...options.at(flag), message })));
}

/** The link of the what-if page to a scenario; undefined if the page cannot have its files. */
async function linkIfAny(
  scenario: Scenario,
  path: string,
  files: CommandFiles,
): Promise<string | undefined> {
  // The page's code is loaded for reports alone.
  const { linkOfScenario } = await import('./explore-link.js');
  try {
    return await linkOfScenario(scenario, path, files);
  } catch (error) {
    if (error instanceof InputError) return undefined;
    throw error;
  }
}

/** Writes the files that show a run in more detail than its table. */
async function show(
  { text, result }: FileRun,
  path: string,
  options: OptionReader<typeof declared>,
  files: CommandFiles,
  terminal: Terminal,
): Promise<void> {
  const { kept } = result;
  if (kept === undefined) return;
  const trace = options.get('--trace');
  const report = options.get('--report');
  const pictures = options.get('--pictures');
  if (trace !== undefined) await writeTrace(trace, kept, result.title, files, terminal);
  // Charts take longer to load than most runs take.
  if (report !== undefined) {
    const { runReport } = await import('../viewer/pages/run-report.js');
    const link = await linkIfAny(result.scenario, path, files);
    const source = { version: VERSION, script: reportScript(), file: basename(path), text, link };
    files.write(report, runReport(result, kept, source));
  }
  if (pictures === undefined) return;
  const { runPictures } = await import('../report/charts/run-pictures.js');
  for (const [name, svg] of runPictures(result, kept)) {
    files.write(join(pictures, `${name}.svg`), svg);
  }
}
