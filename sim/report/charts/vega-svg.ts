import * as vega from 'vega';
import { compile, type Config, type TopLevelSpec } from 'vega-lite';

/** Colours that colour-blind people can tell apart (Okabe and Ito 2008); the page's own for the last. */
export const COLOURS = [
  '#0072b2',
  '#d55e00',
  '#009e73',
  '#cc79a7',
  '#e69f00',
  '#56b4e9',
  '#999999',
  '#f0e442',
  '#882255',
] as const;

/** Text and lines take the colour of the page around them, light or dark. */
const OF_THE_PAGE: Config = {
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
  },
  header: { labelColor: 'currentColor', titleColor: 'currentColor' },
  title: { color: 'currentColor' },
  text: { color: 'currentColor' },
  view: { stroke: null },
};

/** A chart as SVG that stands in a page, made without a browser. The same chart, the same bytes. */
export async function vegaSvg(spec: TopLevelSpec): Promise<string> {
  const themed = { ...spec, config: { ...OF_THE_PAGE, ...spec.config } };
  const view = new vega.View(vega.parse(compile(themed).spec), { renderer: 'none' });
  return rounded(await view.toSVG());
}

/** A thousandth of a pixel is enough, and the last bits of logarithms differ between engines. */
function rounded(svg: string): string {
  return svg.replace(/-?\d+\.\d{4,}/g, (number) => String(Number(Number(number).toFixed(3)) + 0));
}

/** An SVG that stands in a page, as a file by itself: black on white, so that it reads anywhere. */
export function standaloneSvg(svg: string): string {
  const opening = /^<svg([^>]*)>/;
  const [, attributes = ''] = opening.exec(svg) ?? [];
  const white = '<rect width="100%" height="100%" fill="#fff" stroke="none"/>';
  return `${svg.replace(opening, `<svg${attributes} color="#000">${white}`)}\n`;
}
