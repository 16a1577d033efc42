import { visibleLine } from '../../src/visible.js';
import { readStageProfile } from '../../src/profile/read-csv.js';
import { catalogProfile } from '../hardware/catalog.js';
import { brokenSentences, replayRows, replayTable } from '../report/text/replay-table.js';
import { energyEstimate, type AssumedGpus } from '../replay/replay-energy.js';
import { watchedReplay, type TraceReplay } from '../replay/replay-trace.js';
import type { Estimate } from '../scenario/estimate.js';
import { gpusPerRank } from '../replay/traced-job.js';
import { readTrace } from '../replay/read-trace.js';
import { LIBRARY, readCatalogEntry } from '../disk/catalog-files.js';
import type { Call } from './declare.js';
import { readUserBytes, readUserText } from '../disk/files.js';
import { CommandFiles } from './command-files.js';
import { printed } from './formats.js';
import { OptionReader } from './options.js';
import { estimateOfFile } from '../scenario/scenario-profile.js';
import { tellOfProfile } from './profile-notes.js';
import type { replay as declared } from './replay-options.js';
import { shownIndex, writePictures } from './replay-pictures.js';
import { checkTraceName } from './trace-file.js';
import { VERSION } from './version.js';

/** `pipewatt replay TRACE.parquet`: the time and energy of a production job, and its what-ifs. */
export async function replayCommand(call: Call<typeof declared>): Promise<void> {
  const { terminal } = call;
  const [path] = call.args;
  const options = new OptionReader(call);
  const format = options.get('--format');
  const gpusPerTracedRank = options.get('--tensor-parallel');
  const blockingPowerW = options.get('--blocking-power');
  const catalog = options.get('--catalog');
  const profile = options.get('--profile');
  if (catalog !== undefined && profile !== undefined) {
    options.complain('--catalog, --profile', 'found both, expected one of them');
  }
  if (profile !== undefined) options.needed('--blocking-power');
  checkTraceName(options);
  const files = new CommandFiles(call);
  for (const input of [path, profile]) if (input !== undefined) files.reads(input);
  for (const flag of ['--report', '--trace'] as const) files.writes(flag, options.get(flag));
  if (options.get('--step') !== undefined && options.get('--report') === undefined) {
    options.complain('--step', 'is for the --report, which is missing');
  }
  const gathering = options.gathered();
  const curves = gathering.attempt(() => curvesOf(catalog, profile, blockingPowerW));
  const read = await gathering.attemptAsync(() => readTrace(readUserBytes(path, 'trace'), path));
  files.checkOutputs(gathering);
  gathering.throwIfAny();
  const trace = read!;
  const watched = watchedReplay(trace);
  const { replay } = watched;
  const shown = shownIndex(watched, options);
  const estimated =
    curves && energyEstimate(trace, curves, gpusPerTracedRank ?? gpusPerRank(trace));
  const energy = estimated?.estimate;
  if (format === 'csv') terminal.err(told(replay));
  tellOfProfile(curves?.estimate, curves?.profile.notes, terminal);
  const contents = {
    table: () => replayTable(replay, energy),
    json: () => ({ pipewatt: VERSION, ...replay, energy: energy ?? null }),
    csv: () => replayRows(replay),
  };
  const text = await printed(format, contents);
  await writePictures({ trace, watched, estimated, shown }, options, files, terminal);
  terminal.out(text);
}

/** The GPUs assumed, and the likely errors of their profile. */
interface Curves extends AssumedGpus {
  readonly estimate?: Estimate | undefined;
}

function curvesOf(
  catalog: string | undefined,
  file: string | undefined,
  blockingPowerW: number | undefined,
): Curves | undefined {
  if (catalog !== undefined) {
    const entry = readCatalogEntry(catalog, { source: 'pipewatt replay', field: '--catalog' });
    return {
      profile: catalogProfile(entry),
      title: `${entry.model} on ${entry.gpu}`,
      blockingPowerW: blockingPowerW ?? entry.blockingPowerW,
    };
  }
  if (file === undefined) return undefined;
  const { text, note } = readUserText(file, 'profile', {
    source: 'pipewatt replay',
    field: '--profile',
  });
  const profile = readStageProfile(text, file, note);
  // If it is missing, a message already says so.
  if (blockingPowerW === undefined) return undefined;
  return { profile, title: file, blockingPowerW, estimate: estimateOfFile(text, LIBRARY) };
}

/** Notes that rows of steps have no place for. */
function told(replay: TraceReplay): string {
  const { doubts, leftOut } = replay;
  const sentences = [
    ...[...doubts, ...leftOut].map((sentence) => `${sentence}.`),
    ...brokenSentences(replay),
  ];
  return sentences.map((sentence) => `${visibleLine(sentence)}\n`).join('');
}
