import * as vega from 'vega';
import { compile, type Config, type TopLevelSpec } from 'vega-lite';
import { visible } from '../../../src/visible.js';

/** Text and lines take the colour of the page around them, light or dark. */
const OF_THE_PAGE: Config = {
  aria: false,
  background: 'transparent',
  font: 'system-ui, sans-serif',
  axis: {
    labelColor: 'currentColor',
    titleColor: 'currentColor',
    domainColor: 'currentColor',
    tickColor: 'currentColor',
    gridColor: 'currentColor',
    gridOpacity: 0.15,
    titleFontWeight: 'normal',
    labelLimit: 0,
  },
  legend: {
    labelColor: 'currentColor',
    titleColor: 'currentColor',
    titleFontWeight: 'normal',
    labelLimit: 0,
    symbolBaseFillColor: 'currentColor',
    symbolBaseStrokeColor: 'currentColor',
  },
  header: { labelColor: 'currentColor', titleColor: 'currentColor' },
  title: { color: 'currentColor' },
  text: { color: 'currentColor' },
  view: { stroke: null },
};

/** A chart as SVG for a page, made without a browser. The same chart gives the same bytes. */
export async function vegaSvg(spec: TopLevelSpec): Promise<string> {
  const themed = { ...spec, config: { ...OF_THE_PAGE, ...spec.config } };
  const view = new vega.View(vega.parse(compile(themed).spec), { renderer: 'none' });
  return visible(rounded(withoutRoles(await view.toSVG())));
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
