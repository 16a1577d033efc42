import { createRequire } from 'node:module';
import { InputError, UnreadableFileError, type Problem } from '../../src/errors.js';
import { suggestion, understood } from '../../src/vocabulary.js';
import { readBytes } from '../disk/read-bytes.js';
import { reason } from '../disk/reason.js';
import { figureFont, type FigureFont, type FontFile } from '../figures/figure-font.js';
import type { CommandFiles } from './command-files.js';

/** Fonts that come with the program, by name: the files of their regular and bold letters. */
const SHIPPED: Readonly<Record<string, readonly [regular: string, bold: string]>> = {
  'Source Sans 3': [
    '@expo-google-fonts/source-sans-3/400Regular/SourceSans3_400Regular.ttf',
    '@expo-google-fonts/source-sans-3/600SemiBold/SourceSans3_600SemiBold.ttf',
  ],
};

/** The most bytes of a font: those of all Chinese characters have a quarter. */
const MOST_FONT_BYTES = 128 * 2 ** 20;

/**
 * The font of `--font`: the name of one that comes with the program, or a file.
 * @throws InputError if there is no such font.
 */
export function namedFont(
  asked: string,
  at: Omit<Problem, 'message'>,
  files: CommandFiles,
): FigureFont {
  const vocabulary = { names: Object.keys(SHIPPED) };
  const name = understood(vocabulary, asked);
  if (name !== undefined) {
    const { resolve } = createRequire(import.meta.url);
    const [regular, bold] = SHIPPED[name]!.map((file) => fontFile(resolve(file), at));
    return figureFont(regular!, bold!, at);
  }
  if (!/[/\\]|\.\w{2,5}$/.test(asked)) {
    const expected = `expected ${vocabulary.names.join(', ')} or a .ttf or .otf file`;
    throw InputError.of({
      ...at,
      message: `found "${asked}", ${expected}${suggestion(vocabulary, asked)}`,
    });
  }
  files.reads(asked);
  const file = fontFile(asked, at);
  return figureFont(file, file, at);
}

function fontFile(path: string, at: Omit<Problem, 'message'>): FontFile {
  try {
    return { path, bytes: readBytes(path, MOST_FONT_BYTES) };
  } catch (error) {
    const why =
      error instanceof UnreadableFileError ? error.message : `cannot be read: ${reason(error)}`;
    throw InputError.of({ ...at, message: `${path} ${why}` });
  }
}
