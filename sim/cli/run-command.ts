import { basename, join } from 'node:path';
import { InputError } from '../../src/errors.js';
import type { Planner } from '../../src/planner/planner.js';
import { faultStudy, type FaultStudy } from '../faults/fault-study.js';
import { runWithExternal, type ExternalPlanner } from '../plugins/external-planner.js';
import { bothWatches, gridWatch, PowerWatch } from '../power/figures/run-power.js';
import { PICTURE_NAMES } from '../report/charts/picture-names.js';
import { faultDocument } from '../faults/fault-document.js';
import { powerDocuments, poweredRows } from '../results/power-columns.js';
import { runLedgers } from '../results/run-rows.js';
import { flattenDocuments } from '../results/flatten-documents.js';
import { memoryLines } from '../report/text/unit-sentences.js';
import { refiningSentences } from '../report/text/refining-sentences.js';
import { faultTable } from '../report/text/fault-table.js';
import { runDocument } from '../report/text/run-document.js';
import { runTable } from '../report/text/run-table.js';
import { energyBound } from '../run/energy-bound.js';
import { FOR_PICTURES, FOR_TRACES, type Keeping } from '../run/kept-run.js';
import { PlanCache } from '../run/plan-cache.js';
import type { ScenarioResult } from '../run/run-scenario.js';
import { runWithoutStragglers } from '../run/without-stragglers.js';
import { flattenWatch, type FlattenedResult } from '../power/flatten/flatten-watch.js';
import { loadScenario, withLines, type LoadedScenario } from '../scenario/scenario.js';
import { CommandFiles } from './command-files.js';
import type { Call } from './declare.js';
import { printed } from './formats.js';
import { readGivenPlans } from './given-plan-files.js';
import { namedPlanner } from './named-planner.js';
import { OptionReader } from './options.js';
import { tellOfProfile } from './profile-notes.js';
import { progressBar } from './progress.js';
import type { PowerFile } from './power-file.js';
import { powerRequest } from './power-request.js';
import { patienceOf, runUntilEnough, type Patience } from './refining.js';
import type { run as declared } from './run-options.js';
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
  const [path] = call.args;
  const options = new OptionReader(call);
  const format = options.get('--format');
  const timeLimitS = options.get('--time-limit');
  checkTraceName(options);
  const request = powerRequest(options);
  const patience = patienceOf(options);
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
  const read = gathering.attempt(() => files.read(path, 'scenario'));
  const loaded =
    read === undefined
      ? undefined
      : gathering.attempt(() => loadScenario(read, path, files.library));
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
  const run = await runLoaded({ path, text: read!, ...loaded! }, planner, terminal, {
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
  await show(run, path, options, files, terminal);
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

/** A run of a file. */
interface FileRun {
  readonly text: string;
  readonly result: FlattenedResult;
  /** The job without its stragglers, if it has any. */
  readonly reference: ScenarioResult | undefined;
  readonly isInterrupted: boolean;
  /** Present if the scenario has faults. */
  readonly faults: FaultStudy | undefined;
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
    const source = { version: VERSION, file: basename(path), text };
    files.write(report, runReport(result, kept, source));
  }
  if (pictures === undefined) return;
  const { runPictures } = await import('../report/charts/run-pictures.js');
  for (const [name, svg] of runPictures(result, kept)) {
    files.write(join(pictures, `${name}.svg`), svg);
  }
}

/** A scenario's file, read. */
interface LoadedFile extends LoadedScenario {
  readonly path: string;
  readonly text: string;
}

/** The options of a run. */
interface RunWishes {
  readonly cache: PlanCache;
  readonly keep: Keeping | undefined;
  readonly wantsBound: boolean;
  /** Whether the job without its stragglers is shown too. */
  readonly wantsReference: boolean;
  /** Plans from files. */
  readonly more: readonly Planner[];
  /** The server of `--control`. */
  readonly control: UnderControl | undefined;
  readonly patience: Patience | undefined;
  readonly power: PowerFile | undefined;
}

async function runLoaded(
  file: LoadedFile,
  planner: ExternalPlanner | undefined,
  terminal: Terminal,
  { cache, keep, wantsBound, wantsReference, more, control, patience, power }: RunWishes,
): Promise<FileRun> {
  const { path, text, scenario, profile: source } = file;
  const progress = progressBar(terminal);
  const advise = (sentence: string) => {
    terminal.err(`pipewatt: ${sentence}\n`);
  };
  try {
    const options = {
      onProgress: progress.update,
      cache,
      keep,
      more,
      watch: bothWatches(
        bothWatches(power, power === undefined ? gridWatch(scenario) : new PowerWatch()),
        flattenWatch(scenario, power),
      ),
      live: control?.connection(file, advise),
      isAlone: true,
      onAdvice: advise,
      ...(wantsBound ? { findBound: energyBound } : {}),
    };
    const compared =
      planner?.source.kind === 'built-in'
        ? { ...scenario, policies: [...new Set([...scenario.policies, planner.source.name])] }
        : scenario;
    const { result, isInterrupted = false } =
      planner === undefined || planner.source.kind === 'built-in'
        ? await runUntilEnough(compared, source, options, { patience, terminal })
        : { result: await runWithExternal(planner, scenario, source, keep) };
    const reference = wantsReference
      ? await runWithoutStragglers(scenario, source, cache)
      : undefined;
    return { text, result, reference, isInterrupted, faults: faultStudy(result, path) };
  } catch (error) {
    throw error instanceof InputError ? withLines(error, text, path) : error;
  } finally {
    control?.close();
    progress.stop();
  }
}

/** The result in each format. */
function contentsOf({ result, reference, faults }: FileRun, isExplained: boolean) {
  return {
    table: () =>
      runTable(result, { reference, isExplained }) +
      (faults === undefined ? '' : faultTable(faults)),
    json: () => ({ ...documentOf(result), ...(faults && { faults: faultDocument(faults) }) }),
    csv: () => poweredRows(result),
    markdown: () => runDocument(result, 'markdown'),
    latex: () => runDocument(result, 'latex'),
  };
}

function documentOf(result: FlattenedResult): object {
  const { scenario, title, fit, unitTimeS, roundingPct, gpus, simulatedPipelines, bound } = result;
  const { peaks, bubbleRatio, balance, estimate, approximation } = result;
  return {
    pipewatt: VERSION,
    title,
    scenario,
    gpus,
    unitTimeS,
    roundingPct,
    curveFit: fit ?? null,
    estimate: estimate ?? null,
    profileNotes: result.profileNotes,
    memory: result.memory ?? null,
    memoryShortage: result.memoryShortage ?? null,
    bubbleRatio,
    peakActivations: [...peaks.activations],
    peakCheckpoints: [...peaks.checkpoints],
    balance: balance ?? null,
    simulatedPipelines,
    boundMethod: bound?.method ?? null,
    boundExtraTimePct: bound?.extraTimePct ?? null,
    ...(approximation && {
      approximation: {
        policies: approximation.policies,
        mayChangePct: approximation.mayChangePct ?? null,
        leftOut: approximation.leftOut,
      },
    }),
    policies: poweredRows(result),
    ledgers: runLedgers(result),
    ...(result.power && { power: powerDocuments(result) }),
    ...(result.flattened && { flattened: flattenDocuments(result) }),
  };
}
