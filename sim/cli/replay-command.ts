import { catalogProfile } from '../hardware/catalog.js';
import { toCsv } from '../report/csv.js';
import { replayRows, replayTable } from '../report/replay-table.js';
import { replayEnergy, type ReplayedPolicy } from '../studies/replay-energy.js';
import { replayTrace, type TraceReplay } from '../studies/replay-trace.js';
import { readTrace } from '../trace/read-trace.js';
import type { Trace } from '../trace/trace.js';
import { readCatalogEntry } from './catalog-files.js';
import { readUserBytes } from './files.js';
import { OptionReader, type RawOptions } from './options.js';
import type { Terminal } from './terminal.js';
import { VERSION } from './version.js';

interface ReplayedEnergy {
  readonly gpu: string;
  readonly policies: readonly ReplayedPolicy[];
}

/** `pipewatt replay TRACE.parquet`: what a production job took, and what it could have. */
export async function replayCommand(
  path: string,
  options: RawOptions,
  terminal: Terminal,
): Promise<void> {
  const reader = new OptionReader('replay', options);
  const format = reader.choice('--format', ['table', 'json', 'csv']);
  const gpusPerRank = reader.number('--tensor-parallel', { min: 1, whole: true });
  reader.finish();
  const trace = await readTrace(readUserBytes(path), path);
  const replay = replayTrace(trace);
  const energy = energyOf(trace, options['catalog'], gpusPerRank);
  terminal.out(print(replay, energy, format));
}

function energyOf(
  trace: Trace,
  catalog: string | undefined,
  gpusPerRank: number,
): ReplayedEnergy | undefined {
  if (catalog === undefined) return undefined;
  const entry = readCatalogEntry(catalog, { source: 'pipewatt replay', field: '--catalog' });
  const { stages } = catalogProfile(entry);
  // A stage in the middle holds neither embedding nor head.
  const curve = stages[stages.length >> 1]!;
  const { blockingPowerW } = entry;
  return {
    gpu: `${entry.model} on ${entry.gpu}`,
    policies: replayEnergy(trace, { curve, blockingPowerW, gpusPerRank }),
  };
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
