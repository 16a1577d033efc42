import { InputError } from '../../src/errors.js';
import { checkReadable } from '../disk/files.js';
import { sweepFigure, type Drawing } from '../figures/draw-figure.js';
import { makeFinalTable } from '../sweep/final-table.js';
import { openResults } from '../sweep/snapshot.js';

/** Reads the results of a sweep for its figure. @throws InputError if nothing in them can be drawn. */
export async function readSweepFigure(path: string): Promise<Drawing & { readonly name: string }> {
  checkReadable(path, 'results');
  const { store } = await openResults(path);
  try {
    await store.lock();
    const sweep = await store.identity();
    if (sweep === undefined) throw InputError.of({ source: path, message: 'holds no runs yet' });
    if (!(await store.hasTable('results'))) await makeFinalTable(store, sweep, 'TEMPORARY TABLE');
    const described = await store.query('DESCRIBE results');
    const names = described.map((row) => String(row['column_name']));
    const figure = sweepFigure(await store.columns('results', names), sweep.fields);
    if (figure !== undefined) return { ...figure, name: sweep.name };
    const message = 'holds nothing to draw: no field but seeds varied, or no run is done';
    throw InputError.of({ source: path, message });
  } finally {
    store.close();
  }
}
