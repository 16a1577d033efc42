import { plot } from '@observablehq/plot';
import { parseHTML } from 'linkedom';
import { visible } from '../../../src/visible.js';
import type { Chart } from './chart.js';

/**
 * A chart as SVG, made without a browser: text and lines take the colour of the page around it. The same
 * chart gives the same bytes.
 */
export function chartSvg(chart: Chart): string {
  const { document } = parseHTML('<!doctype html><html><body></body></html>');
  return svgText(plot({ ...chart, document }));
}

/** The text of a drawn picture. */
export function svgText(drawn: Element): string {
  return visible(rounded(withoutRoles(drawn.outerHTML)));
}

/** A picture has one description, that of its figure; those of its marks only confuse. */
function withoutRoles(svg: string): string {
  return svg.replace(/ (?:role|aria-[a-z]+)="[^"]*"/g, '');
}

/**
 * Rounds to a thousandth of a pixel, since the last bits of logarithms differ between engines. Text
 * is left as it is: its numbers are values.
 */
function rounded(svg: string): string {
  const short = (number: string) => String(Number(Number(number).toFixed(3)) + 0);
  return svg.replace(/<[^>]*>/g, (tag) => tag.replace(/-?\d+\.\d{4,}/g, short));
}
