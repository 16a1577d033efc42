// The entry for browsers brings its own Buffer and works in Node too; the plain one needs Node's.
import { parse } from 'csv-parse/browser/esm/sync';
import type { ProblemList } from '../problem-list.js';

/** A line of a table, taken apart. */
export interface CsvRecord {
  /** 1-based, as editors count. */
  readonly line: number;
  readonly cells: readonly string[];
}

/** A table as text, before anything is known of its columns. */
export interface CsvText {
  /** Undefined if the file has no line. */
  readonly header: CsvRecord | undefined;
  readonly records: readonly CsvRecord[];
  readonly separator: string;
}

/** What programs of several countries put between fields. */
const SEPARATORS = [',', ';', '\t', '|'] as const;

/** Excel's way of saying what separates fields. */
const SEPARATOR_LINE = /^sep=(.)\s*(\r?\n|$)/i;

/**
 * Takes a table of values apart: separated by commas, semicolons, tabs or bars, with or without
 * quotes, with lines of comments (#), empty lines and empty columns at its end. O(size).
 *
 * @param problems is told what is no table at all.
 * @throws InputError with these problems, if there are any.
 */
export function csvRecords(text: string, problems: ProblemList): CsvText {
  if (text.includes('\0')) {
    problems.add('is no text: it holds bytes of zero; save it as UTF-8');
    problems.throwIfAny();
  }
  const whole = text.replace(/^\ufeff/, '');
  const said = SEPARATOR_LINE.exec(whole);
  // What is cut off leaves its line, so that lines are counted right.
  const body = uncommentedHeader(said === null ? whole : whole.slice(said[0].length));
  const skipped = said === null ? 0 : 1;
  const separator = said?.[1] ?? separatorOf(body);
  const [header, ...records] = parsed(body, separator, problems).map(({ line, cells }) => ({
    line: line + skipped,
    cells,
  }));
  if (header === undefined) return { header, records, separator };
  const width = header.cells.findLastIndex((cell) => cell !== '') + 1;
  return {
    header: { ...header, cells: header.cells.slice(0, width) },
    records: records.map(({ line, cells }) => ({ line, cells: withoutEmptyEnd(cells, width) })),
    separator,
  };
}

/** The columns that a spreadsheet kept to the right of the table. */
function withoutEmptyEnd(cells: readonly string[], width: number): readonly string[] {
  const filled = cells.findLastIndex((cell) => cell !== '') + 1;
  return cells.slice(0, Math.max(filled, width));
}

function parsed(body: string, delimiter: string, problems: ProblemList): CsvRecord[] {
  try {
    const found = parse(body, {
      comment: '#',
      comment_no_infix: true,
      delimiter,
      info: true,
      relax_column_count: true,
      skip_empty_lines: true,
      skip_records_with_empty_values: true,
      trim: true,
    }) as unknown as { info: { lines: number }; record: string[] }[];
    return found.map(({ info, record }) => ({ line: info.lines, cells: record }));
  } catch (error) {
    const { message, lines } = error as { message: string; lines?: number };
    problems.add(`not readable as CSV: ${message}`, lines === undefined ? {} : { line: lines });
    problems.throwIfAny();
    throw error;
  }
}

/** The separator that the header has most of, outside of quotes and brackets. */
function separatorOf(body: string): string {
  const header = /^(?!\s*#)[^\r\n]*\S[^\r\n]*/m.exec(body)?.[0] ?? '';
  const bare = header.replaceAll(/"[^"]*"|\([^)]*\)|\[[^\]]*\]/g, '');
  const count = (separator: string) => bare.split(separator).length;
  return SEPARATORS.reduce((a, b) => (count(b) > count(a) ? b : a));
}

/**
 * A header behind a #, as numpy writes it, as a plain one: the last comment above the first line, if
 * it has as many fields, and that line begins with a number.
 */
function uncommentedHeader(body: string): string {
  const found = /^((?:[ \t]*(?:#[^\r\n]*)?\r?\n)*)[ \t]*#[ \t]*([^\r\n]+)(\r?\n)(?=[^#\r\n])/.exec(
    body,
  );
  if (found === null) return body;
  const [, before, header, end] = found;
  const rest = body.slice(found[0].length);
  const firstRow = /^[^\r\n]*/.exec(rest)![0];
  const separator = separatorOf(firstRow);
  const isRow = /^\s*"?[\d.+-]/.test(firstRow);
  const isHeader = header!.split(separator).length === firstRow.split(separator).length;
  return isRow && isHeader && firstRow.includes(separator)
    ? `${before!}${header!}${end!}${rest}`
    : body;
}

/** How a table writes the fractions of its numbers. */
export type DecimalMark = '.' | ',' | 'ambiguous' | 'both';

const WITH_COMMA = /^[+-]?\d*,\d+(e[+-]?\d+)?$/i;
const WITH_POINT = /^[+-]?\d*\.\d+(e[+-]?\d+)?$/i;
/** `1,410`: one and a half, or more than a thousand? */
const MAYBE_THOUSANDS = /^[+-]?[1-9]\d{0,2},\d{3}$/;

/** Tells from numbers how their fractions are written. */
export function decimalMark(cells: Iterable<string>): DecimalMark {
  let commas = 0;
  let surely = 0;
  let points = 0;
  for (const cell of cells) {
    if (WITH_COMMA.test(cell)) {
      commas++;
      if (!MAYBE_THOUSANDS.test(cell)) surely++;
    } else if (WITH_POINT.test(cell)) points++;
  }
  if (commas === 0) return '.';
  if (points > 0) return 'both';
  return surely > 0 ? ',' : 'ambiguous';
}
