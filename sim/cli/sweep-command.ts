import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { InputError } from '../../src/errors.js';
import type { FinishedSweep } from '../report/html/sweep-report.js';
import { estimateNotes } from '../report/run-sentences.js';
import { planningKey, PlanCache } from '../studies/plan-cache.js';
import { loadProfile } from '../studies/scenario-profile.js';
import { parseSweep, type Sweep, type SweepRun } from '../studies/sweep.js';
import type { ScenarioProfile } from '../studies/scenario-setting.js';
import { exportResults, makeFinalTable } from '../sweep/final-table.js';
import { runOnRedis } from '../sweep/redis-coordinator.js';
import { doRun } from '../sweep/run-result.js';
import { prepareRuns, runSweep, type PreparedRun, type SweepOutcome } from '../sweep/run-sweep.js';
import { isOfShard, parseShard, type Shard } from '../sweep/shard.js';
import { SweepStore } from '../sweep/store.js';
import { LIBRARY } from './catalog-files.js';
import { checkWritable, readUserFile, writeUserFile } from './files.js';
import { OptionReader, type RawOptions } from './options.js';
import { sweepProgress } from './sweep-progress.js';
import type { Terminal } from './terminal.js';
import { VERSION } from './version.js';

interface SweepSettings {
  readonly workers: number;
  readonly shard: Shard | undefined;
  readonly output: string | undefined;
  readonly exportTo: string | undefined;
  readonly report: string | undefined;
  readonly failFast: boolean;
  readonly rerunChanged: boolean;
  readonly dryRun: boolean;
  readonly redis: string | undefined;
}

/** `pipewatt sweep SWEEP.yaml`: many scenarios, on all cores, into one file of results. */
export async function sweepCommand(
  path: string,
  options: RawOptions & Readonly<Record<string, unknown>>,
  terminal: Terminal,
): Promise<void> {
  const settings = settingsOf(options);
  const files = [{ name: basename(path), text: readUserFile(path) }];
  const sweep = parseSweep(files[0]!.text, path, (base) => {
    const source = join(dirname(path), base);
    const text = readUserFile(source, { source: path, field: 'base' });
    files.push({ name: base, text });
    return { text, source };
  });
  const { shard } = settings;
  const ofShard = sweep.runs.filter(({ index }) => shard === undefined || isOfShard(index, shard));
  const runs = prepareRuns(ofShard, profileReader(path), VERSION);
  if (settings.dryRun) {
    terminal.out(await dryRun(runs, settings.workers));
    return;
  }
  const output = settings.output ?? defaultOutput(sweep, shard);
  if (settings.report !== undefined) checkWritable(settings.report);
  const outcome = await intoFile(sweep, runs, output, files, settings, terminal);
  terminal.out(summary(sweep, outcome, output));
  terminal.err(estimates(runs));
}

function settingsOf(options: RawOptions & Readonly<Record<string, unknown>>): SweepSettings {
  const reader = new OptionReader('sweep', options);
  const workers = reader.optionalNumber('--workers', { min: 1, whole: true });
  const text = options['shard'];
  const shard = text === undefined ? undefined : parseShard(text, process.env);
  if (typeof shard === 'string') reader.complain('--shard', shard);
  reader.finish();
  return {
    workers: workers ?? availableParallelism(),
    shard: typeof shard === 'string' ? undefined : shard,
    output: options['output'],
    exportTo: options['export'],
    report: options['report'],
    failFast: options['failFast'] !== undefined,
    rerunChanged: options['rerunChanged'] !== undefined,
    dryRun: options['dryRun'] !== undefined,
    redis: options['redis'],
  };
}

function defaultOutput({ name }: Sweep, shard: Shard | undefined): string {
  const part = shard === undefined ? '' : `.${shard.number}-of-${shard.of}`;
  return join('results', `${name}${part}.duckdb`);
}

/** Runs that name the same profile share it. */
function profileReader(path: string): (run: SweepRun) => ScenarioProfile {
  const known = new Map<string, ScenarioProfile>();
  return ({ scenario }) => {
    const { profile, pipeline, tensorParallel } = scenario;
    const key = JSON.stringify([profile, pipeline.stages, pipeline.chunks, tensorParallel]);
    const found = known.get(key) ?? loadProfile(scenario, path, LIBRARY);
    known.set(key, found);
    return found;
  };
}

async function intoFile(
  sweep: Sweep,
  runs: readonly PreparedRun[],
  output: string,
  files: FinishedSweep['files'],
  settings: SweepSettings,
  terminal: Terminal,
): Promise<SweepOutcome> {
  if (!existsSync(dirname(output))) mkdirSync(dirname(output), { recursive: true });
  const store = await SweepStore.open(output);
  const progress = sweepProgress(terminal);
  const stop = new AbortController();
  const onInterrupt = () => {
    stop.abort();
  };
  process.once('SIGINT', onInterrupt);
  try {
    const provenance = { sweep: sweep.name, version: VERSION, commit: commitOf() };
    const options = { ...settings, output, signal: stop.signal, onProgress: progress.update };
    const { redis } = settings;
    const outcome = await runSweep(
      runs,
      store,
      provenance,
      options,
      redis === undefined
        ? undefined
        : (tasks, signal, onResult) => runOnRedis(redis, VERSION, tasks, signal, onResult),
    );
    if (!outcome.isStopped) {
      const seed = runs.some(({ parameters }) => 'seed' in parameters) ? ['seed'] : [];
      const fields = [...new Set([...sweep.fields, ...seed])];
      const policies = [...new Set(runs.flatMap(({ scenario }) => scenario.policies))];
      await makeFinalTable(store, fields, policies);
      if (settings.exportTo !== undefined) await exportResults(store, settings.exportTo);
      if (settings.report !== undefined) {
        const { sweepReport } = await import('../report/html/sweep-report.js');
        const finished = { ...(await finishedSweep(store, fields)), name: sweep.name, files };
        writeUserFile(settings.report, await sweepReport(finished));
      }
    }
    return outcome;
  } finally {
    process.removeListener('SIGINT', onInterrupt);
    progress.stop();
    store.close();
  }
}

/** What a report shows of a store whose sweep is done. */
async function finishedSweep(
  store: SweepStore,
  fields: readonly string[],
): Promise<Omit<FinishedSweep, 'name' | 'files'>> {
  const { version = VERSION, commit = 'unknown' } = await store.provenance();
  const described = await store.query('DESCRIBE results');
  const names = described.map((row) => String(row['column_name']));
  const failed = await store.query(
    "SELECT run, error FROM runs WHERE status = 'failed' ORDER BY run",
  );
  return {
    version,
    commit,
    fields,
    columns: await store.columns('results', names),
    runs: (await store.runs()).length,
    failures: failed.map((row) => ({ run: Number(row['run']), error: String(row['error']) })),
  };
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

function summary(sweep: Sweep, outcome: SweepOutcome, output: string): string {
  const { total, before, done, failed, isStopped } = outcome;
  const earlier = before === 0 ? '' : `, ${before} before`;
  const stopped = isStopped ? '; stopped: the same command goes on' : '';
  return `${sweep.name}: ${done} of ${total} runs done now${earlier}, ${failed} failed${stopped}; results in ${output}\n`;
}

/** What is known of the errors of profiles that nobody measured. */
function estimates(runs: readonly PreparedRun[]): string {
  const notes = runs.flatMap(({ profile: { title, estimate } }) =>
    estimate === undefined ? [] : estimateNotes(estimate).map((note) => `${title}: ${note}\n`),
  );
  return [...new Set(notes)].join('');
}

/** Runs that are tried to say how long all of them take. */
const PROBED_RUNS = 5;

/** How many runs there are, how much they share, and how long they take by a probe. */
async function dryRun(runs: readonly PreparedRun[], workers: number): Promise<string> {
  const [first] = runs;
  if (first === undefined)
    throw InputError.of({ source: 'pipewatt sweep', message: 'has no runs' });
  const frontiers = new Set(runs.map(({ scenario }) => planningKey(scenario)));
  const every = Math.max(1, Math.floor(runs.length / PROBED_RUNS));
  const probed = runs.filter((_, k) => k % every === 0).slice(0, PROBED_RUNS);
  let planningMs = 0;
  let runningMs = 0;
  for (const run of probed) {
    const cache = new PlanCache();
    const startMs = performance.now();
    await doRun(run, cache);
    const middleMs = performance.now();
    await doRun(run, cache);
    const againMs = performance.now() - middleMs;
    runningMs += againMs / probed.length;
    planningMs += Math.max(0, middleMs - startMs - againMs) / probed.length;
  }
  const totalS = (frontiers.size * planningMs + runs.length * runningMs) / 1e3 / workers;
  return [
    `${runs.length} runs, ${frontiers.size} frontiers to plan`,
    `by a probe of ${probed.length}: ${planningMs.toFixed(0)} ms to plan a frontier, ${runningMs.toFixed(0)} ms for a run on it`,
    `about ${totalS.toFixed(0)} s on ${workers} workers`,
    '',
  ].join('\n');
}
