import { catalogProfile } from '../hardware/catalog.js';
import { scaleProfile } from '../../src/profile/stage-profile.js';
import type { MeasuredChip, MeasuredProfile } from '../operators/leave-chip-out.js';
import { readCatalogEntry, LIBRARY } from './catalog-files.js';
import { readMachine, readModelShape } from './operator-catalog.js';

/** Models with measured stages in the catalog, on each of the chips. */
const MODELS = ['gpt3-175b', 'bloom-176b'];

/** The measured boards, and their numbers of processors (datasheets). */
const BOARDS = [
  // Draws up to 480 W: a board with a limit of 500 W, not of the usual 400.
  { name: 'a100-sxm', limitW: 500, processors: 108 },
  { name: 'a40', limitW: 300, processors: 84 },
];

/** The clock at which an H100's products ran when its rates were measured (kernels/). */
const H100 = { name: 'h100-sxm', heldMHz: 1356, processors: 132 };

/** The chips of the catalog with measured stage profiles. */
export function measuredChips(source: string): MeasuredChip[] {
  const otherwise = { ...H100, machine: readMachine(H100.name, source) };
  return BOARDS.map(({ name, limitW, processors }) => {
    const machine = readMachine(name, source);
    const gpu = LIBRARY.gpu(name, { source });
    return {
      name,
      limitW,
      machine,
      facts: {
        peakFlops: machine.peakFlops,
        peakAtMHz: machine.peakAtMHz,
        memoryBandwidth: machine.memoryBandwidth,
        lowestMHz: machine.lowestMHz,
        highestMHz: machine.highestMHz,
        processors,
        usualLimitW: machine.limitW,
        idleW: gpu.idlePowerW!.value,
        waitingW: gpu.blockingPowerW.value,
      },
      profiles: MODELS.map((model) => measuredProfile(model, name, source)),
      otherwise,
    };
  });
}

function measuredProfile(model: string, gpu: string, source: string): MeasuredProfile {
  const name = `${model}-${gpu}`;
  const entry = readCatalogEntry(name, { source });
  return {
    name,
    // The artifact's software of 2022 had no fused attention, and did not pad the vocabulary.
    shape: { ...readModelShape(model, source), isUnfused: true },
    profile: scaleProfile(catalogProfile(entry), entry.scale),
  };
}
