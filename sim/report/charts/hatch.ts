import { text, type Markish } from '@observablehq/plot';
import { PALETTE } from '../looks.js';
import { svgMaker } from './svg-maker.js';

/** The distance of stripes and their width, in pixels. */
const STRIPE = { everyPx: 5, widthPx: 1.6 };

/** The paint of stripes at an angle, over any colour; `hatchMark` must be in the chart. */
export function hatchPaint(angleDeg: number): string {
  return `url(#hatch${angleDeg})`;
}

/** A mark that draws nothing, but defines stripes at these angles. */
export function hatchMark(anglesDeg: readonly number[]): Markish {
  return text([0], {
    facet: 'super',
    frameAnchor: 'top-left',
    render: (_index, _scales, _values, _dimensions, { document }) => {
      const make = svgMaker(document);
      const { everyPx, widthPx } = STRIPE;
      const definitions = make('defs');
      for (const angleDeg of anglesDeg) {
        const pattern = make('pattern', {
          ...{ id: `hatch${angleDeg}`, width: everyPx, height: everyPx },
          patternUnits: 'userSpaceOnUse',
          patternTransform: `rotate(${angleDeg})`,
        });
        const d = `M0 ${everyPx / 2}H${everyPx}`;
        const stripe = { stroke: PALETTE.paper.light, 'stroke-width': widthPx };
        pattern.append(make('path', { d, ...stripe }));
        definitions.append(pattern);
      }
      return definitions;
    },
  });
}
