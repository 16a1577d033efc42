import type { Stripes } from './activity-looks.js';

/** A rectangle, in pixels. */
export interface Rectangle {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly foot: number;
}

/**
 * The stripes of a rectangle as the data of an SVG path, cut at its edges. All rectangles show the same
 * stripes, as if through windows: they stand still while edges move. Lines need no patterns, which not
 * every program that reads SVG draws.
 */
export function stripesPath(box: Rectangle, stripes: Stripes, everyPx: number): string {
  const { left, right, top, foot } = box;
  switch (stripes) {
    case 'level':
      return multiples(top, foot, everyPx)
        .map((y) => `M${short(left)} ${short(y)}H${short(right)}`)
        .join('');
    case 'upright':
      return multiples(left, right, everyPx)
        .map((x) => `M${short(x)} ${short(top)}V${short(foot)}`)
        .join('');
    case 'rising':
      // The lines x + y = c.
      return multiples(left + top, right + foot, everyPx * Math.SQRT2)
        .map((c) => line(Math.max(left, c - foot), Math.min(right, c - top), (x) => c - x))
        .join('');
    case 'falling':
      // The lines x − y = c.
      return multiples(left - foot, right - top, everyPx * Math.SQRT2)
        .map((c) => line(Math.max(left, c + top), Math.min(right, c + foot), (x) => x - c))
        .join('');
  }
}

function line(fromX: number, untilX: number, yOf: (x: number) => number): string {
  if (untilX - fromX < 0.05) return '';
  return `M${short(fromX)} ${short(yOf(fromX))}L${short(untilX)} ${short(yOf(untilX))}`;
}

/** The multiples of a step between two numbers. */
function multiples(from: number, until: number, step: number): number[] {
  const first = Math.ceil(from / step);
  const count = Math.max(0, Math.floor(until / step) - first + 1);
  return Array.from({ length: count }, (_, k) => (first + k) * step);
}

/** Hundredths of a pixel. */
export function short(lengthPx: number): number {
  return Math.round(100 * lengthPx) / 100;
}
