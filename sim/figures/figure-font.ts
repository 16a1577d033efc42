import * as fontkit from 'fontkit';
import { InputError, type Problem } from '../../src/errors.js';

/** One file of a font. */
export interface FontFile {
  readonly path: string;
  readonly bytes: Uint8Array;
}

/** A font in which figures are set. */
export interface FigureFont {
  readonly family: string;
  readonly regular: FontFile;
  /** For headings; the regular one if the font has no other. */
  readonly bold: FontFile;
  /** The width of a text as a part of the letters' size. */
  readonly textEm: (text: string) => number;
  /** Characters of a text that the font does not have. */
  readonly missing: (text: string) => string[];
}

/** A problem without its message. */
type Place = Omit<Problem, 'message'>;

/**
 * Opens a font.
 * @throws InputError if a file is no TrueType or OpenType font.
 */
export function figureFont(regular: FontFile, bold: FontFile, at: Place): FigureFont {
  const font = opened(regular, at);
  return {
    family: font.familyName,
    ...{ regular, bold },
    textEm: (text) => font.layout(text).advanceWidth / font.unitsPerEm,
    missing: (text) =>
      [...new Set(text)].filter(
        (character) =>
          !/\s/.test(character) && !font.hasGlyphForCodePoint(character.codePointAt(0)!),
      ),
  };
}

/** The signatures of files that hold one font each: TrueType of two makers, OpenType. */
const SIGNATURES = ['\u0000\u0001\u0000\u0000', 'true', 'OTTO'];

/** Other files of fonts. */
const OTHERS: Readonly<Record<string, string>> = {
  wOFF: 'a font for web pages (WOFF)',
  wOF2: 'a font for web pages (WOFF2)',
  ttcf: 'a collection of several fonts',
};

function opened({ path, bytes }: FontFile, at: Place): fontkit.Font {
  const signature = String.fromCharCode(...bytes.subarray(0, 4));
  const expected = 'expected a font in one .ttf or .otf file';
  if (!SIGNATURES.includes(signature)) {
    const found = Object.hasOwn(OTHERS, signature) ? OTHERS[signature]! : 'no font';
    throw InputError.of({ ...at, message: `${path} is ${found}, ${expected}` });
  }
  try {
    const font = fontkit.create(bytes as Buffer) as fontkit.Font;
    // A damaged file fails only when it is used.
    font.layout('0');
    return font;
  } catch (error) {
    const message = `${path} is a damaged font (${(error as Error).message}), ${expected}`;
    throw InputError.of({ ...at, message });
  }
}
