/** Escapes of one letter. */
const LETTERS: Readonly<Record<string, string>> = {
  ...{ n: '\n', r: '\r', t: '\t', b: '\b', f: '\f', v: '\v', a: '\u0007' },
  ...{ '\\': '\\', "'": "'", '"': '"', '/': '/', '\n': '' },
};

const BEGIN = /([A-Za-z]{0,2})('''|"""|'|")/y;
const ESCAPE = /\\(?:x([\da-fA-F]{2})|u([\da-fA-F]{4})|U([\da-fA-F]{8})|([0-7]{1,3})|(\r\n|[^]))/g;

/** A string that was read, and where it ends. */
export interface ReadText {
  readonly value: string;
  readonly end: number;
}

/**
 * Reads a string of Python or JSON: single, double or triple quotes, raw or with escapes.
 *
 * @param fail reports what is wrong, and where.
 * @returns undefined if no string begins there.
 */
export function pythonText(
  text: string,
  at: number,
  fail: (message: string, at: number) => never,
): ReadText | undefined {
  BEGIN.lastIndex = at;
  const begin = BEGIN.exec(text);
  if (begin === null) return undefined;
  const [opening, prefix, quote] = begin as unknown as [string, string, string];
  if (!/^[ruRU]?$/.test(prefix)) {
    return fail(`found ${opening}…, expected a plain text, which is read and never evaluated`, at);
  }
  const from = at + opening.length;
  const end = endOf(text, from, quote);
  if (end === undefined)
    return fail(`found a text that does not end, expected ${quote} after it`, at);
  const inside = text.slice(from, end);
  const value = /r/i.test(prefix) ? inside : inside.replaceAll(ESCAPE, unescaped);
  return { value, end: end + quote.length };
}

/** The place of the closing quotes. */
function endOf(text: string, from: number, quote: string): number | undefined {
  const isLong = quote.length === 3;
  for (let k = from; k < text.length; k++) {
    const character = text[k]!;
    if (character === '\\') k++;
    else if (!isLong && (character === '\n' || character === '\r')) return undefined;
    else if (text.startsWith(quote, k)) return k;
  }
  return undefined;
}

function unescaped(
  whole: string,
  hex: string | undefined,
  short: string | undefined,
  long: string | undefined,
  octal: string | undefined,
  other: string | undefined,
): string {
  const code = hex ?? short ?? long;
  const point = code === undefined ? parseInt(octal ?? '', 8) : parseInt(code, 16);
  if (point <= 0x10ffff) return String.fromCodePoint(point);
  if (other === '\r\n') return '';
  return LETTERS[other ?? ''] ?? whole;
}
