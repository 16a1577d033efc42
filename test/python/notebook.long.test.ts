import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { most } from '../../src/extremes.js';
import { projectFile } from '../support/files.js';
import { runPython } from '../support/run-python.js';
import { testWithNotebooks } from '../support/python.js';
import { temporaryFolder } from '../support/temporary-folder.js';

interface Output {
  readonly output_type: string;
  readonly text?: readonly string[];
  readonly data?: Readonly<Record<string, string | readonly string[]>>;
}

interface Notebook {
  readonly cells: readonly {
    readonly cell_type: string;
    readonly source: readonly string[];
    readonly outputs?: readonly Output[];
  }[];
}

const NOTEBOOK = projectFile('examples/python/figure-8.ipynb');

/** The difference between published and planned points that `pipewatt reproduce figure8` has. */
function reproduced(): string {
  const [head, ...rows] = readFileSync(projectFile('results/figure8.csv'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => line.split(','));
  const [published, planned] = [head!.indexOf('published_pct'), head!.indexOf('planned_pct')];
  const off = rows.map((cells) => Math.abs(Number(cells[published]) - Number(cells[planned])));
  const mean = off.reduce((sum, one) => sum + one, 0) / off.length;
  return `${rows.length} points: mean difference ${mean.toFixed(2)}, worst ${most(off).toFixed(2)}`;
}

testWithNotebooks(
  'the notebook of figure 8 has the points of reproduce, and pictures',
  (t, command) => {
    const folder = temporaryFolder(t);
    const execute = ['-m', 'nbconvert', '--to', 'notebook', '--execute', '--output-dir', folder];
    runPython(t, command, [...execute, NOTEBOOK]);
    const executed = JSON.parse(readFileSync(join(folder, 'figure-8.ipynb'), 'utf8')) as Notebook;
    const outputs = executed.cells.flatMap(({ outputs = [] }) => outputs);
    t.false(outputs.some(({ output_type: type }) => type === 'error'));
    const printed = outputs.flatMap(({ text = [] }) => text).join('');
    t.true(printed.includes(reproduced()), `${printed}; expected ${reproduced()}`);
    const kinds = outputs.flatMap(({ data = {} }) => Object.keys(data));
    t.true(kinds.includes('image/svg+xml'));
    const pages = outputs.flatMap(({ data }) => data?.['text/html'] ?? []).join('');
    t.regex(pages, /lighter_stages/);
  },
);

test('notebooks are kept without outputs, which would change with every version', (t) => {
  const { cells } = JSON.parse(readFileSync(NOTEBOOK, 'utf8')) as Notebook;
  t.true(cells.length > 8);
  t.deepEqual(
    cells.flatMap(({ outputs = [] }) => outputs),
    [],
  );
});
