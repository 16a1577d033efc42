import { InputError } from '../../src/errors.js';
import { nearestName } from '../../src/nearest-name.js';
import { machineOf, modelShape, spelledName } from '../operators/catalog-operators.js';
import { parseHuggingFaceConfig } from '../operators/hugging-face.js';
import type { ModelShape } from '../operators/model-shape.js';
import type { Machine } from '../operators/operator-time.js';
import { LIBRARY } from './catalog-files.js';
import { readUserFile } from './files.js';

function find(name: string, names: readonly string[], kind: string, source: string): string {
  const found = spelledName(names, name);
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
  const name = /\.ya?ml$/.test(nameOrFile)
    ? nameOrFile
    : find(nameOrFile, LIBRARY.names('configs', 'models'), 'model', source);
  return modelShape(LIBRARY, name, askedBy);
}

/**
 * A GPU with known operator rates.
 * @throws InputError if no GPU has that name.
 */
export function readMachine(name: string, source: string): Machine {
  const found = find(name, LIBRARY.names('operators'), 'GPU', source);
  return machineOf(LIBRARY, found, LIBRARY.gpu(found, { source }))!;
}
