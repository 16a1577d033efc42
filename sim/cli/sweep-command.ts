import { execFileSync } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { basename, dirname, isAbsolute, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ProblemGathering } from '../../src/problem-list.js';
import type { FinishedSweep } from '../viewer/pages/sweep-report.js';
import { profileNotes } from '../report/text/run-sentences.js';
import { profileReader } from '../sweep/profile-reader.js';
import { parseSweep } from '../sweep/sweep.js';
import type { ScenarioProfile } from '../scenario/scenario-setting.js';
import type { Scenario } from '../scenario/scenario-schema.js';
import { exportFormat, exportResults } from '../sweep/export-results.js';
import { makeFinalTable } from '../sweep/final-table.js';
import { runLocally } from '../sweep/local-workers.js';
import {
  prepareSweep,
  runSweep,
  type PreparedSweep,
  type SweepOutcome,
} from '../sweep/run-sweep.js';
import type { RunResult } from '../sweep/run-result.js';
import { isOfShard, parseShard, type Shard } from '../sweep/shard.js';
import { SweepStore } from '../sweep/store.js';
import { memoryShareMB } from '../processes/memory-share.js';
import { CommandFiles } from './command-files.js';
import type { Call } from './declare.js';
import { makeUserFolder } from '../disk/files.js';
import { OptionReader } from './options.js';
import { dryRun } from './sweep-dry-run.js';
import { errorLines, estimates, summary } from './sweep-messages.js';
import type { sweep as declared } from './sweep-options.js';
import { sweepProgress } from './sweep-progress.js';
import { LiveResults, watchedProgress } from './sweep-watch.js';
import { sweepReportText } from './sweep-report-file.js';
import { tell, type Terminal } from './terminal.js';
import { VERSION } from './version.js';

type Options = OptionReader<typeof declared>;

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
  readonly watch: boolean;
  readonly redis: string | undefined;
}

/**
 * The end of a sweep: a signal; `failed`, if one run failed with `--fail-fast`, or all did; or `ok`.
 */
type SweepEnd = 'SIGINT' | 'SIGTERM' | 'failed' | 'ok';

/** `pipewatt sweep SWEEP.yaml`: many scenarios, on all cores, into one file of results. */
export async function sweepCommand(call: Call<typeof declared>): Promise<SweepEnd> {
  const { terminal } = call;
  const [path] = call.args;
  const options = new OptionReader(call);
  const files = new CommandFiles(call);
  const settings = settingsOf(options);
  const { shard, redis, dryRun: isDry } = settings;
  const gathering = options.gathered();
  const read = gathering.attempt(() => readSweep(path, files, terminal));
  const output = read && (settings.output ?? defaultOutput(read.prepared, shard));
  // Problems that would only appear later are looked for now: nothing is begun that cannot end.
  if (!isDry) {
    if (redis !== undefined) {
      const { checkRedis } = await import('../sweep/redis-jobs.js');
      await gathering.attemptAsync(() => checkRedis(redis));
    }
    checkOutputs(files, settings, output, gathering);
  }
  gathering.throwIfAny();
  const { texts } = read!;
  const prepared = options.get('--no-bound') ? withoutBounds(read!.prepared) : read!.prepared;
  if (isDry) {
    const runs = prepared.runs.filter(
      ({ index }) => shard === undefined || isOfShard(index, shard),
    );
    terminal.out(await dryRun(runs, settings));
    return 'ok';
  }
  return intoFile(prepared, output!, texts, settings, files, terminal);
}

/** A sweep ready to run, and the texts of its files. */
interface ReadSweep {
  readonly prepared: PreparedSweep;
  readonly texts: FinishedSweep['files'];
}

/** @throws InputError with every problem of the sweep, its base, its runs and their profiles. */
function readSweep(path: string, files: CommandFiles, terminal: Terminal): ReadSweep {
  const profileOf = tellingReader(path, files, terminal);
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

function withoutBounds({ identity, runs }: PreparedSweep): PreparedSweep {
  return { identity, runs: runs.map((run) => ({ ...run, noBound: true })) };
}

/** Gathers the problems of the files that a sweep writes. */
function checkOutputs(
  files: CommandFiles,
  { exportTo, report }: SweepSettings,
  output: string | undefined,
  gathering: ProblemGathering,
): void {
  if (output === '') files.writes('--output', output);
  else if (output !== undefined) {
    files.writesInto('--output', dirname(output), [basename(output), `${basename(output)}.wal`]);
  }
  files.writes('--export', exportTo);
  files.writes('--report', report);
  gathering.attempt(() => {
    if (exportTo !== undefined && exportTo !== '') exportFormat(exportTo);
  });
  files.checkOutputs(gathering);
}

function settingsOf(options: Options): SweepSettings {
  const workers = options.get('--workers');
  const text = options.get('--shard');
  const shard = text === undefined ? undefined : parseShard(text, process.env);
  if (typeof shard === 'string') options.complain('--shard', shard);
  const redis = options.get('--redis');
  if (redis !== undefined && workers !== undefined) {
    options.complain('--workers', 'does not go with --redis: set the threads of each worker');
  }
  const memory = options.get('--memory');
  if (redis !== undefined && memory !== undefined) {
    options.complain('--memory', 'does not go with --redis: set it for each worker');
  }
  const processes = workers ?? availableParallelism();
  return {
    workers: processes,
    memoryMB: memory ?? memoryShareMB(processes),
    shard: typeof shard === 'string' ? undefined : shard,
    output: options.get('--output'),
    exportTo: options.get('--export'),
    report: options.get('--report'),
    failFast: options.get('--fail-fast'),
    rerunChanged: options.get('--rerun-changed'),
    rerunFailed: options.get('--rerun-failed'),
    dryRun: options.get('--dry-run'),
    watch: options.get('--watch'),
    redis,
  };
}

function defaultOutput({ identity: { name } }: PreparedSweep, shard: Shard | undefined): string {
  const part = shard === undefined ? '' : `.${shard.number}-of-${shard.of}`;
  return join('results', `${name}${part}.duckdb`);
}

/** Reads the profile that a run names; runs that name the same share it. */
function tellingReader(
  path: string,
  { library }: CommandFiles,
  terminal: Terminal,
): (scenario: Scenario) => ScenarioProfile {
  const told = new Set<string>();
  const read = profileReader(path, library);
  return (scenario) => {
    const found = read(scenario);
    const notes = profileNotes(found.profile.notes).filter((note) => !told.has(note));
    for (const note of notes) told.add(note);
    tell(notes, terminal);
    return found;
  };
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
    if (!outcome.isStopped) return outcome.failed === outcome.total ? 'failed' : 'ok';
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
  const live =
    settings.watch && terminal.isWatched ? await LiveResults.of(prepared, store) : undefined;
  const progress =
    live === undefined ? sweepProgress(terminal) : watchedProgress(live, process.stderr);
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
    const outcome = await runSweep(prepared, store, options, async (tasks, aborted, onStored) => {
      const onResult = (result: RunResult) => {
        live?.add(result);
        return onStored(result);
      };
      if (url === undefined) {
        return runLocally(tasks, { workers, memoryMB, signal: aborted }, onResult);
      }
      const { runOnRedis } = await import('../sweep/redis-coordinator.js');
      return runOnRedis(tasks, { url, version, sweep, signal: aborted, onNotice }, onResult);
    });
    return { outcome, signal };
  } finally {
    process.removeListener('SIGINT', onSignal);
    process.removeListener('SIGTERM', onSignal);
    progress.stop();
  }
}

/** The program's commit, if it runs from a checkout. */
function commitOf(): string {
  try {
    const cwd = fileURLToPath(new URL('.', import.meta.url));
    return execFileSync('git', ['rev-parse', 'HEAD'], { cwd, stdio: 'pipe' }).toString().trim();
  } catch {
    return 'unknown';
  }
}
