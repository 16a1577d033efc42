import { boxAt, boxEdges, type BoxEdges, type BoxPlace } from '../../report/timeline/box-at.js';
import type { PlacedItem } from '../../report/timeline/legend-places.js';
import type { Moment } from '../../report/timeline/moment.js';
import type { Window } from '../../report/timeline/panel-shapes.js';
import { needsTwoLines, type LineLetters } from '../../report/timeline/panel-titles.js';
import type { Timeline } from '../../report/timeline/timeline-data.js';
import { LETTER_PART, type TimelineLayout } from '../../report/timeline/timeline-layout.js';
import { BOLD_PART } from '../../report/timeline/timeline-svg.js';

/** The places of a picture's parts from above. */
export interface PictureRows {
  readonly layout: TimelineLayout;
  readonly stages: number;
  readonly panels: number;
  /** The room of titles in two lines; undefined if they have one line. */
  readonly twoLines: LineLetters | undefined;
  readonly panelPx: number;
  readonly axisTopPx: number;
  readonly legendTopPx: number;
  readonly legend: readonly PlacedItem[];
  readonly heightPx: number;
}

/** Titles have a second line where one line may be too short for them, at any moment. */
const SECOND_LINE_EM = 1.25;

/** Stacks the parts of a picture. */
export function rowsOf(
  timeline: Timeline,
  { titlePx, ...others }: TimelineLayout,
  parts: {
    readonly stages: number;
    readonly panels: number;
    readonly legend: { readonly items: readonly PlacedItem[]; readonly heightPx: number };
  },
): PictureRows {
  const { stages, panels, legend } = parts;
  const { plotPx, fontPx } = others;
  const [first, second] = [plotPx / (BOLD_PART * fontPx), plotPx / (LETTER_PART * fontPx)];
  const twoLines = needsTwoLines(timeline, first) ? { first, second } : undefined;
  const secondPx = twoLines === undefined ? 0 : SECOND_LINE_EM * fontPx;
  const layout = { ...others, titlePx: titlePx + secondPx };
  const panelPx = layout.titlePx + stages * layout.lanePx + layout.gapPx;
  const axisTopPx = panels * panelPx;
  const legendTopPx = axisTopPx + layout.axisPx;
  return {
    ...{ layout, stages, panels, twoLines, panelPx, axisTopPx, legendTopPx },
    legend: legend.items,
    heightPx: Math.ceil(legendTopPx + legend.heightPx),
  };
}

/** The moment and the part of the span that a picture shows. */
export interface Shown {
  readonly moment: Moment;
  readonly window: Window;
}

/** The pixels of a pointer, from the picture's upper left corner. */
export interface PointerPlace {
  readonly x: number;
  readonly y: number;
}

/** The box below a pointer. */
export function placeOfPointer(
  timeline: Timeline,
  { layout, stages, panels, panelPx }: PictureRows,
  { moment, window }: Shown,
  { x, y }: PointerPlace,
): BoxPlace | undefined {
  const pipeline = Math.floor(y / panelPx);
  const stage = Math.floor((y - pipeline * panelPx - layout.titlePx) / layout.lanePx);
  const part = (x - layout.leftPx) / layout.plotPx;
  const isInside = pipeline < panels && stage >= 0 && stage < stages && part >= 0 && part <= 1;
  if (!isInside) return undefined;
  const time = window.from + part * (window.until - window.from);
  return boxAt(timeline, { pipeline, stage }, moment, time);
}

/** The rectangle of a box in the picture, cut at the plot's edges. */
export function boxRectangle(
  timeline: Timeline,
  { layout, panelPx }: PictureRows,
  { moment, window }: Shown,
  place: BoxPlace,
): { readonly x: number; readonly y: number; readonly widthPx: number; readonly heightPx: number } {
  const edges: BoxEdges = boxEdges(timeline, place, moment);
  const xOf = (part: number) => {
    const x = ((part - window.from) / (window.until - window.from)) * layout.plotPx;
    return layout.leftPx + Math.min(layout.plotPx, Math.max(0, x));
  };
  const [x, right] = [xOf(edges.from), xOf(edges.until)];
  const y = place.pipeline * panelPx + layout.titlePx + place.stage * layout.lanePx;
  return { x, y, widthPx: right - x, heightPx: layout.boxPx };
}
