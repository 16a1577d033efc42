import { areaY, dot, lineY, type Markish } from '@observablehq/plot';
import type { Look } from '../looks.js';
import { lookSymbol } from './look-symbol.js';

/** A point of a panel. */
export interface PanelPoint {
  readonly x: number;
  readonly y: number;
}

const LINE_PX = 1.8;
/** The radius of marks. */
const MARK_PX = 3;

/** A line in the colour and dashes of a look. */
export function lookLine(points: readonly PanelPoint[], { colour, dash }: Look): Markish {
  const strokeDasharray = dash.join(' ');
  return lineY(points, {
    ...{ x: 'x', y: 'y', stroke: colour.light, strokeDasharray },
    strokeWidth: LINE_PX,
  });
}

/** Marks in the colour and shape of a look. */
export function lookDots(points: readonly PanelPoint[], { colour, shape }: Look): Markish {
  return dot(points, {
    ...{ x: 'x', y: 'y', fill: colour.light, symbol: lookSymbol(shape) },
    r: MARK_PX,
  });
}

/** Rings: of what was measured, over what was computed. */
export function lookRings(points: readonly PanelPoint[], { colour, shape }: Look): Markish {
  const stroke = colour.light;
  return dot(points, {
    ...{ x: 'x', y: 'y', stroke, symbol: lookSymbol(shape) },
    r: MARK_PX,
    strokeWidth: 1.2,
  });
}

/** A band between two curves, in the colour of a look. */
export function lookBand(
  points: readonly { readonly x: number; readonly low: number; readonly high: number }[],
  { colour }: Look,
): Markish {
  return areaY(points, {
    ...{ x: 'x', y1: 'low', y2: 'high', fill: colour.light },
    fillOpacity: 0.15,
  });
}
