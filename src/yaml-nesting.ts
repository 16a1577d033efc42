import { Lexer, Parser } from 'yaml';

/** No description nests its fields half this deep. */
const MOST_LEVELS = 100;

/**
 * Whether a YAML text nests lists and maps deeper than any description does. Parsers recurse into
 * nested values and exhaust the stack; if V8 compiles a regular expression at that moment, it ends
 * the whole process, so catching the error is too late. This check does not recurse. O(size).
 */
export function isNestedTooDeeply(text: string): boolean {
  const parser = new Parser();
  for (const lexeme of new Lexer().lex(text)) {
    // Tokens are generated lazily.
    Array.from(parser.next(lexeme));
    if (parser.stack.length > MOST_LEVELS) return true;
  }
  return false;
}
