import PDFDocument from 'pdfkit';
import SVGtoPDF from 'svg-to-pdfkit';
import type { FigureFont } from './figure-font.js';
import type { PaperSvg } from './paper-svg.js';

/**
 * A figure as PDF of exactly its size: lines as vectors, letters as letters of fonts that are in the file.
 * The same figure gives the same bytes: its date is a fixed one.
 */
export function pdfFigure(
  { svg, widthPt, heightPt }: PaperSvg,
  font: FigureFont,
  title: string,
): Promise<Uint8Array> {
  const document = new PDFDocument({
    ...{ size: [widthPt, heightPt], margin: 0, pdfVersion: '1.7' },
    info: { Title: title, Creator: 'pipewatt', Producer: 'pipewatt', CreationDate: new Date(0) },
  });
  document.registerFont('regular', font.regular.bytes);
  document.registerFont('bold', font.bold.bytes);
  const finished = new Promise<Uint8Array>((resolve, reject) => {
    const pieces: Uint8Array[] = [];
    document.on('data', (piece: Uint8Array) => pieces.push(piece));
    document.on('error', reject);
    document.on('end', () => {
      resolve(joined(pieces));
    });
  });
  SVGtoPDF(document, svg, 0, 0, {
    ...{ width: widthPt, height: heightPt, assumePt: true },
    fontCallback: (_family: string, isBold: boolean) => (isBold ? 'bold' : 'regular'),
  });
  document.end();
  return finished;
}

function joined(pieces: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const piece of pieces) {
    all.set(piece, at);
    at += piece.length;
  }
  return all;
}
