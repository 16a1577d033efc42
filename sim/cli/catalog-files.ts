import { readdirSync, readFileSync } from 'node:fs';
import { dirname, isAbsolute, join } from 'node:path';
import {
  CatalogLibrary,
  type AskedBy,
  type CatalogFolder,
  type TextSource,
} from '../hardware/catalog-library.js';
import type { CatalogEntry } from '../hardware/catalog.js';
import { readUserText } from './files.js';

/** The catalog that comes with the program; this file runs as dist/sim/cli/catalog-files.js. */
const CATALOG = new URL('../../../scenarios/catalog/', import.meta.url);

const SYNTH_MODEL = 'synth-model';

/** The catalog on disk. */
const onDisk: TextSource = {
  names: (folder) =>
    readdirSync(folderOf(folder))
      .filter((name) => name.endsWith('.yaml'))
      .map((name) => name.slice(0, -'.yaml'.length))
      .filter((name) => name !== SYNTH_MODEL)
      .sort(),
  text: (folder, name) => readFileSync(new URL(`${name}.yaml`, folderOf(folder)), 'utf8'),
  synthModel: () => readFileSync(new URL(`${SYNTH_MODEL}.yaml`, CATALOG), 'utf8'),
  userFile: (path, askedBy) => {
    // A scenario names files beside it; an absolute path stays what it is.
    const source = isAbsolute(path) ? path : join(dirname(askedBy.source), path);
    return { ...readUserText(source, askedBy), source };
  },
};

function folderOf(folder: CatalogFolder): URL {
  return folder === 'entries' ? CATALOG : new URL(`${folder}/`, CATALOG);
}

/** The catalog that comes with the program, and files of the user's. */
export const LIBRARY = new CatalogLibrary(onDisk);

/**
 * An entry of the catalog.
 * @param askedBy where the name stands.
 * @throws InputError when there is none of that name.
 */
export function readCatalogEntry(name: string, askedBy: AskedBy): CatalogEntry {
  return LIBRARY.entry(name, askedBy);
}
