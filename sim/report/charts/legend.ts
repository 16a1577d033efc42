import { text, type Markish } from '@observablehq/plot';
import type { Look } from '../looks.js';
import { textPx, type ChartStyle } from './chart-style.js';
import { svgMaker, type SvgMaker } from './svg-maker.js';

/** A name of a legend with a sample of its look. */
export interface LegendEntry {
  readonly name: string;
  /** The light colour. */
  readonly colour: string;
  /** A line in these dashes. */
  readonly dash?: readonly number[];
  /** The path of a mark within the square from −1 to 1. */
  readonly shape?: string;
  /** The path of a mark that is a ring. */
  readonly ring?: string;
  /** A paint over the colour, such as the stripes of a pattern. */
  readonly over?: string;
}

/** A legend above a plot. */
export interface Legend {
  readonly mark: Markish;
  readonly heightPx: number;
}

/** Ems of a sample, of the gaps after a sample and after a name, and between lines. */
const SAMPLE_EM = 2.2;
const GAP_EM = 0.5;
const NEXT_EM = 1.4;
const LINE_EM = 1.6;

/** The entries of named things with a look, as lines with a mark. */
export function lookEntries(names: readonly string[], looks: readonly Look[]): LegendEntry[] {
  return names.map((name, k) => {
    const { colour, dash, shape } = looks[k]!;
    return { name, colour: colour.light, dash, shape };
  });
}

/** Lays out a legend in lines as wide as the chart, from its left edge. */
export function legend(entries: readonly LegendEntry[], style: ChartStyle): Legend {
  const { widthPx, fontPx } = style;
  const places: { readonly entry: LegendEntry; readonly x: number; readonly line: number }[] = [];
  const leftPx = 0.2 * fontPx;
  let [x, line] = [leftPx, 0];
  for (const entry of entries) {
    const ownPx = (SAMPLE_EM + GAP_EM) * fontPx + textPx(entry.name, style);
    if (x > leftPx && x + ownPx > widthPx) [x, line] = [leftPx, line + 1];
    places.push({ entry, x, line });
    x += ownPx + NEXT_EM * fontPx;
  }
  // One mark of the whole chart, not of each facet, that draws by itself.
  const mark = text([0], {
    facet: 'super',
    frameAnchor: 'top-left',
    render: (_index, _scales, _values, _dimensions, { document }) => {
      const make = svgMaker(document);
      const group = make('g', { 'text-anchor': 'start' });
      for (const { entry, x: atX, line: k } of places) {
        const atY = (k + 0.5) * LINE_EM * fontPx;
        const item = make('g', { transform: `translate(${atX},${atY})` });
        item.append(...sample(entry, fontPx, make));
        const name = make('text', { x: (SAMPLE_EM + GAP_EM) * fontPx, y: '0.35em' });
        name.textContent = entry.name;
        item.append(name);
        group.append(item);
      }
      return group;
    },
  });
  return { mark, heightPx: entries.length === 0 ? 0 : (line + 1) * LINE_EM * fontPx };
}

function sample(
  { colour, dash, shape, ring, over }: LegendEntry,
  em: number,
  make: SvgMaker,
): SVGElement[] {
  const middle = (SAMPLE_EM / 2) * em;
  if (dash === undefined && shape === undefined && ring === undefined) {
    const d = `M${middle} ${-0.45 * em}h${0.9 * em}v${0.9 * em}h${-0.9 * em}z`;
    const place = { d, transform: `translate(${0.2 * em})` };
    const paints = over === undefined ? [colour] : [colour, over];
    return paints.map((fill) => make('path', { ...place, fill }));
  }
  const line = { d: `M0 0h${SAMPLE_EM * em}`, stroke: colour, 'stroke-width': 1.5 };
  const scale = `translate(${middle},0) scale(${0.38 * em})`;
  const rim = { fill: 'none', stroke: colour, 'stroke-width': 1 / (0.38 * em) };
  return [
    ...(ring === undefined ? [] : [make('path', { d: ring, ...rim, transform: scale })]),
    ...(dash === undefined ? [] : [make('path', { ...line, 'stroke-dasharray': dash.join(' ') })]),
    ...(shape === undefined ? [] : [make('path', { d: shape, fill: colour, transform: scale })]),
  ];
}
