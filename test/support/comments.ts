import ts from 'typescript';

/** A comment of a source, without its delimiters; adjacent `//` lines are one comment. */
export interface Comment {
  /** 1-based line of its beginning. */
  readonly line: number;
  readonly text: string;
}

interface Range {
  readonly pos: number;
  readonly end: number;
  readonly isLine: boolean;
}

/** The comments of a TypeScript source in order. O(size). */
export function commentsOf(source: string, fileName = 'source.tsx'): Comment[] {
  const kind = fileName.endsWith('x') ? ts.ScriptKind.TSX : ts.ScriptKind.TS;
  const file = ts.createSourceFile(fileName, source, ts.ScriptTarget.Latest, true, kind);
  return merged(source, rangesIn(file)).map(({ pos, end }) => ({
    line: file.getLineAndCharacterOfPosition(pos).line + 1,
    text: withoutDelimiters(source.slice(pos, end)),
  }));
}

/**
 * The comments before every token. The parser says where these are: a scanner alone cannot tell a
 * regular expression from a division, or the text of a template from its code.
 */
function rangesIn(file: ts.SourceFile): Range[] {
  const ranges: Range[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isJSDoc(node)) return;
    // A doc comment at the end of the file is a child of the token that ends it.
    const isToken = node.kind === ts.SyntaxKind.EndOfFileToken;
    const children = isToken ? [] : node.getChildren(file);
    if (children.length === 0) ranges.push(...rangesBefore(file, node));
    else children.forEach(visit);
  };
  visit(file);
  return ranges;
}

function rangesBefore(file: ts.SourceFile, token: ts.Node): Range[] {
  const from = token.getFullStart();
  const length = token.getStart(file, false) - from;
  if (length === 0) return [];
  const { text, languageVariant } = file;
  const scanner = ts.createScanner(ts.ScriptTarget.Latest, false, languageVariant, text);
  scanner.setText(text, from, length);
  const ranges: Range[] = [];
  for (;;) {
    const found = scanner.scan();
    if (found === ts.SyntaxKind.EndOfFileToken) return ranges;
    const isLine = found === ts.SyntaxKind.SingleLineCommentTrivia;
    if (isLine || found === ts.SyntaxKind.MultiLineCommentTrivia) {
      ranges.push({ pos: scanner.getTokenStart(), end: scanner.getTokenEnd(), isLine });
    }
  }
}

function merged(source: string, ranges: readonly Range[]): Range[] {
  const blocks: Range[] = [];
  for (const range of ranges) {
    const before = blocks.at(-1);
    const continues =
      before !== undefined &&
      before.isLine &&
      range.isLine &&
      /^\r?\n[ \t]*$/.test(source.slice(before.end, range.pos));
    if (continues) blocks[blocks.length - 1] = { ...before, end: range.end };
    else blocks.push(range);
  }
  return blocks;
}

function withoutDelimiters(comment: string): string {
  const lines = comment.startsWith('//')
    ? comment.split('\n').map((line) => line.replace(/^\s*\/\/\s?/, ''))
    : comment
        .replace(/^\/\*+/, '')
        .replace(/\*+\/$/, '')
        .split('\n')
        .map((line) => line.replace(/^\s*\*? ?/, ''));
  return lines.join('\n').trim();
}
