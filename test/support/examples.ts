import { spawnSync } from 'node:child_process';
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { projectFile } from './files.js';
import { traceFile, traceRows } from './traces.js';

/** A piece of code for users, and what it prints: the comments at the end of lines. */
export interface Example {
  /** The place where it is written. */
  readonly name: string;
  readonly text: string;
}

/** Declarations of the package's entries. */
export const ENTRIES = ['dist/sim/library/index.d.ts', 'dist/src/planner/index.d.ts'] as const;

/** A name that the package exports. */
export interface ExportedName {
  readonly entry: string;
  readonly name: string;
  readonly isType: boolean;
  readonly documentation: string;
  readonly examples: readonly Example[];
}

/** All names that the package exports, with their doc comments, as an editor finds them. */
export function exportedNames(): ExportedName[] {
  const program = ts.createProgram(ENTRIES.map(projectFile), {
    ...{ module: ts.ModuleKind.NodeNext, moduleResolution: ts.ModuleResolutionKind.NodeNext },
    ...{ target: ts.ScriptTarget.ES2022, strict: true, types: [] },
  });
  const checker = program.getTypeChecker();
  return ENTRIES.flatMap((entry) => {
    const module = checker.getSymbolAtLocation(program.getSourceFile(projectFile(entry))!)!;
    return checker.getExportsOfModule(module).map((exported) => {
      const isAlias = (exported.flags & ts.SymbolFlags.Alias) !== 0;
      const symbol = isAlias ? checker.getAliasedSymbol(exported) : exported;
      const { name } = exported;
      const tags = symbol.getJsDocTags(checker).filter((tag) => tag.name === 'example');
      return {
        ...{ entry, name },
        isType: (symbol.flags & ts.SymbolFlags.Value) === 0,
        documentation: ts.displayPartsToString(symbol.getDocumentationComment(checker)),
        examples: [...new Set(tags.map(({ text }) => ts.displayPartsToString(text)))].flatMap(
          (text) => codeBlocks(text, name),
        ),
      };
    });
  });
}

/** The examples of doc comments and of the pages that show the package to programmers. */
export function allExamples(names: readonly ExportedName[]): Example[] {
  return [
    ...names.flatMap(({ examples }) => examples),
    ...pageExamples('docs/library.md'),
    ...pageExamples('docs/planners.md'),
  ];
}

function pageExamples(page: string): Example[] {
  return codeBlocks(readFileSync(projectFile(page), 'utf8'), page);
}

function codeBlocks(text: string, name: string): Example[] {
  const blocks = [...text.matchAll(/```ts\n(.*?)```/gs)];
  return blocks.map(([, block], k) => ({
    name: blocks.length === 1 ? name : `${name} ${k + 1}`,
    text: block!,
  }));
}

/** The output that an example claims: comments after a semicolon, and whole lines of them. */
export function expectedLines({ text }: Example): string[] {
  return text
    .split('\n')
    .flatMap((line) => /(?:; |^)\/\/ (.*)$/.exec(line)?.[1] ?? [])
    .map((line) => line.trim());
}

/** Names that examples import from the package. */
export function importedNames(examples: readonly Example[], from: string): Set<string> {
  const clause = new RegExp(`import (?:type )?\\{([^}]*)\\} from '${from}'`, 'g');
  const names = examples.flatMap(({ text }) =>
    [...text.matchAll(clause)].flatMap(([, list]) => list!.split(',')),
  );
  return new Set(names.map((name) => name.trim().replace(/^type /, '')));
}

/** Writes the files that examples read into a folder: those of docs/library.md, a profile, a trace. */
export function writeExampleFiles(folder: string): void {
  const page = readFileSync(projectFile('docs/library.md'), 'utf8');
  for (const [, name, text] of page.matchAll(/<!-- beside: (\S+) -->\n\n```yaml\n(.*?)```/gs)) {
    writeFileSync(join(folder, name!), text!);
  }
  copyFileSync(projectFile('examples/two-stages.csv'), join(folder, 'profile.csv'));
  const rows = traceRows({ pipelines: 2, stages: 2, microbatches: 4, steps: 2, seed: 1 });
  writeFileSync(join(folder, 'trace.parquet'), new Uint8Array(traceFile(rows)));
  writeFileSync(join(folder, 'package.json'), '{"type": "module"}');
}

/** The strictest that users compile with. */
export const STRICT: ts.CompilerOptions = {
  target: ts.ScriptTarget.ES2022,
  strict: true,
  noUncheckedIndexedAccess: true,
  exactOptionalPropertyTypes: true,
  verbatimModuleSyntax: true,
  skipLibCheck: false,
  types: [],
};

/** Compiles modules as their reader would; what is wrong with them. */
export function compiled(files: readonly string[], options: ts.CompilerOptions): string[] {
  const program = ts.createProgram(files, options);
  const { diagnostics } = program.emit();
  return [...ts.getPreEmitDiagnostics(program), ...diagnostics].map((diagnostic) => {
    const message = ts.flattenDiagnosticMessageText(diagnostic.messageText, '\n');
    return `${diagnostic.file?.fileName ?? ''}: ${message}`;
  });
}

/**
 * Runs modules one after the other in one process of the folder that they lie in.
 * @returns lines that each has printed, or what it threw.
 */
export function printedLines(folder: string, modules: readonly string[]): string[][] {
  const runner = `
    import { format } from 'node:util';
    const printed = [];
    let lines;
    console.log = (...values) => lines.push(...format(...values).split('\\n'));
    for (const name of ${JSON.stringify(modules)}) {
      printed.push((lines = []));
      try { await import('./' + name); } catch (error) { lines.push(String(error.stack)); }
    }
    process.stdout.write(JSON.stringify(printed));
  `;
  writeFileSync(join(folder, 'runner.mjs'), runner);
  const { stdout, stderr } = spawnSync(process.execPath, ['runner.mjs'], {
    cwd: folder,
    encoding: 'utf8',
  });
  if (stdout === '') throw new Error(stderr);
  return JSON.parse(stdout) as string[][];
}
