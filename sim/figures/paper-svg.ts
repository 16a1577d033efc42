import { parseHTML } from 'linkedom';
import { PALETTE } from '../report/looks.js';
import type { FigureFont } from './figure-font.js';

/** A figure as SVG, and its size in points. */
export interface PaperSvg {
  readonly svg: string;
  readonly widthPt: number;
  readonly heightPt: number;
}

/** Elements and attributes that only browsers need. */
const OF_BROWSERS = 'style, script, title, desc';

/**
 * The picture of a report as a figure on paper: sizes in points, ink on nothing, no style sheet, and halos
 * of letters as letters of their own, because programs differ in what they understand.
 *
 * @param pointsPerPx the scale at which it is drawn.
 */
export function paperSvg(picture: string, family: string, pointsPerPx = 1): PaperSvg {
  const { document } = parseHTML(`<!doctype html><html><body>${picture}</body></html>`);
  const svg = document.querySelector('svg')!;
  const sizePx = svg
    .getAttribute('viewBox')!
    .split(/[\s,]+/)
    .slice(2);
  const [widthPt = 0, heightPt = 0] = sizePx.map((px) =>
    Number((Number(px) * pointsPerPx).toFixed(3)),
  );
  for (const element of svg.querySelectorAll(OF_BROWSERS)) element.remove();
  for (const text of svg.querySelectorAll('[paint-order]')) withHalo(text);
  for (const line of svg.querySelectorAll('[stroke-dasharray]')) withDashes(line);
  for (const [name, value] of Object.entries({
    xmlns: 'http://www.w3.org/2000/svg',
    width: String(widthPt),
    height: String(heightPt),
    color: PALETTE.ink.light,
    'font-family': `'${family.replaceAll(/['"\\]/g, '')}', sans-serif`,
  })) {
    svg.setAttribute(name, value);
  }
  svg.removeAttribute('class');
  const { fontSize } = (svg as unknown as { style: { fontSize: string } }).style;
  svg.removeAttribute('style');
  if (fontSize !== '') svg.setAttribute('font-size', fontSize.replace(/px$/, ''));
  return { svg: `${svg.outerHTML}\n`, widthPt, heightPt };
}

/** The figure as a file of its own, with its size on paper. */
export function standaloneFigure({ svg }: PaperSvg): string {
  return svg.replace(/^<svg[^>]*>/, (opening) =>
    opening.replace(/ (width|height)="([\d.]+)"/g, ' $1="$2pt"'),
  );
}

/** Letters of a figure that a font does not have. */
export function missingLetters({ svg }: PaperSvg, font: FigureFont): string[] {
  const { document } = parseHTML(`<!doctype html><html><body>${svg}</body></html>`);
  return font.missing(
    [...document.querySelectorAll('text')].map((text) => text.textContent).join(''),
  );
}

/** The shortest dash and gap, points: some programs know none of length zero. */
const LEAST_DASH = 0.01;

/** Draws a line in dashes that all programs know; dashes without gaps between them are a line. */
function withDashes(line: Element): void {
  const lengths = line
    .getAttribute('stroke-dasharray')!
    .split(/[\s,]+/)
    .map(Number);
  const twice = lengths.length % 2 === 0 ? lengths : [...lengths, ...lengths];
  const isSolid = twice.every((length, k) => k % 2 === 0 || length === 0);
  if (isSolid || lengths.some(Number.isNaN)) line.removeAttribute('stroke-dasharray');
  else {
    const known = lengths.map((length) => Math.max(LEAST_DASH, length));
    line.setAttribute('stroke-dasharray', known.join(' '));
  }
}

/** Draws letters twice: their halo, then themselves. */
function withHalo(text: Element): void {
  text.removeAttribute('paint-order');
  const halo = text.cloneNode(true) as Element;
  halo.setAttribute('fill', 'none');
  for (const name of ['stroke', 'stroke-width', 'stroke-linejoin', 'stroke-opacity']) {
    text.removeAttribute(name);
  }
  text.before(halo);
}
