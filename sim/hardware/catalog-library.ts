import { InputError, type Problem } from '../../src/errors.js';
import type { FileKind } from '../../src/file-kinds.js';
import { suggestion, understood } from '../../src/vocabulary.js';
import { parseCatalogEntry, type CatalogEntry } from './catalog.js';
import { parseGpu, type GpuDescription } from './gpu-description.js';
import { parseMeasuredJob, type MeasuredJobModel } from './measured-job.js';
import { parseModel, type ModelDescription } from './model-description.js';
import { parseSynthModel, type SynthModel } from './synth-model.js';

/** The place where a name is written, for messages. */
export type AskedBy = Pick<Problem, 'source' | 'field'>;

/** The contents of a user's file. */
export interface UserFile {
  readonly text: string;
  /** Its path, for messages. */
  readonly source: string;
  /** A note on its encoding, if that was guessed. */
  readonly note?: string;
}

/** Where each kind of description lies below `scenarios/catalog/`, and how names of its files end. */
export const CATALOG_FOLDERS = {
  /** Fitted curves. */
  entries: { path: '', ending: '.yaml' },
  /** Jobs whose plans were executed. */
  measured: { path: 'measured/', ending: '.yaml' },
  gpus: { path: 'gpus/', ending: '.yaml' },
  models: { path: 'models/', ending: '.yaml' },
  /** Models as Hugging Face describes them. */
  configs: { path: 'models/', ending: '.json' },
  /** Rates that operators reach on a GPU. */
  operators: { path: 'operators/', ending: '.yaml' },
} as const;

/** A kind of description in the catalog. */
export type CatalogFolder = keyof typeof CATALOG_FOLDERS;

/** Names of files leave it out. */
const MAKER = /^(?:NVIDIA|AMD(?: Instinct)?) /;

/** The source of texts: a disk, or texts bundled into a page. */
export interface TextSource {
  /** Names in a folder of the catalog, sorted, without extension. */
  names(folder: CatalogFolder): readonly string[];
  /** Text of a name returned by `names`. */
  text(folder: CatalogFolder, name: string): string;
  /** Text of the synthesis model. */
  synthModel(): string;
  /**
   * A file of the user's, beside the scenario that names it or at its path.
   * @param wanted the expected kind of file.
   * @throws InputError if it cannot be read, or is of another kind.
   */
  userFile(path: string, wanted: FileKind, askedBy: AskedBy): UserFile;
}

/** Reads the catalog by name, and descriptions from the user's files. */
export class CatalogLibrary {
  constructor(private readonly source: TextSource) {}

  /**
   * An entry of fitted curves.
   * @throws InputError if no entry has that name.
   */
  entry(name: string, askedBy: AskedBy): CatalogEntry {
    const text = this.named(['entries', 'measured'], name, askedBy);
    return parseCatalogEntry(text, `catalog entry ${name}`);
  }

  /** Names of the measured jobs, sorted. */
  measuredNames(): readonly string[] {
    return this.source.names('measured');
  }

  /**
   * A job as fitted to its executed plans.
   * @throws InputError if no job has that name.
   */
  measuredJob(name: string, askedBy: AskedBy): MeasuredJobModel {
    return parseMeasuredJob(this.named(['measured'], name, askedBy));
  }

  /** A GPU's description: from the catalog by name, or a YAML file of the user's. */
  gpu(nameOrFile: string, askedBy: AskedBy): GpuDescription {
    return this.description('gpus', 'gpu', nameOrFile, askedBy, parseGpu);
  }

  /** A model's description: from the catalog by name, or a YAML file of the user's. */
  model(nameOrFile: string, askedBy: AskedBy): ModelDescription {
    return this.description('models', 'model', nameOrFile, askedBy, parseModel);
  }

  /**
   * The name in a folder of what a title means: `a100-sxm` of "NVIDIA A100 SXM"; undefined if there is
   * none.
   */
  nameOf(folder: CatalogFolder, title: string): string | undefined {
    return understood({ names: this.source.names(folder) }, title.replace(MAKER, ''));
  }

  /** Names in folders of the catalog, sorted. */
  names(...folders: readonly CatalogFolder[]): readonly string[] {
    return folders.flatMap((folder) => this.source.names(folder)).sort();
  }

  /**
   * The text that a folder has under a name.
   * @throws Error when it has none; `nameOf` finds names.
   */
  text(folder: CatalogFolder, name: string): string {
    return this.source.text(folder, name);
  }

  /** The model with which profiles are synthesized. */
  synthModel(): SynthModel {
    return parseSynthModel(this.source.synthModel());
  }

  /** A file of the user's. */
  userFile(path: string, wanted: FileKind, askedBy: AskedBy): UserFile {
    return this.source.userFile(path, wanted, askedBy);
  }

  private description<T>(
    folder: CatalogFolder,
    kind: FileKind,
    nameOrFile: string,
    askedBy: AskedBy,
    parse: (text: string, source: string) => T,
  ): T {
    if (!/\.ya?ml$/.test(nameOrFile)) {
      return parse(this.named([folder], nameOrFile, askedBy), nameOrFile);
    }
    const { text, source } = this.source.userFile(nameOrFile, kind, askedBy);
    return parse(text, source);
  }

  private named(folders: readonly CatalogFolder[], name: string, askedBy: AskedBy): string {
    for (const folder of folders) {
      const known = understood({ names: this.source.names(folder) }, name);
      if (known !== undefined) return this.source.text(folder, known);
    }
    const names = folders.flatMap((folder) => this.source.names(folder));
    const hint = suggestion({ names }, name);
    const hasFiles = folders.every((folder) => folder === 'gpus' || folder === 'models');
    const files = hasFiles ? ', or a .yaml file' : '';
    throw InputError.of({
      ...askedBy,
      message: `found "${name}", expected one of ${names.join(', ')}${files}${hint}`,
    });
  }
}
