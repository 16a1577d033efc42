import { jsonText } from '../results/finite.js';

/** A row of a CSV; the fields are its columns. */
export type CsvRow = Readonly<Record<string, number | string | null>>;

/** A format of results: the ending of its files, and the function that prints it. */
interface Format<Content> {
  readonly extension: string;
  print(content: Content, style: Style): string | Promise<string>;
}

interface Style {
  /** Spaces by which JSON is indented; long lists take one. */
  readonly indent: number;
}

const asItIs = (text: string) => text;

/**
 * The formats of `--format`, by name. A command declares those that it prints in its options, and
 * hands the content of each to `printed`; the compiler asks for the content of a new one.
 */
export const FORMATS = {
  table: { extension: 'txt', print: asItIs } satisfies Format<string>,
  markdown: { extension: 'md', print: asItIs } satisfies Format<string>,
  /** Tabulars that need the package booktabs. */
  latex: { extension: 'tex', print: asItIs } satisfies Format<string>,
  /** Rows of one shape, or finished lines. */
  csv: {
    extension: 'csv',
    print: async (rows) => {
      if (typeof rows === 'string') return rows;
      if (rows.length === 0) return '';
      // Takes longer to load than many commands take that print another format.
      const { toCsv } = await import('../results/csv.js');
      return toCsv(rows);
    },
  } satisfies Format<string | readonly CsvRow[]>,
  json: {
    extension: 'json',
    print: (document, { indent }) => jsonText(document, indent),
  } satisfies Format<unknown>,
  /** Python: a plan as Zeus reads it, and a script that sets the clocks itself. */
  zeus: { extension: 'py', print: asItIs } satisfies Format<string>,
  nvml: { extension: 'py', print: asItIs } satisfies Format<string>,
  /** One or more documents. */
  yaml: {
    extension: 'yaml',
    print: (documents) => documents.join('---\n'),
  } satisfies Format<readonly string[]>,
};

export type FormatName = keyof typeof FORMATS;

/** The content of each of a command's formats; only the one asked for is made. */
type Contents<F extends FormatName> = {
  readonly [K in F]: () => Parameters<(typeof FORMATS)[K]['print']>[0];
};

/** Prints a result in the format that was asked for. */
export async function printed<F extends FormatName>(
  format: F,
  contents: Contents<F>,
  style: Style = { indent: 2 },
): Promise<string> {
  const asked = FORMATS[format] as Format<unknown>;
  return asked.print(contents[format](), style);
}
