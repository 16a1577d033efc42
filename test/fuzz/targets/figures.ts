import fc from 'fast-check';
import { readFileSync } from 'node:fs';
import { stringify } from 'yaml';
import { FIGURE_NAMES, FIGURES, type FigureInput } from '../../../sim/figures/figure-names.js';
import { projectFile } from '../../support/files.js';
import { labelBoxes } from '../../support/label-boxes.js';
import { shippedFont } from '../../support/figures.js';
import type { FuzzInput } from '../fuzz-input.js';
import { hostileText, writtenNumber } from '../hostile.js';
import { csvMutation, mutatedCsv } from '../mutate-csv.js';
import { mutatedFile, textMutation } from '../mutate-text.js';
import { firstOf, type Ended } from '../oracle.js';
import { smallResults } from '../small-results.js';
import { smallScenarios } from '../small-scenarios.js';
import { commandLine, type FuzzTarget } from '../target.js';

const [{ fields: scenario, csv }] = smallScenarios() as [ReturnType<typeof smallScenarios>[number]];

/** Every n-th row of a committed table. */
function thinned(name: string, every: number): string {
  const [header, ...rows] = readFileSync(projectFile(`results/${name}`), 'utf8').split('\n');
  return `${[header, ...rows.filter((_, k) => k % every === 0)].join('\n')}\n`;
}

/** Inputs that are right, by their kind. */
const TABLES: Readonly<Record<string, string>> = {
  'robustness.csv': thinned('robustness.csv', 1),
  'figure7.csv': thinned('figure7.csv', 1),
  'figure8.csv': thinned('figure8.csv', 11),
  'figure9.csv': thinned('figure9.csv', 5),
};

const PATHS: Readonly<Record<FigureInput, string>> = {
  scenario: 's.yaml',
  robustness: 'robustness.csv',
  sweep: 'r.duckdb',
  reproduced: 'figure8.csv',
  frontiers: 'figure9.csv',
};

const inputOf = (name: (typeof FIGURE_NAMES)[number]) =>
  name === 'paper-7' ? 'figure7.csv' : PATHS[FIGURES[name]];

const LENGTHS = ['3.33in', '84mm', '8.4 cm', '7in', '240pt', '3370pt', '120.5pt'];
const anyLength = fc.oneof(
  { weight: 9, arbitrary: fc.constantFrom(...LENGTHS) },
  { weight: 1, arbitrary: fc.constantFrom('36pt', '35pt', '3371pt', '60pt') },
  {
    weight: 1,
    arbitrary: fc
      .tuple(writtenNumber, fc.constantFrom('', 'in', 'pt', 'mm', 'px', ' IN'))
      .map((parts) => parts.join('')),
  },
  { weight: 1, arbitrary: hostileText },
);
const anySize = fc.oneof(
  { weight: 9, arbitrary: fc.constantFrom('6', '8', '10', '6.5') },
  { weight: 2, arbitrary: writtenNumber },
);
const anyDpi = fc.oneof(
  { weight: 9, arbitrary: fc.constantFrom('72', '96', '150') },
  { weight: 1, arbitrary: writtenNumber },
);
const POLICIES = ['perseus', 'Max-Freq', 'zeus-global', ' perseus ', 'envpipe'];
const anyPolicies = fc.uniqueArray(
  fc.oneof(
    { weight: 20, arbitrary: fc.constantFrom(...POLICIES) },
    { weight: 1, arbitrary: fc.constantFrom('perseus-flat', 'zeus', '', ',') },
    { weight: 1, arbitrary: hostileText },
  ),
  { minLength: 1, maxLength: 3 },
);
const anyFont = fc.oneof(
  fc.constantFrom('Source Sans 3', 'source-sans-3', 's.yaml', 'nowhere.otf', '.', 'folder.ttf'),
  hostileText,
);

const anyOption = fc.oneof(
  { weight: 6, arbitrary: fc.tuple(fc.constantFrom('--width', '--height'), anyLength) },
  { weight: 6, arbitrary: fc.tuple(fc.constant('--font-size'), anySize) },
  { weight: 2, arbitrary: fc.tuple(fc.constant('--dpi'), anyDpi) },
  {
    weight: 3,
    arbitrary: fc.tuple(
      fc.constant('--policies'),
      anyPolicies.map((names) => names.join(',')),
    ),
  },
  { weight: 1, arbitrary: fc.tuple(fc.constant('--font'), anyFont) },
);

const anyFormat = fc.oneof(
  { weight: 30, arbitrary: fc.constant('x.svg') },
  { weight: 6, arbitrary: fc.constantFrom('x.pdf', 'x.png', 'x.PDF') },
  { weight: 1, arbitrary: fc.constantFrom('folder', 's.yaml', 'folder/x.svg', 'nowhere/x.svg') },
  { weight: 1, arbitrary: hostileText },
);

/** A figure with its own input, mostly. */
const anyFigure = fc
  .tuple(
    fc.constantFrom(...FIGURE_NAMES),
    fc.oneof(
      { weight: 20, arbitrary: fc.constant(undefined) },
      { weight: 1, arbitrary: fc.constantFrom(...Object.values(PATHS), 'folder', 'nowhere') },
    ),
    fc.oneof(
      { weight: 30, arbitrary: fc.constant(undefined) },
      { weight: 1, arbitrary: hostileText },
    ),
  )
  .map(([name, other, hostile]) => ({ name: hostile ?? name, path: other ?? inputOf(name) }));

/** A file as it is, or changed as a table or as text. */
function anyContent(content: string | Uint8Array): fc.Arbitrary<string | Uint8Array | null> {
  const asText = fc
    .array(textMutation, { minLength: 1, maxLength: 2 })
    .map((changes) => mutatedFile(content, changes));
  if (typeof content !== 'string' || !content.includes(',')) {
    return fc.oneof(
      { weight: 2, arbitrary: fc.constant(content) },
      { weight: 1, arbitrary: asText },
    );
  }
  return fc.oneof(
    { weight: 2, arbitrary: fc.constant(content) },
    {
      weight: 5,
      arbitrary: fc
        .array(csvMutation, { minLength: 1, maxLength: 2 })
        .map((changes) => mutatedCsv(content, changes)),
    },
    { weight: 1, arbitrary: asText },
  );
}

async function anyInput(): Promise<fc.Arbitrary<FuzzInput>> {
  const files: Readonly<Record<string, string | Uint8Array>> = {
    ...TABLES,
    's.yaml': stringify(scenario),
    'r.duckdb': await smallResults(),
  };
  return fc
    .tuple(anyFigure, anyFormat, fc.array(anyOption, { maxLength: 2 }))
    .chain(([{ name, path }, output, options]) =>
      anyContent(files[path] ?? '').map((content) =>
        commandLine(['figure', name, path, '--output', output, ...options.flat()], {
          'profile.csv': csv,
          'folder/inside.txt': 'text\n',
          's.yaml': files['s.yaml']!,
          ...(path in files ? { [path]: content } : {}),
        }),
      ),
    );
}

/** One picture for a paper, of every kind of input. */
export const figures: FuzzTarget = {
  name: 'figures',
  share: 3,
  inputs: anyInput,
  outputs: (input) => [outputOf(input)],
  oracle: (input, ended) => (ended.code === 0 ? wrongFigure(input, ended) : undefined),
};

const font = shippedFont();
const LEAST_LETTERS_PT = 6;
/** Rounded in files. */
const ROUNDING_PT = 0.02;

/** Half of a pair of characters is none in the name of a file. */
const outputOf = ({ args }: FuzzInput) => Buffer.from(args[4]!).toString();

function wrongFigure(input: FuzzInput, { out, changed, err }: Ended): string | undefined {
  const isHelp = out.startsWith('Usage:');
  if (isHelp) return undefined;
  const path = outputOf(input);
  const file = changed[path] ?? '';
  if (!err.includes(`wrote ${path}`)) return `says ${err}`;
  if (/\.pdf$/i.test(path)) {
    return firstOf([
      !/^%PDF-1\.7[^]*%%EOF\s*$/.test(file) && 'no PDF',
      /\/MediaBox \[[^\]]*(?:NaN|Infinity|undefined|-)/.exec(file)?.[0],
    ]);
  }
  if (/\.png$/i.test(path)) return file.startsWith('\x89PNG') ? undefined : 'no PNG';
  return wrongSvg(file);
}

/** A picture with numbers that are none, with letters that are too small, or without size. */
function wrongSvg(file: string): string | undefined {
  // Names and titles of the input stand between tags.
  const attributes = [...file.matchAll(/<[a-z][^>]*>/gi)].map(([tag]) => tag).join('\n');
  const [widthPt, heightPt] = ['width', 'height'].map(
    (name) => new RegExp(`^<svg[^>]* ${name}="([\\d.]+)pt"`).exec(file)?.[1],
  );
  const strange = /\b(?:NaN|Infinity|undefined|null)\b|\[object /.exec(attributes);
  if (strange !== null) {
    return `${strange[0]} in ${attributes.slice(strange.index - 200, strange.index + 20)}`;
  }
  if (!(Number(widthPt) > 0 && Number(heightPt) > 0)) return `${widthPt} × ${heightPt} pt`;
  const sized = file.replace(/ (width|height)="([\d.]+)pt"/g, ' $1="$2"');
  const small = labelBoxes(Buffer.from(sized, 'latin1').toString('utf8'), font.textEm).find(
    ({ sizePx }) => !(sizePx >= LEAST_LETTERS_PT - ROUNDING_PT),
  );
  return small === undefined ? undefined : `letters of ${small.sizePx} pt: ${small.text}`;
}
