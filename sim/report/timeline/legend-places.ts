import { activityLook } from './activity-looks.js';
import { legendItems, type LegendItem } from './legend.js';
import { boxOfKind, PanelCanvas, type Shape } from './panel-canvas.js';
import { LEVELS, POWER_COLOURS } from './power-colours.js';
import { short } from './stripes.js';
import type { Timeline } from './timeline-data.js';
import { BOX_PART, laneLengths, textPx } from './timeline-layout.js';

/** An entry of the legend at its place. */
export interface PlacedItem {
  readonly x: number;
  readonly y: number;
  readonly mark: LegendMark;
  readonly text: string;
}

/** The legend in as many lines as its entries take. */
export function placedLegend(
  timeline: Timeline,
  widthPx: number,
  fontPx: number,
): { readonly items: readonly PlacedItem[]; readonly heightPx: number } {
  const linePx = 1.7 * fontPx;
  let [x, y] = [0, 0];
  const items = legendItems(timeline).map((item) => {
    const besidesPx = 0.5 * fontPx + textPx(item.text, fontPx);
    const mark = legendMark(item, fontPx, widthPx - besidesPx);
    const itemPx = mark.widthPx + besidesPx;
    if (x > 0 && x + itemPx > widthPx) [x, y] = [0, y + linePx];
    const placed = { x, y, mark, text: item.text };
    x += itemPx + 1.4 * fontPx;
    return placed;
  });
  return { items, heightPx: y + linePx };
}

/** The drawing of a legend's mark. */
interface LegendMark {
  readonly shapes: readonly Shape[];
  readonly widthPx: number;
}

/**
 * Draws a mark of the legend from its upper left corner, as high as a letter.
 * @param roomPx the width that there is beside its text.
 */
function legendMark({ mark }: LegendItem, fontPx: number, roomPx: number): LegendMark {
  if (mark === 'power') return powerMark(fontPx, roomPx);
  const widthPx = 1.6 * fontPx;
  const lengths = { ...laneLengths(fontPx / BOX_PART, fontPx), plotPx: widthPx };
  const canvas = new PanelCanvas(lengths);
  if (mark === 'critical') canvas.critical(0, widthPx, -0.4 * fontPx);
  else if ('kind' in mark) {
    canvas.computing(LEVELS - 8, { left: 0, right: widthPx, ...boxOfKind(mark.kind, lengths, 0) });
  } else canvas.activity(activityLook(mark.activity), 0, widthPx, 0);
  return { widthPx, shapes: canvas.drawn().shapes };
}

function powerMark(fontPx: number, roomPx: number): LegendMark {
  const stepPx = Math.max(0.1 * fontPx, Math.min(0.3 * fontPx, short(roomPx / LEVELS)));
  return {
    widthPx: stepPx * LEVELS,
    shapes: POWER_COLOURS.map(({ light }, level) => ({
      paint: 'fill',
      colour: light,
      d: `M${short(level * stepPx)} 0h${short(stepPx)}v${fontPx}h${-short(stepPx)}z`,
    })),
  };
}
