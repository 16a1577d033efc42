import { text, type Markish, type PlotOptions } from '@observablehq/plot';

/** The size and the letters of a chart. */
export interface ChartStyle {
  readonly widthPx: number;
  /** If left out, the chart's own. */
  readonly heightPx?: number;
  readonly fontPx: number;
  /** Letters in the picture are no smaller; where there is no room for them, there are none. */
  readonly leastFontPx?: number;
  readonly fontFamily: string;
  /** The width of a text as a part of the letters' size, where the font is known. */
  readonly textEm?: (text: string) => number;
}

/** The style of reports, pictures and the page. */
export const SCREEN_STYLE: ChartStyle = {
  widthPx: 640,
  fontPx: 12,
  fontFamily: 'system-ui, sans-serif',
};

/** The room that a chart needs around its plot. */
export interface Frame {
  readonly heightPx: number;
  /** The number of characters of the widest label of the vertical axis. */
  readonly leftChars?: number;
  /** Above the plot and the title of its vertical axis, for a legend. */
  readonly topPx?: number;
  /** Right of the plot, for labels that reach over its edge. */
  readonly rightChars?: number;
}

/** The width of a character, as a part of the letters' size: a little over the mean of digits. */
export const CHARACTER_EM = 0.56;

/** The width of a text, or about its width where the font is not known. */
export function textPx(text: string, { fontPx, textEm }: ChartStyle): number {
  return fontPx * (textEm === undefined ? CHARACTER_EM * text.length : textEm(text));
}

/** Options of Plot for a chart in a style: size, letters, and margins that grow with the letters. */
export function framed(
  { widthPx, heightPx, fontPx, fontFamily }: ChartStyle,
  { heightPx: ownPx, leftChars = 5, topPx = 0, rightChars = 2 }: Frame,
): Pick<
  PlotOptions,
  'width' | 'height' | 'style' | 'marginTop' | 'marginRight' | 'marginBottom' | 'marginLeft'
> {
  const em = fontPx;
  return {
    width: widthPx,
    height: heightPx ?? ownPx,
    style: { fontSize: `${fontPx}px`, fontFamily },
    marginTop: topPx + 2 * em,
    marginRight: Math.ceil(CHARACTER_EM * rightChars * em),
    marginBottom: Math.ceil(3.2 * em),
    marginLeft: Math.ceil((CHARACTER_EM * leftChars + 1.1) * em),
  };
}

/**
 * The title of the vertical axis, above it: Plot's own would be at the chart's top, where legends are. The
 * scale's label must be `null`.
 *
 * @param aboveEm its distance from the plot, in letters' sizes.
 */
export function verticalTitle(
  label: string,
  { fontPx }: ChartStyle,
  { marginLeft = 0 }: Pick<PlotOptions, 'marginLeft'>,
  aboveEm = 1.5,
): Markish {
  return text([label], {
    ...{ facet: 'super', frameAnchor: 'top-left', textAnchor: 'start' },
    ...{ dx: 3 - marginLeft, dy: -aboveEm * fontPx },
    text: (said: string) => `↑ ${said}`,
  });
}
