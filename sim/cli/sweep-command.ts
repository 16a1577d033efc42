import { execFileSync } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { basename, dirname, isAbsolute, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { InputError } from '../../src/errors.js';
import { ProblemGathering } from '../../src/problem-list.js';
import { visibleLine } from '../../src/visible.js';
import type { FinishedSweep } from '../report/html/sweep-report.js';
import { estimateNotes, profileNotes } from '../report/text/run-sentences.js';
import { loadProfile } from '../scenario/scenario-profile.js';
import { parseSweep } from '../sweep/sweep.js';
import type { ScenarioProfile } from '../scenario/scenario-setting.js';
import type { Scenario } from '../scenario/scenario-schema.js';
import { exportFormat, exportResults } from '../sweep/export-results.js';
import { makeFinalTable } from '../sweep/final-table.js';
import { runLocally } from '../sweep/local-workers.js';
import { runOnRedis } from '../sweep/redis-coordinator.js';
import { checkRedis } from '../sweep/redis-jobs.js';
import { probeRuns, type Probe } from '../sweep/probe.js';
import {
  prepareSweep,
  runSweep,
  type PreparedRun,
  type PreparedSweep,
  type SweepOutcome,
} from '../sweep/run-sweep.js';
import { isOfShard, parseShard, type Shard } from '../sweep/shard.js';
import { SweepStore } from '../sweep/store.js';
import { memoryShareMB } from '../processes/memory-share.js';
import { CommandFiles } from './command-files.js';
import { makeUserFolder } from '../disk/files.js';
import { MEMORY_RULE } from './memory-rule.js';
import { OptionReader, type RawOptions } from './options.js';
import { durationText, sweepProgress } from './sweep-progress.js';
import { sweepReportText } from './sweep-report-file.js';
import { tell, type Terminal } from './terminal.js';
import { VERSION } from './version.js';

/** More processes than this are a slip of the finger. */
const MOST_WORKERS = 1024;

interface SweepSettings {
  readonly workers: number;
  readonly memoryMB: number;
  readonly shard: Shard | undefined;
  readonly output: string | undefined;
  readonly exportTo: string | undefined;
  readonly report: string | undefined;
  readonly failFast: boolean;
  readonly rerunChanged: boolean;
  readonly rerunFailed: boolean;
  readonly dryRun: boolean;
  readonly redis: string | undefined;
}

/**
 * How a sweep came to its end: a signal, a run that failed with `--fail-fast`, all runs done and not
 * one without failing, or all was done.
 */
export type SweepEnd = 'SIGINT' | 'SIGTERM' | 'failed' | 'done';

/** `pipewatt sweep SWEEP.yaml`: many scenarios, on all cores, into one file of results. */
export async function sweepCommand(
  path: string,
  options: RawOptions & Readonly<Record<string, unknown>>,
  terminal: Terminal,
): Promise<SweepEnd> {
  const files = new CommandFiles('sweep', terminal);
  const gathering = new ProblemGathering();
  const settings = gathering.attempt(() => settingsOf(options));
  const read = gathering.attempt(() => readSweep(path, files, terminal));
  const output = read && (options['output'] ?? defaultOutput(read.prepared, settings?.shard));
  const { redis } = options;
  // What would only be found out later is looked for now: nothing is begun that cannot end.
  if (options['dryRun'] === undefined) {
    if (redis !== undefined) await gathering.attemptAsync(() => checkRedis(redis));
    gathering.attempt(() => {
      checkOutputs(files, options, output);
    });
  }
  gathering.throwIfAny();
  const { prepared, texts } = read!;
  const { shard, dryRun: isDry } = settings!;
  if (isDry) {
    const runs = prepared.runs.filter(
      ({ index }) => shard === undefined || isOfShard(index, shard),
    );
    terminal.out(await dryRun(runs, settings!));
    return 'done';
  }
  return intoFile(prepared, output!, texts, settings!, files, terminal);
}

/** A sweep made ready, and the texts of its files. */
interface ReadSweep {
  readonly prepared: PreparedSweep;
  readonly texts: FinishedSweep['files'];
}

/** @throws InputError with every problem of the sweep, its base, its runs and their profiles. */
function readSweep(path: string, files: CommandFiles, terminal: Terminal): ReadSweep {
  const profileOf = profileReader(path, files, terminal);
  const texts = [{ name: basename(path), text: files.read(path, 'sweep') }];
  const sweep = parseSweep(texts[0]!.text, path, {
    readBase: (base) => {
      const source = isAbsolute(base) ? base : join(dirname(path), base);
      const text = files.read(source, 'scenario', { source: path, field: 'base' });
      texts.push({ name: base, text });
      return { text, source };
    },
    checkProfile: profileOf,
  });
  return { prepared: prepareSweep(sweep, ({ scenario }) => profileOf(scenario), VERSION), texts };
}

/** @throws InputError with what is wrong with the files that a sweep writes. */
function checkOutputs(files: CommandFiles, options: RawOptions, output: string | undefined): void {
  const gathering = new ProblemGathering();
  const { report, export: exportTo } = options;
  if (output !== undefined) {
    files.writesInto('--output', dirname(output), [basename(output), `${basename(output)}.wal`]);
  }
  files.writes('--export', exportTo);
  files.writes('--report', report);
  gathering.attempt(() => {
    if (exportTo !== undefined) exportFormat(exportTo);
  });
  gathering.attempt(() => {
    files.checkOutputs();
  });
  gathering.throwIfAny();
}

function settingsOf(options: RawOptions & Readonly<Record<string, unknown>>): SweepSettings {
  const reader = new OptionReader('sweep', options);
  const workers = reader.optionalNumber('--workers', { min: 1, max: MOST_WORKERS, whole: true });
  const text = options['shard'];
  const shard = text === undefined ? undefined : parseShard(text, process.env);
  if (typeof shard === 'string') reader.complain('--shard', shard);
  const redis = options['redis'];
  if (redis !== undefined && workers !== undefined) {
    reader.complain('--workers', 'does not go with --redis: threads are an option of each worker');
  }
  const memory = reader.optionalNumber('--memory', MEMORY_RULE);
  if (redis !== undefined && memory !== undefined) {
    reader.complain('--memory', 'does not go with --redis: it is an option of each worker');
  }
  reader.finish();
  const processes = workers ?? availableParallelism();
  return {
    workers: processes,
    memoryMB: memory ?? memoryShareMB(processes),
    shard: typeof shard === 'string' ? undefined : shard,
    output: options['output'],
    exportTo: options['export'],
    report: options['report'],
    failFast: options['failFast'] !== undefined,
    rerunChanged: options['rerunChanged'] !== undefined,
    rerunFailed: options['rerunFailed'] !== undefined,
    dryRun: options['dryRun'] !== undefined,
    redis,
  };
}

function defaultOutput({ identity: { name } }: PreparedSweep, shard: Shard | undefined): string {
  const part = shard === undefined ? '' : `.${shard.number}-of-${shard.of}`;
  return join('results', `${name}${part}.duckdb`);
}

/** Reads the profile that a run names; runs that name the same share it. */
function profileReader(
  path: string,
  { library }: CommandFiles,
  terminal: Terminal,
): (scenario: Scenario) => ScenarioProfile {
  const told = new Set<string>();
  const known = new Map<string, ScenarioProfile | InputError>();
  return (scenario) => {
    const { profile, pipeline, tensorParallel } = scenario;
    const key = JSON.stringify([profile, pipeline.stages, pipeline.chunks, tensorParallel]);
    const found = known.get(key) ?? attempt(() => loadProfile(scenario, path, library));
    known.set(key, found);
    if (found instanceof InputError) throw found;
    const notes = profileNotes(found.profile.notes).filter((note) => !told.has(note));
    for (const note of notes) told.add(note);
    tell(notes, terminal);
    return found;
  };
}

function attempt<T>(make: () => T): T | InputError {
  try {
    return make();
  } catch (error) {
    if (error instanceof InputError) return error;
    throw error;
  }
}

async function intoFile(
  prepared: PreparedSweep,
  output: string,
  texts: FinishedSweep['files'],
  settings: SweepSettings,
  files: CommandFiles,
  terminal: Terminal,
): Promise<SweepEnd> {
  const { exportTo, report } = settings;
  makeUserFolder(dirname(output));
  const store = await SweepStore.open(output);
  try {
    const { outcome, signal } = await watched(prepared, store, output, settings, terminal);
    if (!outcome.isStopped) {
      await makeFinalTable(store, prepared.identity);
      if (exportTo !== undefined) {
        await exportResults(store, exportTo);
        files.wrote(exportTo);
      }
      if (report !== undefined) {
        const { name, fields } = prepared.identity;
        const about = { name, fields, commit: commitOf(), files: texts };
        files.write(report, await sweepReportText(store, about));
      }
    }
    terminal.err(`${errorLines(outcome, output)}${estimates(prepared.runs)}`);
    terminal.out(summary(prepared.identity.name, outcome, output));
    files.wrote(output);
    if (!outcome.isStopped) return outcome.failed === outcome.total ? 'failed' : 'done';
    return signal ?? 'failed';
  } finally {
    store.close();
  }
}

/** Runs a sweep; signals stop it cleanly, a second one at once. */
async function watched(
  prepared: PreparedSweep,
  store: SweepStore,
  output: string,
  settings: SweepSettings,
  terminal: Terminal,
): Promise<{ outcome: SweepOutcome; signal: 'SIGINT' | 'SIGTERM' | undefined }> {
  const progress = sweepProgress(terminal);
  const stop = new AbortController();
  let signal: 'SIGINT' | 'SIGTERM' | undefined;
  const onSignal = (name: NodeJS.Signals) => {
    signal = name as 'SIGINT' | 'SIGTERM';
    stop.abort();
  };
  process.once('SIGINT', onSignal);
  process.once('SIGTERM', onSignal);
  try {
    const { update: onProgress } = progress;
    const options = { ...settings, output, signal: stop.signal, onProgress, commit: commitOf() };
    const { redis: url, workers, memoryMB } = settings;
    const { version, hash: sweep } = prepared.identity;
    const onNotice = progress.say;
    const outcome = await runSweep(prepared, store, options, (tasks, aborted, onResult) =>
      url === undefined
        ? runLocally(tasks, { workers, memoryMB, signal: aborted }, onResult)
        : runOnRedis(tasks, { url, version, sweep, signal: aborted, onNotice }, onResult),
    );
    return { outcome, signal };
  } finally {
    process.removeListener('SIGINT', onSignal);
    process.removeListener('SIGTERM', onSignal);
    progress.stop();
  }
}

/** The program's commit, where it is run from a checkout. */
function commitOf(): string {
  try {
    const cwd = fileURLToPath(new URL('.', import.meta.url));
    return execFileSync('git', ['rev-parse', 'HEAD'], { cwd, stdio: 'pipe' }).toString().trim();
  } catch {
    return 'unknown';
  }
}

function failures({ errors }: SweepOutcome): number {
  return [...errors.values()].reduce((sum, n) => sum + n, 0);
}

function summary(name: string, outcome: SweepOutcome, output: string): string {
  const { total, before, done, isStopped } = outcome;
  const earlier = before === 0 ? '' : `, ${before} before`;
  const stopped = isStopped ? '; stopped: the same command goes on' : '';
  return `${name}: ${done} of ${total} runs done now${earlier}, ${failures(outcome)} failed${stopped}; results in ${output}\n`;
}

/** What is known of the errors of profiles that nobody measured. */
function estimates(runs: readonly PreparedRun[]): string {
  const notes = runs.flatMap(({ profile: { title, estimate } }) =>
    estimate === undefined
      ? []
      : estimateNotes(estimate).map((note) => `${visibleLine(title)}: ${note}\n`),
  );
  return [...new Set(notes)].join('');
}

/** Errors of runs are alike: so many are shown. */
const SHOWN_ERRORS = 5;

function errorLines({ errors, failed, total }: SweepOutcome, output: string): string {
  const sorted = [...errors].sort(([, a], [, b]) => b - a);
  const lines = sorted
    .slice(0, SHOWN_ERRORS)
    .map(
      ([error, runs]) => `${runs} ${runs === 1 ? 'run' : 'runs'} failed: ${visibleLine(error)}\n`,
    );
  const more = sorted.length - SHOWN_ERRORS;
  const where =
    failed === 0
      ? []
      : [
          `${failed} of ${total} runs failed; every error: pipewatt results ${output} --sql "SELECT run, error FROM runs WHERE status = 'failed'"; --rerun-failed does those runs again\n`,
        ];
  return [...lines, ...(more > 0 ? [`… and ${more} other errors\n`] : []), ...where].join('');
}

/** Runs that are tried to say how long all of them take. */
const PROBED_RUNS = 5;

/** How many runs there are, how much they share, and how long they take by a probe. */
async function dryRun(
  runs: readonly PreparedRun[],
  { workers, memoryMB }: SweepSettings,
): Promise<string> {
  if (runs.length === 0) {
    throw InputError.of({ source: 'pipewatt sweep', message: 'has no runs in this shard' });
  }
  const frontiers = new Set(runs.map(({ frontier }) => frontier));
  const every = Math.max(1, Math.floor(runs.length / PROBED_RUNS));
  const probed = runs.filter((_, k) => k % every === 0).slice(0, PROBED_RUNS);
  const probes = await probeRuns(probed, memoryMB);
  const mean = (of: (probe: Probe) => number) =>
    probes.reduce((sum, probe) => sum + of(probe), 0) / probes.length;
  const planningMs = mean((probe) => probe.planningMs);
  const runningMs = mean((probe) => probe.runningMs);
  const errors = new Set(probes.flatMap(({ error }) => error ?? []));
  const totalS = (frontiers.size * planningMs + runs.length * runningMs) / 1e3 / workers;
  return [
    `${runs.length} runs, ${frontiers.size} frontiers to plan`,
    `by a probe of ${probed.length}: ${planningMs.toFixed(0)} ms to plan a frontier, ${runningMs.toFixed(0)} ms for a run on it`,
    ...[...errors].map((error) => `a run of the probe fails: ${visibleLine(error)}`),
    `about ${durationText(totalS)} on ${workers} ${workers === 1 ? 'worker' : 'workers'}`,
    '',
  ].join('\n');
}
