import { InputError } from '../../src/errors.js';
import { nearestName } from '../../src/nearest-name.js';
import { parseWish, type Wish } from '../report/text/results-table.js';
import type { OptionReader, OptionValue } from './options.js';
import type { results as declared } from './results-options.js';

/** The default column to tabulate. */
export const DEFAULT_METRIC = 'simulated_saving_pct';
const BEST_ROWS = 10;

/** A request for results. */
export interface Request {
  readonly format: OptionValue<typeof declared, '--format'>;
  readonly sql: string | undefined;
  readonly best: Wish | undefined;
  readonly count: number;
  readonly pareto: readonly [Wish, Wish] | undefined;
  readonly groupBy: readonly string[] | undefined;
  readonly metrics: readonly string[] | undefined;
  readonly exportTo: string | undefined;
}

/** Reads the request, and complains of options that do not go together. */
export function requestOf(options: OptionReader<typeof declared>): Request {
  const format = options.get('--format');
  const count = options.get('--count');
  const sql = options.get('--sql');
  const best = options.get('--best');
  const pareto = options.get('--pareto');
  const groupBy = options.get('--group-by');
  const metric = options.get('--metric');
  const asked = [sql, best, pareto].filter((option) => option !== undefined);
  if (asked.length > 1) {
    options.complain('--sql, --best, --pareto', `found ${asked.length} of them, expected one`);
  }
  if (sql !== undefined && (groupBy ?? metric) !== undefined) {
    options.complain('--sql', 'does not go with --group-by and --metric: the query says both');
  }
  if (count !== undefined && best === undefined) {
    options.complain('--count', 'expected with --best');
  }
  const wishes = pareto === undefined ? undefined : listed(pareto).map(parseWish);
  if (wishes !== undefined && wishes.length !== 2) {
    options.complain('--pareto', `found "${pareto!}", expected two columns, such as a,b or a,-b`);
  }
  return {
    format,
    sql,
    count: count ?? BEST_ROWS,
    best: best === undefined ? undefined : parseWish(best),
    pareto: wishes as [Wish, Wish] | undefined,
    groupBy: groupBy === undefined ? undefined : listed(groupBy),
    metrics: metric === undefined ? undefined : listed(metric),
    exportTo: options.get('--export'),
  };
}

function listed(text: string): string[] {
  return text
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
}

/** @throws InputError if a requested column does not exist, or holds no numbers. */
export function checkColumns(
  known: ReadonlyMap<string, boolean>,
  { groupBy = [], metrics = [DEFAULT_METRIC], best, pareto }: Request,
): void {
  const wished = (wishes: readonly Wish[]) => wishes.map(({ column }) => column);
  const problems = [
    ...groupBy.map((name) => columnProblem('--group-by', name, known, false)),
    ...(best === undefined && pareto === undefined ? metrics : []).map((name) =>
      columnProblem('--metric', name, known, true),
    ),
    ...wished(best === undefined ? [] : [best]).map((name) =>
      columnProblem('--best', name, known, true),
    ),
    ...wished(pareto ?? []).map((name) => columnProblem('--pareto', name, known, true)),
  ].filter((problem) => problem !== undefined);
  if (problems.length > 0) throw new InputError(problems);
}

function columnProblem(
  field: string,
  name: string,
  known: ReadonlyMap<string, boolean>,
  mustBeNumbers: boolean,
) {
  const source = 'pipewatt results';
  const isNumber = known.get(name);
  if (isNumber === false && mustBeNumbers) {
    return {
      source,
      field,
      message: `found "${name}", which holds texts, expected a column of numbers`,
    };
  }
  if (isNumber !== undefined) return undefined;
  const names = [...known.keys()];
  const near = nearestName(name, names);
  const hint =
    near === undefined ? `a column: ${names.join(', ')}` : `a column; did you mean "${near}"?`;
  return { source, field, message: `found "${name}", expected ${hint}` };
}
