import { Resvg } from '@resvg/resvg-js';
import { PALETTE } from '../report/looks.js';
import type { FigureFont } from './figure-font.js';
import type { PaperSvg } from './paper-svg.js';

const POINTS_PER_INCH = 72;

/** The width and height of a figure in pixels. */
export function pixelsOf({ widthPt, heightPt }: PaperSvg, dpi: number): readonly [number, number] {
  return [widthPt, heightPt].map((pt) => Math.round((pt * dpi) / POINTS_PER_INCH)) as [
    number,
    number,
  ];
}

/** A figure as PNG on white paper, with the letters of the same font files as in PDF. */
export function pngFigure(figure: PaperSvg, font: FigureFont, dpi: number): Uint8Array {
  const [width] = pixelsOf(figure, dpi);
  const drawing = new Resvg(figure.svg, {
    fitTo: { mode: 'width', value: width },
    background: PALETTE.paper.light,
    font: {
      loadSystemFonts: false,
      fontFiles: [...new Set([font.regular.path, font.bold.path])],
      defaultFontFamily: font.family,
      sansSerifFamily: font.family,
    },
  });
  return drawing.render().asPng();
}
