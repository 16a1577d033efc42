import { plot } from '@observablehq/plot';
import { createContext } from 'preact';
import { useContext, useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { Chart } from '../report/charts/chart.js';
import { SCREEN_STYLE, type ChartStyle } from '../report/charts/chart-style.js';

/**
 * Draws charts as text, where components are rendered without a document (`chartSvg`). In a browser there
 * is none: charts are then drawn in the page's document, with their tooltips.
 */
export const ChartDrawing = createContext<((chart: Chart) => string) | undefined>(undefined);

/** Narrower charts would be unreadable; their place makes them smaller. */
const LEAST_PX = 280;

interface ChartFigureProps {
  /** The chart; if it is a function, as wide as its place is. */
  readonly chart: Chart | ((style: ChartStyle) => Chart);
  /** The description for those who cannot see it. */
  readonly label: string;
  /** The style where there is no browser, or no other width. */
  readonly style?: ChartStyle;
}

/** A chart of a page or a report. */
export function ChartFigure({ chart, label, style = SCREEN_STYLE }: ChartFigureProps) {
  const draw = useContext(ChartDrawing);
  const place = useRef<HTMLDivElement>(null);
  const widthPx = useWidth(place);
  useLayoutEffect(() => {
    const element = place.current!;
    const fitting = { ...style, widthPx: Math.max(LEAST_PX, widthPx ?? element.clientWidth) };
    const drawn = plot(typeof chart === 'function' ? chart(fitting) : chart);
    withoutRoles(drawn);
    element.replaceChildren(drawn);
  }, [chart, style, widthPx]);
  const svg = draw?.(typeof chart === 'function' ? chart(style) : chart) ?? '';
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

/** Takes away the names of marks: a chart has one description, its own. */
function withoutRoles(drawn: Element): void {
  for (const element of drawn.querySelectorAll('[aria-label]')) {
    element.removeAttribute('aria-label');
  }
}

/** The width of an element once it has changed. */
function useWidth(place: { readonly current: HTMLElement | null }): number | undefined {
  const [widthPx, setWidthPx] = useState<number>();
  useEffect(() => {
    const element = place.current!;
    const observer = new ResizeObserver(() => {
      // Nothing is drawn while it is hidden, as in a closed fold.
      if (element.clientWidth > 0) setWidthPx(element.clientWidth);
    });
    observer.observe(element);
    return () => {
      observer.disconnect();
    };
  }, []);
  return widthPx;
}
