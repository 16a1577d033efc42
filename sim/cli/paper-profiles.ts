import { catalogProfile } from '../hardware/catalog.js';
import type { MeasuredJobCase, PaperProfile } from '../judge/suites.js';
import { measuredJobProfile } from '../scenario/scenario-profile.js';
import { LIBRARY, readCatalogEntry } from '../disk/catalog-files.js';

/** The emulated jobs of the paper. */
const PAPER = ['gpt3-175b-a100-sxm', 'gpt3-175b-a40', 'bloom-176b-a100-sxm', 'bloom-176b-a40'];

/** The curves of the catalog from which the suites `paper` and `tiny` are made. */
export function paperProfiles(command: string): PaperProfile[] {
  return PAPER.map((name) => {
    const entry = readCatalogEntry(name, { source: `pipewatt ${command}`, field: '--suite' });
    const { blockingPowerW } = entry;
    const profile = catalogProfile(entry);
    return { name, source: { askedBy: name, profile, scale: 1, blockingPowerW, title: name } };
  });
}

/** The measured jobs of the catalog, from which the suite `measured` is made. */
export function measuredJobCases(command: string): MeasuredJobCase[] {
  return LIBRARY.measuredNames().map((name) => {
    const model = LIBRARY.measuredJob(name, { source: `pipewatt ${command}`, field: '--suite' });
    return {
      name,
      source: measuredJobProfile(model, name),
      microbatches: model.microbatches,
      tensorParallel: model.gpusPerStage,
    };
  });
}
