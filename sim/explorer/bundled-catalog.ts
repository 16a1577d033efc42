import { wrongKind } from '../../src/file-kinds.js';
import { InputError } from '../../src/errors.js';
import {
  CATALOG_FOLDERS,
  CatalogLibrary,
  type CatalogFolder,
  type TextSource,
} from '../hardware/catalog-library.js';
import type { ProfileFile } from './what-if.js';

/** Texts of the catalog's files, by path below `scenarios/catalog/`: `gpus/a40.yaml`. */
export type CatalogTexts = ReadonlyMap<string, string>;

const SYNTH_MODEL = 'synth-model.yaml';

/** The catalog bundled into the page; of the user's files it has only the given one. */
export function bundledCatalog(texts: CatalogTexts, csv?: ProfileFile): CatalogLibrary {
  const textOf = (path: string) => {
    const text = texts.get(path);
    if (text === undefined) throw new Error(`the catalog has no ${path}`);
    return text;
  };
  const source: TextSource = {
    names: (folder) => namesIn(texts, folder),
    text: (folder, name) => {
      const { path, ending } = CATALOG_FOLDERS[folder];
      return textOf(`${path}${name}${ending}`);
    },
    synthModel: () => textOf(SYNTH_MODEL),
    userFile: (path, wanted, askedBy) => {
      if (path === csv?.name) {
        const message = wrongKind(new TextEncoder().encode(csv.text), path, wanted);
        if (message !== undefined) throw InputError.of({ source: path, message });
        return { text: csv.text, source: path };
      }
      throw InputError.of({
        ...askedBy,
        message: `${path} cannot be read: the page cannot open files by itself; drop it here too`,
      });
    },
  };
  return new CatalogLibrary(source);
}

/** Names in a folder of the catalog, sorted, without ending. */
export function namesIn(texts: CatalogTexts, folder: CatalogFolder): string[] {
  const { path: prefix, ending } = CATALOG_FOLDERS[folder];
  return [...texts.keys()]
    .filter((path) => path.startsWith(prefix) && path.endsWith(ending) && path !== SYNTH_MODEL)
    .map((path) => path.slice(prefix.length, -ending.length))
    .filter((name) => !name.includes('/'))
    .sort();
}
