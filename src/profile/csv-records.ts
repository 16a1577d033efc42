// The browser entry brings its own Buffer and works in Node too; the plain one needs Node's.
import { parse } from 'csv-parse/browser/esm/sync';
import type { ProblemList } from '../problem-list.js';

/** A parsed line of a table. */
export interface CsvRecord {
  /** 1-based, as editors count. */
  readonly line: number;
  readonly cells: readonly string[];
}

/** A parsed table, before its columns are interpreted. */
export interface CsvText {
  /** Undefined if the file has no lines. */
  readonly header: CsvRecord | undefined;
  readonly records: readonly CsvRecord[];
  readonly separator: string;
}

/** Field separators that programs write in different countries. */
const SEPARATORS = [',', ';', '\t', '|'] as const;

/** Excel's declaration of the separator. */
const SEPARATOR_LINE = /^sep=(.)\s*(\r?\n|$)/i;

/**
 * Parses a table: separated by commas, semicolons, tabs or bars, with or without quotes, comment
 * lines (#), empty lines and trailing empty columns. O(size).
 *
 * @param problems receives the problems that make this no table at all.
 * @throws InputError with these problems, if there are any.
 */
export function csvRecords(text: string, problems: ProblemList): CsvText {
  if (text.includes('\0')) {
    problems.add('is not text: it contains zero bytes; save it as UTF-8');
    problems.throwIfAny();
  }
  const whole = text.replace(/^\ufeff/, '');
  const said = SEPARATOR_LINE.exec(whole);
  // Text that is cut off keeps its line break, so that line numbers stay correct.
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

/** Trailing empty columns that a spreadsheet kept. */
function withoutEmptyEnd(cells: readonly string[], width: number): readonly string[] {
  const filled = cells.findLastIndex((cell) => cell !== '') + 1;
  return cells.slice(0, Math.max(filled, width));
}

/** Longer texts are parsed piece by piece: the parser keeps several times the size of its input. */
const PIECE = 4 * 2 ** 20;

function parsed(body: string, delimiter: string, problems: ProblemList): CsvRecord[] {
  if (body.length <= PIECE) return parsedPiece(body, delimiter, problems);
  const records: CsvRecord[] = [];
  let skipped = 0;
  for (const piece of piecesOf(body)) {
    for (const { line, cells } of parsedPiece(piece, delimiter, problems, skipped)) {
      records.push({ line: line + skipped, cells });
    }
    skipped += count(piece, '\n');
  }
  return records;
}

/** Cuts a text after line ends that are not within quotes. */
function* piecesOf(body: string): Iterable<string> {
  let begin = 0;
  for (let end = PIECE; begin < body.length; end += PIECE) {
    const cut = end >= body.length ? body.length : body.lastIndexOf('\n', end) + 1;
    const piece = body.slice(begin, cut);
    if (cut < body.length && (piece === '' || count(piece, '"') % 2 === 1)) continue;
    yield piece;
    begin = cut;
    end = Math.max(end, cut);
  }
}

function count(text: string, character: string): number {
  let found = 0;
  for (let at = text.indexOf(character); at >= 0; at = text.indexOf(character, at + 1)) found++;
  return found;
}

function parsedPiece(
  body: string,
  delimiter: string,
  problems: ProblemList,
  skipped = 0,
): CsvRecord[] {
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
    problems.add(
      `not readable as CSV: ${message}`,
      lines === undefined ? {} : { line: lines + skipped },
    );
    problems.throwIfAny();
    throw error;
  }
}

/** The part of a header in which separators are counted. */
const LONGEST_HEADER = 1 << 14;

/** The most frequent separator of the header, outside quotes and brackets. */
function separatorOf(body: string): string {
  const header = /^(?![ \t]*#)[^\r\n]*\S[^\r\n]*/m.exec(body)?.[0] ?? '';
  // Without a limit, a header of nothing but brackets would take long.
  const bare = header.slice(0, LONGEST_HEADER).replaceAll(/"[^"]*"|\([^)]*\)|\[[^\]]*\]/g, '');
  const count = (separator: string) => bare.split(separator).length;
  return SEPARATORS.reduce((a, b) => (count(b) > count(a) ? b : a));
}

/**
 * Turns a header behind a #, as numpy writes it, into a plain one: the last comment above the first
 * line, if it has as many fields and that line begins with a number.
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

/** The decimal separator of a table. */
export type DecimalMark = '.' | ',' | 'ambiguous' | 'both';

const WITH_COMMA = /^[+-]?\d*,\d+(e[+-]?\d+)?$/i;
const WITH_POINT = /^[+-]?\d*\.\d+(e[+-]?\d+)?$/i;
/** `1,410`: one and a half, or more than a thousand? */
const MAYBE_THOUSANDS = /^[+-]?[1-9]\d{0,2},\d{3}$/;

/** Determines the decimal separator from the numbers. */
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
