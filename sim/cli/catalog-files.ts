import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, isAbsolute, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { InputError, type Problem } from '../../src/errors.js';
import { nearestName } from '../../src/nearest-name.js';
import { parseCatalogEntry, type CatalogEntry } from '../hardware/catalog.js';
import { parseGpu, type GpuDescription } from '../hardware/gpu-description.js';
import { parseModel, type ModelDescription } from '../hardware/model-description.js';
import { parseSynthModel, type SynthModel } from '../hardware/synth-model.js';
import { readUserFile } from './files.js';

/** The catalog that comes with the program; this file runs as dist/sim/cli/catalog-files.js. */
const CATALOG = new URL('../../../scenarios/catalog/', import.meta.url);

type Where = Pick<Problem, 'source' | 'field'>;

/**
 * An entry of the catalog.
 * @param askedBy where the name stands.
 * @throws InputError when there is none of that name.
 */
export function readCatalogEntry(name: string, askedBy: Where): CatalogEntry {
  return parseCatalogEntry(textOf('', name, askedBy));
}

/** A GPU's description: of the catalog by name, or a YAML file of the user's. */
export function readGpu(nameOrFile: string, askedBy: Where): GpuDescription {
  return readDescription('gpus/', nameOrFile, askedBy, parseGpu);
}

/** A model's description: of the catalog by name, or a YAML file of the user's. */
export function readModel(nameOrFile: string, askedBy: Where): ModelDescription {
  return readDescription('models/', nameOrFile, askedBy, parseModel);
}

/** What profiles are synthesized with. */
export function readSynthModel(): SynthModel {
  return parseSynthModel(readFileSync(pathOf('synth-model'), 'utf8'));
}

function readDescription<T>(
  folder: string,
  nameOrFile: string,
  askedBy: Where,
  parse: (text: string, source: string) => T,
): T {
  if (!/\.ya?ml$/.test(nameOrFile)) return parse(textOf(folder, nameOrFile, askedBy), nameOrFile);
  // A scenario names files beside it.
  const beside = join(dirname(askedBy.source), nameOrFile);
  const file = !isAbsolute(nameOrFile) && existsSync(beside) ? beside : nameOrFile;
  return parse(readUserFile(file, askedBy), file);
}

function textOf(folder: string, name: string, askedBy: Where): string {
  const names = namesIn(folder);
  if (names.includes(name)) return readFileSync(pathOf(`${folder}${name}`), 'utf8');
  const near = nearestName(name, names);
  const hint = near === undefined ? '' : `; did you mean "${near}"?`;
  const files = folder === '' ? '' : ', or a .yaml file';
  throw InputError.of({
    ...askedBy,
    message: `found "${name}", expected one of ${names.join(', ')}${files}${hint}`,
  });
}

function namesIn(folder: string): string[] {
  return readdirSync(new URL(folder, CATALOG))
    .filter((name) => name.endsWith('.yaml') && name !== 'synth-model.yaml')
    .map((name) => name.slice(0, -'.yaml'.length))
    .sort();
}

function pathOf(name: string): string {
  return fileURLToPath(new URL(`${name}.yaml`, CATALOG));
}
