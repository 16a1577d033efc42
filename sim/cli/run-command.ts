import { jsonText } from '../results/finite.js';
import { basename, join } from 'node:path';
import { InputError } from '../../src/errors.js';
import { ProblemGathering } from '../../src/problem-list.js';
import { toCsv } from '../results/csv.js';
import { runWithExternal, type ExternalPlanner } from '../plugins/external-planner.js';
import { PICTURE_NAMES } from '../report/charts/picture-names.js';
import { runLedgers, runRows } from '../results/run-rows.js';
import { estimateNotes, memoryLines, profileNotes } from '../report/text/run-sentences.js';
import { runTable } from '../report/text/run-table.js';
import { energyBound } from '../run/energy-bound.js';
import { FOR_PICTURES, FOR_TRACES, type Keeping } from '../run/kept-run.js';
import { PlanCache } from '../run/plan-cache.js';
import { runScenario, type ScenarioResult } from '../run/run-scenario.js';
import { loadScenario, withLines, type LoadedScenario } from '../scenario/scenario.js';
import { CommandFiles } from './command-files.js';
import { namedPlanner } from './named-planner.js';
import { OptionReader, type RawOptions } from './options.js';
import { progressBar } from './progress.js';
import { tell, type Terminal } from './terminal.js';
import { checkTraceName, writeTrace } from './trace-file.js';
import { VERSION } from './version.js';

/** Files of `--pictures`. */
const RUN_PICTURES = PICTURE_NAMES.map((name) => `${name}.svg`);

/**
 * `pipewatt run SCENARIO`: plan, simulate, tabulate, show.
 * @param cache what runs before this one planned.
 */
export async function runCommand(
  path: string,
  options: RawOptions,
  terminal: Terminal,
  cache = new PlanCache(),
): Promise<void> {
  const reader = new OptionReader('run', options);
  const format = reader.choice('--format', ['table', 'json', 'csv']);
  const timeLimitS = reader.number('--time-limit', { above: 0, max: 1e6, unit: 's' });
  checkTraceName(reader, options);
  const files = new CommandFiles('run', terminal);
  const { output } = options;
  for (const name of ['output', 'trace', 'report']) files.writes(`--${name}`, options[name]);
  files.writesInto('--pictures', options['pictures'], RUN_PICTURES);
  const gathering = new ProblemGathering();
  gathering.attempt(() => {
    reader.finish();
  });
  const planner = gathering.attempt(() => namedPlanner(options['planner'], 'run', timeLimitS));
  if (planner !== undefined) files.readsPlanner(planner.source);
  const text = gathering.attempt(() => files.read(path, 'scenario'));
  const loaded =
    text === undefined
      ? undefined
      : gathering.attempt(() => loadScenario(text, path, files.library));
  gathering.attempt(() => {
    files.checkOutputs();
  });
  gathering.throwIfAny();
  const run = await runLoaded({ path, text: text!, ...loaded! }, planner, terminal, {
    cache,
    keep: keepingFor(options),
    // Commander says true for what was not negated.
    wantsBound: String(options['bound']) !== 'false',
  });
  const printed = print(run.result, format);
  await show(run, path, options, files, terminal);
  files.deliver(printed, output);
  // A CSV has no place for sentences.
  if (format === 'csv') {
    const { estimate, profileNotes: read } = run.result;
    tell(memoryLines(run.result), terminal);
    tell(
      [...(estimate === undefined ? [] : estimateNotes(estimate)), ...profileNotes(read)],
      terminal,
    );
  }
}

/** What of a run has to be kept for the files that were asked for. */
function keepingFor({ report, pictures, trace }: RawOptions): Keeping | undefined {
  if (trace !== undefined) return FOR_TRACES;
  return report === undefined && pictures === undefined ? undefined : FOR_PICTURES;
}

/** A run of a file. */
interface FileRun {
  readonly text: string;
  readonly result: ScenarioResult;
}

/** Writes what shows a run closer than its table. */
async function show(
  { text, result }: FileRun,
  path: string,
  { report, pictures, trace }: RawOptions,
  files: CommandFiles,
  terminal: Terminal,
): Promise<void> {
  const { kept } = result;
  if (kept === undefined) return;
  if (trace !== undefined) await writeTrace(trace, kept, result.title, files, terminal);
  // Charts take longer to load than most runs take.
  if (report !== undefined) {
    const { runReport } = await import('../report/html/run-report.js');
    const source = { version: VERSION, file: basename(path), text };
    files.write(report, await runReport(result, kept, source));
  }
  if (pictures === undefined) return;
  const { runPictures } = await import('../report/charts/run-pictures.js');
  for (const [name, svg] of await runPictures(result, kept)) {
    files.write(join(pictures, `${name}.svg`), svg);
  }
}

/** A scenario's file, read. */
interface LoadedFile extends LoadedScenario {
  readonly path: string;
  readonly text: string;
}

/** What is asked of a run. */
interface RunWishes {
  readonly cache: PlanCache;
  readonly keep: Keeping | undefined;
  readonly wantsBound: boolean;
}

async function runLoaded(
  { path, text, scenario, profile: source }: LoadedFile,
  planner: ExternalPlanner | undefined,
  terminal: Terminal,
  { cache, keep, wantsBound }: RunWishes,
): Promise<FileRun> {
  const progress = progressBar(terminal);
  try {
    const options = {
      onProgress: progress.update,
      cache,
      keep,
      onAdvice: (sentence: string) => {
        terminal.err(`pipewatt: ${sentence}\n`);
      },
      ...(wantsBound ? { findBound: energyBound } : {}),
    };
    const compared =
      planner?.source.kind === 'built-in'
        ? { ...scenario, policies: [...new Set([...scenario.policies, planner.source.name])] }
        : scenario;
    const result =
      planner === undefined || planner.source.kind === 'built-in'
        ? await runScenario(compared, source, options)
        : await runWithExternal(planner, scenario, source, keep);
    return { text, result };
  } catch (error) {
    throw error instanceof InputError ? withLines(error, text, path) : error;
  } finally {
    progress.stop();
  }
}

function print(result: ScenarioResult, format: 'table' | 'json' | 'csv'): string {
  if (format === 'table') return runTable(result);
  if (format === 'csv') return toCsv(runRows(result));
  const { scenario, title, fit, unitTimeS, roundingPct, gpus, simulatedPipelines, bound } = result;
  const { peaks, bubbleRatio, balance, estimate } = result;
  const document = {
    pipewatt: VERSION,
    title,
    scenario,
    gpus,
    unitTimeS,
    roundingPct,
    curveFit: fit ?? null,
    estimate: estimate ?? null,
    profileNotes: result.profileNotes,
    memoryShortage: result.memoryShortage ?? null,
    bubbleRatio,
    peakActivations: [...peaks.activations],
    peakCheckpoints: [...peaks.checkpoints],
    balance: balance ?? null,
    simulatedPipelines,
    boundMethod: bound?.method ?? null,
    boundExtraTimePct: bound?.extraTimePct ?? null,
    policies: runRows(result),
    ledgers: runLedgers(result),
  };
  return jsonText(document, 2);
}
