import { readdirSync, readFileSync } from 'node:fs';
import { InputError } from '../../src/errors.js';
import { nearestName } from '../../src/nearest-name.js';
import { parseHuggingFaceConfig } from '../operators/hugging-face.js';
import { shapeOfDescription, type ModelShape } from '../operators/model-shape.js';
import { parseOperatorRates, type OperatorRates } from '../operators/operator-rates.js';
import type { Machine } from '../operators/operator-time.js';
import { LIBRARY } from './catalog-files.js';
import { readUserFile } from './files.js';

/** The catalog that comes with the program; this file runs as dist/sim/disk/operator-catalog.js. */
const CATALOG = new URL('../../../scenarios/catalog/', import.meta.url);

/**
 * Names match regardless of what is put between letters and digits: `llama3-70b`, `Llama 3 70B`.
 */
const plain = (name: string) => name.toLowerCase().replaceAll(/[^a-z0-9]/g, '');

function namesIn(folder: string, ending: string): string[] {
  return readdirSync(new URL(`${folder}/`, CATALOG))
    .filter((name) => name.endsWith(ending))
    .map((name) => name.slice(0, -ending.length))
    .sort();
}

function find(name: string, names: readonly string[], kind: string, source: string): string {
  const found = names.find((known) => plain(known) === plain(name));
  if (found !== undefined) return found;
  const near = nearestName(name, names);
  const hint = near === undefined ? '' : `; did you mean "${near}"?`;
  throw InputError.of({
    source,
    message: `found ${kind} "${name}", expected one of ${names.join(', ')}${hint}`,
  });
}

/**
 * The shape of a model: from the catalog by name, a `.yaml` description or a Hugging Face
 * `config.json`.
 * @throws InputError if no model has that name, or the file is wrong.
 */
export function readModelShape(nameOrFile: string, source: string): ModelShape {
  const askedBy = { source };
  if (nameOrFile.endsWith('.json')) {
    return parseHuggingFaceConfig(
      readUserFile(nameOrFile, 'config', askedBy),
      nameOrFile,
      nameOrFile,
    );
  }
  if (/\.ya?ml$/.test(nameOrFile)) return shapeOfDescription(LIBRARY.model(nameOrFile, askedBy));
  const configs = namesIn('models', '.json');
  const names = [...configs, ...namesIn('models', '.yaml')].sort();
  const name = find(nameOrFile, names, 'model', source);
  if (!configs.includes(name)) return shapeOfDescription(LIBRARY.model(name, askedBy));
  const text = readFileSync(new URL(`models/${name}.json`, CATALOG), 'utf8');
  return parseHuggingFaceConfig(text, name, name);
}

/**
 * A GPU with known operator rates.
 * @throws InputError if no GPU has that name.
 */
export function readMachine(name: string, source: string): Machine {
  const found = find(name, namesIn('operators', '.yaml'), 'GPU', source);
  const gpu = LIBRARY.gpu(found, { source });
  return {
    name: gpu.name,
    rates: readOperatorRates(found),
    peakFlops: gpu.peakTflops.value * 1e12,
    memoryBandwidth: gpu.memoryBandwidthGBs.value * 1e9,
    peakAtMHz: gpu.peakAtMHz.value,
    lowestMHz: gpu.lowestMHz.value,
    highestMHz: gpu.highestMHz.value,
    limitW: gpu.powerLimitW.value,
  };
}

/** Rates of a GPU; a file with only `like: NAME` takes those of another GPU with the same chip. */
function readOperatorRates(name: string): OperatorRates {
  const text = readFileSync(new URL(`operators/${name}.yaml`, CATALOG), 'utf8');
  const like = /^like: (\S+)\s*$/.exec(text)?.[1];
  return like === undefined ? parseOperatorRates(text, name) : readOperatorRates(like);
}
