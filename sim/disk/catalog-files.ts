import { readdirSync, readFileSync } from 'node:fs';
import { dirname, isAbsolute, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  CATALOG_FOLDERS,
  CatalogLibrary,
  type AskedBy,
  type CatalogFolder,
  type TextSource,
} from '../hardware/catalog-library.js';
import type { CatalogEntry } from '../hardware/catalog.js';
import { readUserText } from './files.js';

/** The catalog that comes with the program; this file runs as dist/sim/disk/catalog-files.js. */
const CATALOG = new URL('../../../scenarios/catalog/', import.meta.url);

const SYNTH_MODEL = 'synth-model';

/**
 * The catalog on disk.
 * @param onRead called with every file that is read.
 */
export function catalogOnDisk(onRead: (path: string) => void): TextSource {
  const read = (url: URL) => {
    onRead(fileURLToPath(url));
    return readFileSync(url, 'utf8');
  };
  return {
    names: (folder) => {
      const { ending } = CATALOG_FOLDERS[folder];
      return readdirSync(folderOf(folder))
        .filter((name) => name.endsWith(ending))
        .map((name) => name.slice(0, -ending.length))
        .filter((name) => name !== SYNTH_MODEL)
        .sort();
    },
    text: (folder, name) =>
      read(new URL(`${name}${CATALOG_FOLDERS[folder].ending}`, folderOf(folder))),
    synthModel: () => read(new URL(`${SYNTH_MODEL}.yaml`, CATALOG)),
    userFile: (path, wanted, askedBy) => {
      // Relative paths in a scenario are relative to it; absolute paths are kept.
      const source = isAbsolute(path) ? path : join(dirname(askedBy.source), path);
      onRead(source);
      return { ...readUserText(source, wanted, askedBy), source };
    },
  };
}

function folderOf(folder: CatalogFolder): URL {
  const { path } = CATALOG_FOLDERS[folder];
  return path === '' ? CATALOG : new URL(path, CATALOG);
}

/** The catalog that comes with the program, and files of the user's. */
export const LIBRARY = new CatalogLibrary(catalogOnDisk(() => undefined));

/**
 * An entry of the catalog.
 * @param askedBy the place where the name is written.
 * @throws InputError if no entry has that name.
 */
export function readCatalogEntry(name: string, askedBy: AskedBy): CatalogEntry {
  return LIBRARY.entry(name, askedBy);
}
