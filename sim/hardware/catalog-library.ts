import { InputError, type Problem } from '../../src/errors.js';
import { nearestName } from '../../src/nearest-name.js';
import { parseCatalogEntry, type CatalogEntry } from './catalog.js';
import { parseGpu, type GpuDescription } from './gpu-description.js';
import { parseMeasuredJob, type MeasuredJobModel } from './measured-job.js';
import { parseModel, type ModelDescription } from './model-description.js';
import { parseSynthModel, type SynthModel } from './synth-model.js';

/** Where a name stands, for messages. */
export type AskedBy = Pick<Problem, 'source' | 'field'>;

/** What lies in the catalog: fitted curves, measured jobs, GPUs and models. */
export type CatalogFolder = 'entries' | 'measured' | 'gpus' | 'models';

/** Where texts come from: a disk, or what was bundled into a page. */
export interface TextSource {
  /** Names in a folder of the catalog, sorted, without ending. */
  names(folder: CatalogFolder): readonly string[];
  /** Text of a name that `names` gave. */
  text(folder: CatalogFolder, name: string): string;
  /** Text of the synthesis model. */
  synthModel(): string;
  /**
   * A file of the user's, beside the scenario that names it or where its path says.
   * @throws InputError when it cannot be read.
   */
  userFile(path: string, askedBy: AskedBy): UserFile;
}

/** A file of the user's. */
export interface UserFile {
  readonly text: string;
  /** Its path, for messages. */
  readonly source: string;
  /** What was guessed of its encoding. */
  readonly note?: string;
}

/** Reads the catalog by name, and descriptions in files of the user's. */
export class CatalogLibrary {
  constructor(private readonly source: TextSource) {}

  /**
   * An entry of fitted curves.
   * @throws InputError when there is none of that name.
   */
  entry(name: string, askedBy: AskedBy): CatalogEntry {
    return parseCatalogEntry(this.named(['entries', 'measured'], name, askedBy));
  }

  /** Names of the measured jobs, sorted. */
  measuredNames(): readonly string[] {
    return this.source.names('measured');
  }

  /**
   * A job as fitted to its executed plans.
   * @throws InputError when there is none of that name.
   */
  measuredJob(name: string, askedBy: AskedBy): MeasuredJobModel {
    return parseMeasuredJob(this.named(['measured'], name, askedBy));
  }

  /** A GPU's description: of the catalog by name, or a YAML file of the user's. */
  gpu(nameOrFile: string, askedBy: AskedBy): GpuDescription {
    return this.description('gpus', nameOrFile, askedBy, parseGpu);
  }

  /** A model's description: of the catalog by name, or a YAML file of the user's. */
  model(nameOrFile: string, askedBy: AskedBy): ModelDescription {
    return this.description('models', nameOrFile, askedBy, parseModel);
  }

  /** What profiles are synthesized with. */
  synthModel(): SynthModel {
    return parseSynthModel(this.source.synthModel());
  }

  /** A file of the user's. */
  userFile(path: string, askedBy: AskedBy): UserFile {
    return this.source.userFile(path, askedBy);
  }

  private description<T>(
    folder: CatalogFolder,
    nameOrFile: string,
    askedBy: AskedBy,
    parse: (text: string, source: string) => T,
  ): T {
    if (!/\.ya?ml$/.test(nameOrFile)) {
      return parse(this.named([folder], nameOrFile, askedBy), nameOrFile);
    }
    const { text, source } = this.source.userFile(nameOrFile, askedBy);
    return parse(text, source);
  }

  private named(folders: readonly CatalogFolder[], name: string, askedBy: AskedBy): string {
    const found = folders.find((folder) => this.source.names(folder).includes(name));
    if (found !== undefined) return this.source.text(found, name);
    const names = folders.flatMap((folder) => this.source.names(folder));
    const near = nearestName(name, names);
    const hint = near === undefined ? '' : `; did you mean "${near}"?`;
    const hasFiles = folders.every((folder) => folder === 'gpus' || folder === 'models');
    const files = hasFiles ? ', or a .yaml file' : '';
    throw InputError.of({
      ...askedBy,
      message: `found "${name}", expected one of ${names.join(', ')}${files}${hint}`,
    });
  }
}
