import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import ts from 'typescript';
import {
  allExamples,
  compiled,
  expectedLines,
  exportedNames,
  printedLines,
  STRICT,
  writeExampleFiles,
} from '../support/examples.js';
import { projectFile } from '../support/files.js';

const examples = allExamples(exportedNames());

test('examples compile as strictly as users may ask, and print what they say', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'pipewatt-examples-'));
  try {
    mkdirSync(join(folder, 'node_modules'));
    symlinkSync(projectFile('.'), join(folder, 'node_modules/pipewatt'));
    writeExampleFiles(folder);
    examples.forEach(({ text }, k) => {
      writeFileSync(join(folder, `example-${k}.ts`), text);
    });
    const files = examples.map((_, k) => join(folder, `example-${k}.ts`));
    const { NodeNext } = ts.ModuleKind;
    const options = {
      ...STRICT,
      module: NodeNext,
      moduleResolution: ts.ModuleResolutionKind.NodeNext,
    };
    t.deepEqual(compiled(files, options), []);
    const printed = printedLines(
      folder,
      examples.map((_, k) => `example-${k}.js`),
    );
    t.deepEqual(
      examples.map(({ name }, k) => ({ name, lines: printed[k] })),
      examples.map((example) => ({ name: example.name, lines: expectedLines(example) })),
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
});
