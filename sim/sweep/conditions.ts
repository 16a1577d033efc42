import { quotedName, quotedText } from './sql-text.js';

/** Comparisons, longer ones first, so that none is read as the beginning of another. */
const OPERATORS = ['<=', '>=', '!=', '=', '<', '>'] as const;

/** A condition on rows of results: a column, and the values that it may have. */
export interface Condition {
  readonly column: string;
  readonly operator: (typeof OPERATORS)[number];
  /** Alternatives; one, unless the operator is `=` or `!=`. */
  readonly values: readonly string[];
}

const CONDITION = new RegExp(`^(.+?)\\s*(${OPERATORS.join('|')})\\s*(.+)$`, 's');

/**
 * Reads conditions such as `policy=perseus|envpipe, stragglers[0].slowdown>=1.2`. Commas within brackets and
 * quotes separate nothing: values may be lists and objects.
 *
 * @returns the reason why it cannot be read, if it cannot.
 */
export function parseConditions(text: string): Condition[] | string {
  const conditions: Condition[] = [];
  for (const part of separated(text)) {
    const [, column, operator, list] = CONDITION.exec(part) ?? [];
    const values = list?.split('|').map((value) => value.trim());
    if (column === undefined || values === undefined) {
      return `found "${part}", expected conditions such as policy=perseus|envpipe,pipelines>=2`;
    }
    const isEquality = operator === '=' || operator === '!=';
    if (!isEquality && values.length > 1) {
      return `found "${part}": alternatives go with = and !=, not with ${operator!}`;
    }
    conditions.push({ column, operator: operator as Condition['operator'], values });
  }
  return conditions.length === 0
    ? 'found no condition, expected one such as policy=perseus'
    : conditions;
}

/** Parts between commas that are not within brackets, braces or quotes. */
function separated(text: string): string[] {
  const parts: string[] = [];
  let part = '';
  let depth = 0;
  let isQuoted = false;
  for (const letter of text) {
    if (letter === '"') isQuoted = !isQuoted;
    else if (!isQuoted && '[{'.includes(letter)) depth++;
    else if (!isQuoted && ']}'.includes(letter)) depth--;
    if (letter !== ',' || depth > 0 || isQuoted) part += letter;
    else {
      parts.push(part);
      part = '';
    }
  }
  return [...parts, part].map((each) => each.trim()).filter((each) => each !== '');
}

/** Numbers closer than this part of themselves are the same: ranges are rounded. */
const SAME = 1e-9;

/** The reason why a column cannot be compared so; undefined if it can. */
export function conditionProblem(
  { column, operator, values }: Condition,
  isNumber: boolean,
): string | undefined {
  if (!isNumber && operator !== '=' && operator !== '!=') {
    return `found ${column}${operator}…, which holds texts, expected = or !=`;
  }
  const wrong = isNumber ? values.find((value) => !Number.isFinite(Number(value))) : undefined;
  return wrong === undefined
    ? undefined
    : `found "${wrong}" for ${column}, which holds numbers, expected a number`;
}

/** A condition in SQL. */
export function conditionSql({ column, operator, values }: Condition, isNumber: boolean): string {
  const name = quotedName(column);
  if (operator !== '=' && operator !== '!=') return `${name} ${operator} ${Number(values[0])}`;
  const equal = values.map((value) => {
    if (!isNumber) return `${name} = ${quotedText(storedText(value))}`;
    const number = Number(value);
    return `abs(${name} - (${number})) <= ${SAME * Math.abs(number)}`;
  });
  const any = `(${equal.join(' OR ')})`;
  return operator === '=' ? any : `NOT coalesce(${any}, false)`;
}

/** `policy = perseus or envpipe`, for people. */
export function conditionText({ column, operator, values }: Condition): string {
  return `${column} ${operator} ${values.join(' or ')}`;
}

/** A value as the table has it: lists and objects without blanks. */
function storedText(value: string): string {
  if (!/^[[{]/.test(value)) return value;
  try {
    return JSON.stringify(JSON.parse(value));
  } catch {
    return value;
  }
}
