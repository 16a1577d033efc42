import { darkPictureStyle } from '../dark-style.js';
import { PALETTE } from '../looks.js';

/**
 * Turns an SVG of a page into a standalone file: with its own background, so that it is readable
 * anywhere, dark on dark screens.
 */
export function standaloneSvg(svg: string): string {
  const opening = /^<svg([^>]*)>/;
  const [, attributes = ''] = opening.exec(svg) ?? [];
  const space = attributes.includes('xmlns=') ? '' : ' xmlns="http://www.w3.org/2000/svg"';
  const { paper, ink } = PALETTE;
  const style = `<style>${darkPictureStyle()}</style>`;
  const ground = `<rect width="100%" height="100%" fill="${paper.light}" stroke="none"/>`;
  return `${svg.replace(opening, `<svg${space}${attributes} color="${ink.light}">${style}${ground}`)}\n`;
}
