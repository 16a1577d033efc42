import { Lexer, Parser } from 'yaml';

/** No description nests its fields half as deep. */
const MOST_LEVELS = 100;

/**
 * Whether a YAML text nests lists and maps deeper than any description does. Parsers recurse into what
 * is nested and exhaust the stack; where V8 compiles a regular expression at that moment it ends the
 * whole process, so that catching the error is too late. This looks at the text without recursion.
 * O(size).
 */
export function isNestedTooDeeply(text: string): boolean {
  const parser = new Parser();
  for (const lexeme of new Lexer().lex(text)) {
    // Tokens are made as they are asked for.
    Array.from(parser.next(lexeme));
    if (parser.stack.length > MOST_LEVELS) return true;
  }
  return false;
}
