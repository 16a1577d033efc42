import { understood } from '../../src/vocabulary.js';
import type { AskedBy, CatalogLibrary } from '../hardware/catalog-library.js';
import type { GpuDescription } from '../hardware/gpu-description.js';
import { parseHuggingFaceConfig } from './hugging-face.js';
import { shapeOfDescription, type ModelShape } from './model-shape.js';
import { parseOperatorRates, type OperatorRates } from './operator-rates.js';
import type { Machine } from './operator-time.js';

/** Names are the same whatever people put between letters and digits: `llama3-70b`, `Llama 3 70B`. */
const plain = (name: string) => name.toLowerCase().replaceAll(/[^a-z0-9]/g, '');

/** The name among others that a spelling means; undefined if it means none. */
export function spelledName(names: readonly string[], name: string): string | undefined {
  return understood({ names }, name) ?? names.find((known) => plain(known) === plain(name));
}

/**
 * The shape of a model: of the catalog by name, a `.yaml` description or a Hugging Face `config.json`
 * of the user's.
 * @throws InputError if there is none of that name, or the file is wrong.
 */
export function modelShape(
  library: CatalogLibrary,
  nameOrFile: string,
  askedBy: AskedBy,
): ModelShape {
  if (nameOrFile.endsWith('.json')) {
    const { text, source } = library.userFile(nameOrFile, 'config', askedBy);
    return parseHuggingFaceConfig(text, source, nameOrFile);
  }
  const config = spelledName(library.names('configs'), nameOrFile);
  if (config !== undefined) {
    return parseHuggingFaceConfig(library.text('configs', config), config, config);
  }
  return shapeOfDescription(library.model(nameOrFile, askedBy));
}

/** Whether a name or a file is that of a Hugging Face `config.json`. */
export function isConfig(library: CatalogLibrary, nameOrFile: string): boolean {
  return (
    nameOrFile.endsWith('.json') || spelledName(library.names('configs'), nameOrFile) !== undefined
  );
}

/**
 * The rates and limits of a GPU of the catalog; undefined if its rates of operators are not known.
 * @param name as it was asked for.
 */
export function machineOf(
  library: CatalogLibrary,
  name: string,
  gpu: GpuDescription,
): Machine | undefined {
  const known = spelledName(library.names('operators'), name);
  if (known === undefined) return undefined;
  return {
    name: gpu.name,
    rates: ratesOf(library, known),
    peakFlops: gpu.peakTflops.value * 1e12,
    memoryBandwidth: gpu.memoryBandwidthGBs.value * 1e9,
    peakAtMHz: gpu.peakAtMHz.value,
    lowestMHz: gpu.lowestMHz.value,
    highestMHz: gpu.highestMHz.value,
    limitW: gpu.powerLimitW.value,
  };
}

/** Rates of a GPU; a file that has only `like: NAME` has those of another with the same chip. */
function ratesOf(library: CatalogLibrary, name: string): OperatorRates {
  const text = library.text('operators', name);
  const like = /^like: (\S+)\s*$/.exec(text)?.[1];
  return like === undefined ? parseOperatorRates(text, name) : ratesOf(library, like);
}
