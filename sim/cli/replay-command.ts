import { catalogProfile, type CatalogEntry } from '../hardware/catalog.js';
import { toCsv } from '../report/csv.js';
import {
  brokenSentences,
  replayRows,
  replayTable,
  type ReplayedEnergy,
} from '../report/replay-table.js';
import { replayEnergy } from '../studies/replay-energy.js';
import { replayTrace, type TraceReplay } from '../studies/replay-trace.js';
import { gpusPerRank } from '../studies/traced-job.js';
import { readTrace } from '../trace/read-trace.js';
import type { Trace } from '../trace/trace.js';
import { readCatalogEntry } from './catalog-files.js';
import { readUserBytes } from './files.js';
import { OptionReader, type RawOptions } from './options.js';
import type { Terminal } from './terminal.js';
import { VERSION } from './version.js';

/** `pipewatt replay TRACE.parquet`: what a production job took, and what it could have. */
export async function replayCommand(
  path: string,
  options: RawOptions,
  terminal: Terminal,
): Promise<void> {
  const reader = new OptionReader('replay', options);
  const format = reader.choice('--format', ['table', 'json', 'csv']);
  const gpusPerTracedRank = reader.optionalNumber('--tensor-parallel', { min: 1, whole: true });
  const blockingPowerW = reader.optionalNumber('--blocking-power', { above: 0, unit: 'W' });
  reader.finish();
  const entry = entryOf(options['catalog']);
  const trace = await readTrace(readUserBytes(path), path);
  const replay = replayTrace(trace);
  const energy =
    entry === undefined
      ? undefined
      : energyOf(trace, entry, {
          blockingPowerW: blockingPowerW ?? entry.blockingPowerW,
          gpusPerRank: gpusPerTracedRank ?? gpusPerRank(trace),
        });
  if (format === 'csv') terminal.err(told(replay));
  terminal.out(print(replay, energy, format));
}

function entryOf(name: string | undefined): CatalogEntry | undefined {
  if (name === undefined) return undefined;
  return readCatalogEntry(name, { source: 'pipewatt replay', field: '--catalog' });
}

function energyOf(
  trace: Trace,
  entry: CatalogEntry,
  gpu: Pick<ReplayedEnergy, 'blockingPowerW' | 'gpusPerRank'>,
): ReplayedEnergy {
  const { stages } = catalogProfile(entry);
  // A stage in the middle holds neither embedding nor head.
  const curve = stages[stages.length >> 1]!;
  return {
    gpu: `${entry.model} on ${entry.gpu}`,
    ...gpu,
    policies: replayEnergy(trace, { curve, ...gpu }),
  };
}

/** What rows of steps cannot say. */
function told(replay: TraceReplay): string {
  const sentences = [...replay.leftOut.map((left) => `${left}.`), ...brokenSentences(replay)];
  return sentences.map((sentence) => `${sentence}\n`).join('');
}

function print(
  replay: TraceReplay,
  energy: ReplayedEnergy | undefined,
  format: 'table' | 'json' | 'csv',
): string {
  if (format === 'table') return replayTable(replay, energy);
  if (format === 'csv') return toCsv(replayRows(replay));
  const document = { pipewatt: VERSION, ...replay, energy: energy ?? null };
  return `${JSON.stringify(document, undefined, 2)}\n`;
}
