import type { Problem } from '../../src/errors.js';
import { nearestName } from '../../src/nearest-name.js';

/** Columns of results by name, and whether they hold numbers. */
export type KnownColumns = ReadonlyMap<string, boolean>;

/**
 * The columns that a name may mean: that of this name, or those whose path ends so, with or without the
 * numbers of entries: `slowdown` and `stragglers.slowdown` for `stragglers[0].slowdown`.
 */
function columnsMeant(name: string, known: KnownColumns): string[] {
  if (known.has(name)) return [name];
  const ends = (path: string) => path === name || path.endsWith(`.${name}`);
  return [...known.keys()].filter((column) => ends(column) || ends(column.replace(/\[\d+\]/g, '')));
}

/** The column that a name means, or the name itself if there is not exactly one. */
export function columnMeant(name: string, known: KnownColumns): string {
  const meant = columnsMeant(name, known);
  return meant.length === 1 ? meant[0]! : name;
}

/** The problem of a name that means no column, several, or one of texts instead of numbers. */
export function columnProblem(
  field: string,
  name: string,
  known: KnownColumns,
  mustBeNumbers: boolean,
): Problem | undefined {
  const source = 'pipewatt results';
  const meant = columnsMeant(name, known);
  if (meant.length > 1) {
    return { source, field, message: `found "${name}", which may be ${meant.join(' or ')}` };
  }
  const [column] = meant;
  if (column !== undefined) {
    if (known.get(column) === true || !mustBeNumbers) return undefined;
    const message = `found "${name}", which holds texts, expected a column of numbers`;
    return { source, field, message };
  }
  const names = [...known.keys()];
  const near = nearestName(name, names);
  const hint =
    near === undefined ? `a column: ${names.join(', ')}` : `a column; did you mean "${near}"?`;
  return { source, field, message: `found "${name}", expected ${hint}` };
}
