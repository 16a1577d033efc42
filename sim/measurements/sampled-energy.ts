import type { ImportSettings } from './import-settings.js';
import type { MeasuredRun, Told } from './figures.js';
import type { KeptSeries } from './series.js';

/** The facts that the samples of a run tell. */
export interface SampledRun {
  /** By series: energy by instruction, J. */
  readonly energyJ: readonly ReadonlyMap<string, number>[];
  /** By series: the clock that the GPU ran at, where it was not the one that was said. */
  readonly clockMHz: readonly (number | undefined)[];
  /** Powers of ranks while they waited, W. */
  readonly waitingW: readonly number[];
}

/** The energies, clocks and waiting powers that samples tell of the series of a run. */
export function energiesOfSamples(
  _run: MeasuredRun,
  kept: readonly KeptSeries[],
  _settings: ImportSettings,
  _told: Told,
): SampledRun {
  return { energyJ: kept.map(() => new Map()), clockMHz: kept.map(() => undefined), waitingW: [] };
}
