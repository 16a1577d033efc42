import { suggestion, understood } from '../../src/vocabulary.js';
import {
  FIGURE_FORMATS,
  FIGURE_NAMES,
  type FigureFormat,
  type FigureName,
} from '../figures/figure-names.js';
import { LEAST_PT, MOST_PT, PAPER_LENGTHS, paperLengthPt } from '../figures/paper-length.js';
import type { figure as declared } from './figure-options.js';
import type { OptionReader } from './options.js';

/** The figure that was asked for. */
export interface FigureWish {
  readonly name: FigureName | undefined;
  readonly output: string;
  readonly format: FigureFormat;
  readonly widthPt: number;
  readonly heightPt: number | undefined;
  readonly fontPt: number;
  readonly dpi: number;
  readonly policies: readonly string[] | undefined;
}

type Options = OptionReader<typeof declared>;

/** The narrowest figure that letters leave room in, as a multiple of their size. */
const LEAST_WIDTH_EM = 20;

/** Reads the options, and complains of those that are wrong. */
export function figureWish(asked: string, options: Options): FigureWish {
  const output = options.get('--output');
  const fontPt = options.get('--font-size');
  const widthPt = lengthOf('--width', options)!;
  if (options.isRight('--width', '--font-size') && widthPt < LEAST_WIDTH_EM * fontPt) {
    const least = (LEAST_WIDTH_EM * fontPt) / 72;
    const expected = `at least ${least.toFixed(2)}in for letters of ${fontPt} pt; choose smaller letters or more width`;
    options.complain('--width', `found "${options.get('--width')}", expected ${expected}`);
  }
  return {
    name: nameOf(asked, options),
    ...{ output, format: formatOf(output, options), widthPt, fontPt },
    heightPt: lengthOf('--height', options),
    dpi: options.get('--dpi'),
    policies: policiesOf(options),
  };
}

function nameOf(asked: string, options: Options): FigureName | undefined {
  const vocabulary = {
    names: FIGURE_NAMES,
    aliases: { figure7: 'paper-7', figure8: 'paper-8', figure9: 'paper-9' } as const,
  };
  const name = understood(vocabulary, asked);
  if (name === undefined) {
    const expected = `expected ${FIGURE_NAMES.join(', ')}${suggestion(vocabulary, asked)}`;
    options.complain('figure', `found "${asked}", ${expected}`);
  }
  return name;
}

function formatOf(output: string, options: Options): FigureFormat {
  const format = FIGURE_FORMATS.find((ending) => output.toLowerCase().endsWith(`.${ending}`));
  if (format === undefined && output !== '') {
    options.complain(
      '--output',
      `found "${output}", expected a name that ends in .pdf, .svg or .png`,
    );
  }
  return format ?? 'pdf';
}

function lengthOf(flag: '--width' | '--height', options: Options): number | undefined {
  const text = options.get(flag);
  if (text === undefined) return undefined;
  const lengthPt = paperLengthPt(text);
  if (lengthPt !== undefined && lengthPt >= LEAST_PT && lengthPt <= MOST_PT) return lengthPt;
  options.complain(flag, `found "${text}", expected ${PAPER_LENGTHS}`);
  return NaN;
}

function policiesOf(options: Options): string[] | undefined {
  const names = options
    .get('--policies')
    ?.split(',')
    .map((name) => name.trim());
  if (names === undefined) return undefined;
  const twice = names.find((name, k) => names.indexOf(name) < k);
  if (twice !== undefined) options.complain('--policies', `found ${twice} twice, expected it once`);
  if (names.includes('')) options.complain('--policies', 'expected names with commas between them');
  return names;
}
