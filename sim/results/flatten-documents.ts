import type { FlattenedPolicy, FlattenedResult } from '../power/flatten/flatten-watch.js';
import { totalOfAccountsJ } from '../power/flatten/flattening-accounts.js';
import type { PowerFigures } from '../power/figures/power-figures.js';

/** Flattened power for JSON, policy by policy: figures before and after, accounts, and times lost. */
export function flattenDocuments({ flattened = [] }: FlattenedResult): object[] {
  return flattened.map(({ policy, before, after, energiesJ, lost, ways, storage, grid }: FlattenedPolicy) => ({
    ...{ policy, before: withoutLines(before), after: withoutLines(after) },
    energiesJ: { ...energiesJ, totalJ: totalOfAccountsJ(energiesJ) },
    lost,
    ...(ways.length === 0 ? {} : { ways }),
    ...(storage === undefined ? {} : { storage }),
    ...(grid === undefined ? {} : { grid }),
  }));
}

/** Figures without the lines of the spectrum. */
function withoutLines({ spectrum, ...figures }: PowerFigures): object {
  return { ...figures, spectrumStepHz: spectrum.stepHz };
}
