import { SCREEN_STYLE, type ChartStyle } from '../charts/chart-style.js';

/** The look of timelines in reports and files of pictures. */
export const TIMELINE_STYLE: ChartStyle = { ...SCREEN_STYLE, widthPx: 1200 };

/** Lengths of a lane's parts, in pixels. */
export interface LaneLengths {
  readonly lanePx: number;
  readonly boxPx: number;
  readonly forwardPx: number;
  readonly otherPx: number;
  readonly criticalPx: number;
  /** Font of microbatches' numbers; boxes narrower than them have none. */
  readonly labelPx: number;
  /** Between stripes. */
  readonly stripePx: number;
}

/** Lengths of a timeline's parts, in pixels. */
export interface TimelineLayout extends LaneLengths {
  readonly fontPx: number;
  readonly widthPx: number;
  /** From the picture's left edge to time 0. */
  readonly leftPx: number;
  /** The width of the span. */
  readonly plotPx: number;
  readonly titlePx: number;
  /** Below the lanes of a panel. */
  readonly gapPx: number;
  readonly axisPx: number;
  /** `stage 3` rather than `3` beside a common heading. */
  readonly isWordy: boolean;
}

/** Lanes up to this number have full height. */
const ROOMY_STAGES = 16;

/** Letters take about this part of their size in width. */
export const LETTER_PART = 0.54;

/** The approximate width of a text, in pixels. */
export function textPx(text: string, fontPx: number): number {
  return text.length * LETTER_PART * fontPx;
}

/** The room that a timeline needs. */
export interface TimelineRoom {
  /** Lanes of a panel. */
  readonly stages: number;
  /** One above the other. */
  readonly panels: number;
  /** The height of the legend. */
  readonly legendPx: number;
}

/** Lays a timeline out: lanes share the height that the other parts leave. */
export function timelineLayout(
  { widthPx, heightPx, fontPx, leastFontPx = 0 }: ChartStyle,
  { stages, panels, legendPx }: TimelineRoom,
): TimelineLayout {
  const plot = plotPlace({ widthPx, fontPx }, stages);
  const heights = {
    titlePx: round(1.9 * fontPx),
    gapPx: round(0.6 * fontPx),
    axisPx: round(2.9 * fontPx),
  };
  const othersPx = panels * (heights.titlePx + heights.gapPx) + heights.axisPx + legendPx;
  const roomyPx = 1.6 * fontPx * Math.min(1, ROOMY_STAGES / stages);
  const lanePx =
    heightPx === undefined
      ? Math.max(roomyPx, 0.5 * fontPx)
      : Math.max((heightPx - othersPx) / (panels * stages), 2);
  const lengths = laneLengths(round(lanePx), fontPx);
  const labelPx = Math.max(lengths.labelPx, leastFontPx);
  return { fontPx, widthPx, ...plot, ...heights, ...lengths, labelPx };
}

/** The place of a timeline's plot between its left and its right edge. */
export function plotPlace(
  { widthPx, fontPx }: Pick<ChartStyle, 'widthPx' | 'fontPx'>,
  stages: number,
): Pick<TimelineLayout, 'leftPx' | 'plotPx' | 'isWordy'> {
  const isWordy = widthPx >= 45 * fontPx;
  const namePx = textPx(isWordy ? `stage ${stages - 1}` : `${stages - 1}`, fontPx);
  const leftPx = Math.ceil(namePx + (isWordy ? 0.9 : 2.1) * fontPx);
  return { isWordy, leftPx, plotPx: widthPx - leftPx - Math.ceil(fontPx) };
}

/** The part of a lane that boxes take. */
export const BOX_PART = 0.82;

/** Lays a lane out. */
export function laneLengths(lanePx: number, fontPx: number): LaneLengths {
  const boxPx = round(BOX_PART * lanePx);
  return {
    ...{ lanePx, boxPx },
    forwardPx: round(0.62 * boxPx),
    otherPx: round(0.4 * boxPx),
    criticalPx: round(Math.max(0.09 * lanePx, 0.5)),
    labelPx: round(Math.min(0.75 * fontPx, 0.9 * boxPx)),
    stripePx: round(Math.max(0.42 * fontPx, 2.5)),
  };
}

function round(lengthPx: number): number {
  return Math.round(10 * lengthPx) / 10;
}
