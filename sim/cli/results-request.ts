import { InputError } from '../../src/errors.js';
import { parseWish, type Wish } from '../report/sweep/wishes.js';
import { conditionProblem, parseConditions, type Condition } from '../sweep/conditions.js';
import type { OptionReader, OptionValue } from './options.js';
import { columnMeant, columnProblem, type KnownColumns } from './results-names.js';
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
  readonly by: readonly string[] | undefined;
  readonly where: readonly Condition[];
  readonly metrics: readonly string[] | undefined;
  readonly exportTo: string | undefined;
}

/** Reads the request, and complains of options that do not go together. */
export function requestOf(options: OptionReader<typeof declared>): Request {
  const sql = options.get('--sql');
  const best = options.get('--best');
  const pareto = options.get('--pareto');
  const wishes = pareto === undefined ? undefined : listed(pareto).map(parseWish);
  if (wishes !== undefined && wishes.length !== 2) {
    options.complain('--pareto', `found "${pareto!}", expected two columns, such as a,b or a,-b`);
  }
  checkTogether(options);
  return {
    format: options.get('--format'),
    sql,
    count: options.get('--count') ?? BEST_ROWS,
    best: best === undefined ? undefined : parseWish(best),
    pareto: wishes as [Wish, Wish] | undefined,
    groupBy: listOf(options.get('--group-by')),
    by: listOf(options.get('--by')),
    where: conditionsOf(options),
    metrics: listOf(options.get('--metric')),
    exportTo: options.get('--export'),
  };
}

function checkTogether(options: OptionReader<typeof declared>): void {
  const isGiven = (flag: '--sql' | '--best' | '--pareto' | '--group-by' | '--by') =>
    options.get(flag) !== undefined;
  const asked = (['--sql', '--best', '--pareto'] as const).filter(isGiven);
  if (asked.length > 1) {
    options.complain('--sql, --best, --pareto', `found ${asked.length} of them, expected one`);
  }
  const said = (['--group-by', '--metric', '--by', '--where'] as const).filter(
    (flag) => options.get(flag) !== undefined,
  );
  if (isGiven('--sql') && said.length > 0) {
    options.complain('--sql', `does not go with ${said.join(', ')}: the query says all`);
  }
  const others = (['--group-by', '--best', '--pareto'] as const).filter(isGiven);
  if (isGiven('--by') && others.length > 0) {
    options.complain('--by', `does not go with ${others.join(', ')}, expected one of them`);
  }
  if (isGiven('--by') && listed(options.get('--by')!).length === 0) {
    options.complain('--by', 'found no column, expected one or more, such as pipelines,policy');
  }
  if (options.get('--count') !== undefined && !isGiven('--best')) {
    options.complain('--count', 'expected with --best');
  }
}

function conditionsOf(options: OptionReader<typeof declared>): readonly Condition[] {
  const text = options.get('--where');
  const conditions = text === undefined ? [] : parseConditions(text);
  if (typeof conditions !== 'string') return conditions;
  options.complain('--where', conditions);
  return [];
}

function listOf(text: string | undefined): string[] | undefined {
  return text === undefined ? undefined : listed(text);
}

function listed(text: string): string[] {
  return text
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
}

/**
 * The request with the whole names of its columns.
 * @throws InputError if a requested column does not exist, or holds no numbers where some are needed.
 */
export function checkedRequest(known: KnownColumns, request: Request): Request {
  const { groupBy = [], by = [], where, metrics = [DEFAULT_METRIC], best, pareto } = request;
  const wishes = pareto ?? (best === undefined ? [] : [best]);
  const wished = pareto === undefined ? '--best' : '--pareto';
  const names = (flag: string, list: readonly string[], mustBeNumbers: boolean) =>
    list.map((name) => columnProblem(flag, name, known, mustBeNumbers));
  const problems = [
    ...names('--group-by', groupBy, false),
    ...names('--by', by, false),
    ...names('--metric', wishes.length === 0 ? metrics : [], true),
    ...names(
      wished,
      wishes.map(({ column }) => column),
      true,
    ),
    ...where.map((condition) => whereProblem(condition, known)),
  ].filter((problem) => problem !== undefined);
  if (problems.length > 0) throw new InputError(problems);
  const whole = (list: readonly string[]) => list.map((name) => columnMeant(name, known));
  const wholeOf = <T extends { readonly column: string }>(part: T): T => ({
    ...part,
    column: columnMeant(part.column, known),
  });
  return {
    ...request,
    groupBy: request.groupBy && whole(request.groupBy),
    by: request.by && [...new Set(whole(request.by))],
    metrics: request.metrics && whole(request.metrics),
    where: where.map(wholeOf),
    best: best && wholeOf(best),
    pareto: pareto && [wholeOf(pareto[0]), wholeOf(pareto[1])],
  };
}

function whereProblem(condition: Condition, known: KnownColumns) {
  const problem = columnProblem('--where', condition.column, known, false);
  if (problem !== undefined) return problem;
  const isNumber = known.get(columnMeant(condition.column, known))!;
  const message = conditionProblem(condition, isNumber);
  return message === undefined
    ? undefined
    : { source: 'pipewatt results', field: '--where', message };
}
