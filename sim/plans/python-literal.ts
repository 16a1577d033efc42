import { InputError } from '../../src/errors.js';
import { quoted } from '../../src/problem-list.js';
import { placesIn } from './places.js';
import { pythonText } from './python-text.js';

/** A value that a text spells out, and where it begins. */
export type Literal = { readonly at: number } & (
  | { readonly type: 'number'; readonly value: number }
  | { readonly type: 'text'; readonly value: string }
  /** `True`, `None`, JSON's `null`. */
  | { readonly type: 'constant'; readonly value: string }
  /** A list or a tuple. */
  | { readonly type: 'list'; readonly items: readonly Literal[] }
  | { readonly type: 'map'; readonly entries: readonly (readonly [Literal, Literal])[] }
);

/** No plan nests its lists half as deep. */
const MOST_LEVELS = 16;

/** Most values of one text, twice as many as the largest plan has. */
const MOST_VALUES = 8_000_000;

/** Blanks, comments and continued lines, one after the other: one pattern for all would recurse. */
const SPACES = [/[ \t\f\r\n]+/y, /#[^\r\n]*/y, /\\\r?\n/y] as const;
const ASSIGNMENT = /[A-Za-z_]\w*[ \t]*(?::[^=\r\n#]*)?=(?!=)/y;
const NAME = /[\p{L}_][\p{L}\p{N}_]*/uy;
const NUMBER =
  /(?:0[xX](?:_?[\da-fA-F])+|0[oO](?:_?[0-7])+|0[bB](?:_?[01])+|(?:\d(?:_?\d)*\.?(?:\d(?:_?\d)*)?|\.\d(?:_?\d)*)(?:[eE][+-]?\d(?:_?\d)*)?)(?![\w.])/y;
const CONSTANTS: ReadonlySet<string> = new Set(['True', 'False', 'None', 'true', 'false', 'null']);
const EXPECTED = 'expected lists, tuples, texts and numbers, which are read and never evaluated';

/**
 * Reads the only value of a text of Python or JSON, without evaluating anything: lists, tuples,
 * dictionaries, strings and numbers, in any of their spellings, comments anywhere. The value may be
 * assigned to a name, and stand below a string that describes it. O(size).
 *
 * @param source name of the file, for messages.
 * @throws InputError at the first thing that is none of these, or if values are nested too deeply.
 */
export function readLiteral(text: string, source: string): Literal {
  return new LiteralReader(text, source).readAll();
}

class LiteralReader {
  private at = 0;
  private values = 0;

  constructor(
    private readonly text: string,
    private readonly source: string,
  ) {
    if (text.startsWith('\ufeff')) this.at = 1;
  }

  readAll(): Literal {
    this.skipSpace();
    let value = this.afterAssignment();
    this.skipSpace();
    // A string that describes the file.
    if (value.type === 'text' && this.at < this.text.length && !this.isNext(',')) {
      value = this.afterAssignment();
      this.skipSpace();
    }
    if (this.isNext(',')) value = this.openTuple(value);
    while (this.take(';')) this.skipSpace();
    if (this.at < this.text.length) {
      this.fail(
        `found ${this.found()} after the plan, expected nothing more; keep one plan a file`,
      );
    }
    return value;
  }

  private afterAssignment(): Literal {
    if (this.match(ASSIGNMENT) !== undefined) this.skipSpace();
    return this.value(0);
  }

  /** A tuple without parentheses: `[…], […]`. */
  private openTuple(first: Literal): Literal {
    const items = [first];
    while (this.take(',')) {
      this.skipSpace();
      if (this.at === this.text.length) break;
      items.push(this.value(1));
      this.skipSpace();
    }
    return { type: 'list', at: first.at, items };
  }

  private value(level: number): Literal {
    if (level > MOST_LEVELS) this.fail(`found more than ${MOST_LEVELS} lists within each other`);
    if (++this.values > MOST_VALUES) this.fail(`found more than ${MOST_VALUES} values`);
    const at = this.at;
    const next = this.text[at];
    if (next === '[' || next === '(') return this.list(level, next === '[' ? ']' : ')');
    if (next === '{') return this.map(level);
    const string = pythonText(this.text, at, (message, where) => this.fail(message, where));
    if (string !== undefined) {
      this.at = string.end;
      return { type: 'text', at, value: this.withContinuations(string.value) };
    }
    return this.number(at) ?? this.constant(at);
  }

  /** Strings beside each other are one. */
  private withContinuations(begun: string): string {
    const pieces = [begun];
    for (;;) {
      const before = this.at;
      this.skipSpace();
      const isSameLine = !/[\r\n]/.test(this.text.slice(before, this.at));
      const more = isSameLine
        ? pythonText(this.text, this.at, (message, where) => this.fail(message, where))
        : undefined;
      if (more === undefined) {
        this.at = before;
        return pieces.join('');
      }
      pieces.push(more.value);
      this.at = more.end;
    }
  }

  private list(level: number, closing: ']' | ')'): Literal {
    const at = this.at++;
    const items: Literal[] = [];
    let hasComma = false;
    for (;;) {
      this.skipSpace();
      if (this.take(closing)) break;
      if (items.length > 0 && !hasComma) this.failAt(closing);
      items.push(this.value(level + 1));
      this.skipSpace();
      hasComma = this.take(',');
    }
    // `(1410)` is a number in parentheses, `(1410,)` a tuple.
    if (closing === ')' && items.length === 1 && !hasComma) return items[0]!;
    return { type: 'list', at, items };
  }

  private map(level: number): Literal {
    const at = this.at++;
    const entries: [Literal, Literal][] = [];
    let hasComma = false;
    for (;;) {
      this.skipSpace();
      if (this.take('}')) return { type: 'map', at, entries };
      if (entries.length > 0 && !hasComma) this.failAt('}');
      const key = this.value(level + 1);
      this.skipSpace();
      if (!this.take(':')) this.fail(`found ${this.found()}, expected ":" and a value`);
      this.skipSpace();
      entries.push([key, this.value(level + 1)]);
      this.skipSpace();
      hasComma = this.take(',');
    }
  }

  private number(at: number): Literal | undefined {
    let sign = 1;
    while (this.text[this.at] === '-' || this.text[this.at] === '+') {
      if (this.text[this.at] === '-') sign = -sign;
      this.at++;
      this.skipSpace();
    }
    const digits = this.match(NUMBER);
    if (digits !== undefined) {
      if (/^0[\d_]*[1-9]\d*$/.test(digits)) {
        this.fail(`found ${quoted(digits)}, expected a number without zeros before it`, at);
      }
      return { type: 'number', at, value: sign * Number(digits.replaceAll('_', '')) };
    }
    this.at = at;
    return undefined;
  }

  private constant(at: number): Literal {
    const name = this.match(NAME);
    if (name !== undefined && CONSTANTS.has(name)) return { type: 'constant', at, value: name };
    this.at = at;
    return this.fail(`found ${this.found()}, ${EXPECTED}`);
  }

  private skipSpace(): void {
    while (SPACES.some((pattern) => this.match(pattern) !== undefined));
  }

  private isNext(mark: string): boolean {
    return this.text[this.at] === mark;
  }

  private take(mark: string): boolean {
    if (!this.isNext(mark)) return false;
    this.at++;
    return true;
  }

  private match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.text)?.[0];
    if (found === undefined) return undefined;
    this.at += found.length;
    return found;
  }

  /** The text that comes next, for messages. */
  private found(): string {
    if (this.at >= this.text.length) return 'the end of the file';
    const rest = this.text.slice(this.at, this.at + 60);
    return quoted(/^(?:[\p{L}\p{N}_.]+|[^])/u.exec(rest)![0]);
  }

  private failAt(closing: string): never {
    return this.fail(`found ${this.found()}, expected "," or "${closing}"`);
  }

  private fail(message: string, at = this.at): never {
    throw InputError.of({ source: this.source, ...placesIn(this.text)(at), message });
  }
}
