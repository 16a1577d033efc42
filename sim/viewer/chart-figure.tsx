import { plot } from '@observablehq/plot';
import { createContext } from 'preact';
import { useContext, useLayoutEffect, useRef } from 'preact/hooks';
import type { Chart } from '../report/charts/chart.js';

/**
 * Draws charts as text, where components are rendered without a document (`chartSvg`). In a browser there
 * is none: charts are then drawn in the page's document, with their tooltips.
 */
export const ChartDrawing = createContext<((chart: Chart) => string) | undefined>(undefined);

/** A chart of a page or a report. @param label its description for those who cannot see it. */
export function ChartFigure({ chart, label }: { readonly chart: Chart; readonly label: string }) {
  const draw = useContext(ChartDrawing);
  const place = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    place.current!.replaceChildren(plot(chart));
  }, [chart]);
  const svg = draw === undefined ? '' : draw(chart);
  return (
    <div
      ref={place}
      class="chart"
      role="img"
      aria-label={label}
      dangerouslySetInnerHTML={{ __html: svg }}
    />
  );
}
