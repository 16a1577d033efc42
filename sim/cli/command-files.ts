import { existsSync, realpathSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { InputError, type Problem } from '../../src/errors.js';
import type { FileKind } from '../../src/file-kinds.js';
import type { ProblemGathering } from '../../src/problem-list.js';
import { visible, visibleLine } from '../../src/visible.js';
import { CatalogLibrary, type AskedBy } from '../hardware/catalog-library.js';
import type { PlannerSource } from '../plugins/planner-source.js';
import { catalogOnDisk } from '../disk/catalog-files.js';
import {
  checkFolder,
  checkWritable,
  makeUserFolder,
  readUserFile,
  writeUserFile,
  writeUserPieces,
} from '../disk/files.js';
import type { Call, Declaration } from './declare.js';

/** A file that a command writes. */
interface Output {
  /** The option that names it. */
  readonly field: string;
  readonly path: string;
  /** Whether its folder is created with it. */
  readonly isInside: boolean;
}

/**
 * The files that one command reads and writes. An output is never one of the inputs, nor the same
 * file as another output, however they are spelt; every file written is reported.
 */
export class CommandFiles {
  /** The catalog and the user's files; every file read from them counts as read by the command. */
  readonly library: CatalogLibrary;
  /** Inputs by the identity of the file. */
  private readonly inputs = new Map<string, string>();
  private readonly outputs: Output[] = [];
  private readonly problems: Problem[] = [];

  constructor(private readonly call: Pick<Call<Declaration>, 'declared' | 'terminal'>) {
    this.library = new CatalogLibrary(
      catalogOnDisk((path) => {
        this.reads(path);
      }),
    );
  }

  /** Notes an input that something else reads. */
  reads(path: string): void {
    const identity = identityOf(path);
    if (identity === undefined || !existsSync(path) || this.inputs.has(identity)) return;
    this.inputs.set(identity, path);
  }

  /** Notes the files of a planner: any word of a command may be one. */
  readsPlanner(source: PlannerSource): void {
    if (source.kind === 'module') this.reads(fileURLToPath(source.url));
    if (source.kind !== 'command') return;
    for (const word of source.command.split(/\s+/)) this.reads(word.replaceAll(/^['"]|['"]$/g, ''));
  }

  /** Text of a file. @throws InputError if it cannot be read, or is of another kind. */
  read(path: string, wanted: FileKind, askedBy?: AskedBy): string {
    this.reads(path);
    return readUserFile(path, wanted, askedBy);
  }

  /** Announces an output, if its option was given. */
  writes(field: string, path: string | undefined): void {
    if (path === undefined || this.isNameless(field, path, 'file')) return;
    this.outputs.push({ field, path, isInside: false });
  }

  /** Announces files in a folder that is made for them. */
  writesInto(field: string, folder: string | undefined, names: readonly string[]): void {
    if (folder === undefined || this.isNameless(field, folder, 'folder')) return;
    try {
      checkFolder(folder);
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      this.problems.push(...error.problems);
      return;
    }
    for (const name of names) {
      this.outputs.push({ field, path: join(folder, name), isInside: true });
    }
  }

  /**
   * Checks all outputs: adds to the problems if one cannot be written, is an input, or is another
   * output. Called when all inputs are known and nothing is computed yet.
   */
  checkOutputs(gathering: ProblemGathering): void {
    const problems = [...this.problems];
    const taken = new Map<string, Output>();
    for (const output of this.outputs) {
      const found = writingProblems(output);
      problems.push(...found);
      const identity = found.length > 0 ? undefined : identityOf(output.path);
      if (identity === undefined) continue;
      const message = this.clash(output, identity, taken.get(identity));
      if (message !== undefined) {
        problems.push({
          source: `pipewatt ${this.call.declared.name}`,
          field: output.field,
          message,
        });
      }
      if (!taken.has(identity)) taken.set(identity, output);
    }
    gathering.add(...problems);
  }

  /** Writes an announced output, and reports it. @throws InputError if it cannot be written. */
  write(path: string, text: string): void {
    this.makeFolderOf(path);
    writeUserFile(path, visible(text));
    this.wrote(path);
  }

  /** Writes one file of many, which are reported together. @throws InputError if it cannot. */
  writeQuietly(path: string, text: string): void {
    writeUserFile(path, visible(text));
  }

  /** Writes an announced output piece by piece, and reports it. @param hint how to open it. */
  async writePieces(path: string, pieces: Iterable<string>, hint = ''): Promise<void> {
    await writeUserPieces(path, visiblePieces(pieces));
    this.wrote(path, hint);
  }

  /** Writes an announced output of bytes piece by piece, and reports it. */
  async writeBytes(path: string, pieces: Iterable<Uint8Array>): Promise<void> {
    await writeUserPieces(path, pieces);
    this.wrote(path);
  }

  /**
   * Writes a result to its file, if it has one, else to standard output.
   * @param hasHeadline whether its first paragraph stands out in a terminal.
   */
  deliver(text: string, path: string | undefined, hasHeadline = false): void {
    if (path !== undefined) this.write(path, text);
    else this.call.terminal.out(text, hasHeadline ? text.indexOf('\n\n') : 0);
  }

  /** Reports a file that something else has written. @param hint how to open it. */
  wrote(path: string, hint = path.endsWith('.html') ? 'open it in a browser' : ''): void {
    this.call.terminal.err(`wrote ${visibleLine(path)}${hint === '' ? '' : `; ${hint}`}\n`);
  }

  /** Whether an output has no name: in a script, the variable that should have held it was empty. */
  private isNameless(field: string, path: string, kind: 'file' | 'folder'): boolean {
    if (path !== '') return false;
    const { name, options = {} } = this.call.declared;
    // A text that must be given is already known to be missing.
    const isMissing = Object.entries(options).some(
      ([flag, option]) => flag === field && option.kind === 'needed text',
    );
    const message = `found "", expected the name of a ${kind}`;
    if (!isMissing) this.problems.push({ source: `pipewatt ${name}`, field, message });
    return true;
  }

  private makeFolderOf(path: string): void {
    const announced = this.outputs.find((output) => output.path === path);
    if (announced?.isInside === true) makeUserFolder(dirname(path));
  }

  private clash({ path }: Output, identity: string, other: Output | undefined): string | undefined {
    const input = this.inputs.get(identity);
    if (input !== undefined) {
      const spelt = input === path ? '' : ` (as ${input})`;
      return `found ${path}, which the command reads${spelt}; an output is never one of the inputs: choose another name`;
    }
    if (other === undefined) return undefined;
    return `found ${path}, which is already the file of ${other.field}; choose another name`;
  }
}

function* visiblePieces(pieces: Iterable<string>): Iterable<string> {
  for (const piece of pieces) yield visible(piece);
}

function writingProblems({ path, isInside }: Output): readonly Problem[] {
  if (isInside && statSync(dirname(path), { throwIfNoEntry: false }) === undefined) return [];
  try {
    checkWritable(path);
    return [];
  } catch (error) {
    if (error instanceof InputError) return error.problems;
    throw error;
  }
}

/**
 * The identity of a file, the same for all its paths: links are followed. Undefined for all but
 * plain files: /dev/null, for one, can be read and written as often as one likes.
 */
function identityOf(path: string): string | undefined {
  try {
    const found = statSync(path, { throwIfNoEntry: false, bigint: true });
    if (found !== undefined) return found.isFile() ? `${found.dev}:${found.ino}` : undefined;
  } catch {
    return undefined;
  }
  return join(realFolder(dirname(resolve(path))), basename(path));
}

/** A folder with its links resolved, also one that does not exist yet. */
function realFolder(folder: string): string {
  try {
    return realpathSync(folder);
  } catch {
    const above = dirname(folder);
    return above === folder ? folder : join(realFolder(above), basename(folder));
  }
}
