import { InputError, type Problem } from '../../src/errors.js';
import type { FigureFont } from './figure-font.js';
import type { FigureFormat } from './figure-names.js';
import { missingLetters, paperSvg, standaloneFigure, type PaperSvg } from './paper-svg.js';

/** The most pixels of a PNG: 400 MB while it is drawn. */
const MOST_PIXELS = 1e8;

/** A figure's file as it was asked for. */
export interface FileWish {
  readonly format: FigureFormat;
  readonly font: FigureFont;
  readonly dpi: number;
  /** Points on paper for a pixel of the picture; 1 if left out. */
  readonly pointsPerPx?: number;
  readonly title: string;
  /** The place of an option in messages. */
  readonly at: (flag: '--font' | '--dpi') => Omit<Problem, 'message'>;
}

/**
 * The file of a drawn figure; the same figure gives the same bytes.
 * @throws InputError if the font lacks letters, or there would be too many pixels.
 */
export async function figureFile(picture: string, wish: FileWish): Promise<Uint8Array> {
  const figure = paperSvg(picture, wish.font.family, wish.pointsPerPx);
  if (wish.format === 'svg') return new TextEncoder().encode(standaloneFigure(figure));
  checkLetters(figure, wish);
  // Each takes longer to load than the other files take to draw.
  if (wish.format === 'pdf') {
    const { pdfFigure } = await import('./pdf-figure.js');
    return pdfFigure(figure, wish.font, wish.title);
  }
  const { pixelsOf, pngFigure } = await import('./png-figure.js');
  const [width, height] = pixelsOf(figure, wish.dpi);
  if (width * height <= MOST_PIXELS) return pngFigure(figure, wish.font, wish.dpi);
  const message = `found ${wish.dpi}, which makes ${width} × ${height} pixels, expected at most ${MOST_PIXELS / 1e6} million; choose fewer`;
  throw InputError.of({ ...wish.at('--dpi'), message });
}

/** @throws InputError if letters would be empty boxes. */
function checkLetters(figure: PaperSvg, { font, at }: FileWish): void {
  const missing = missingLetters(figure, font);
  if (missing.length === 0) return;
  const codes = missing.map((letter) => {
    const code = letter.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0');
    return `${letter} (U+${code})`;
  });
  const message = `${font.family} has no ${codes.join(', ')}, which the figure shows; name a .ttf or .otf file that has`;
  throw InputError.of({ ...at('--font'), message });
}
