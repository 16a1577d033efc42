import { select } from 'd3-selection';
import { zoom, zoomIdentity, type D3ZoomEvent, type ZoomBehavior } from 'd3-zoom';
import type { RefObject } from 'preact';
import { useCallback, useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { WHOLE, type Window } from '../../report/timeline/panel-shapes.js';

/** Most times that a timeline is enlarged. */
const MOST_TIMES = 200;

/** The place of the plot within the picture. */
export interface PlotPlace {
  readonly leftPx: number;
  readonly plotPx: number;
}

/** The part of a timeline that is shown, and how it is changed. */
export interface Zoom {
  readonly window: Window;
  readonly isMoving: boolean;
  /** Enlarges around the middle by this factor. */
  readonly scaleBy: (factor: number) => void;
  /** Moves by a part of the width. */
  readonly moveBy: (part: number) => void;
  readonly showAll: () => void;
}

/**
 * Enlarges a picture along its time axis: by pinching, double clicks, the wheel with Ctrl; dragging moves
 * it. A wheel alone and one finger scroll the page.
 */
export function useZoom(
  place: RefObject<SVGSVGElement | null>,
  { leftPx, plotPx }: PlotPlace,
): Zoom {
  const [window, setWindow] = useState(WHOLE);
  const [isMoving, setMoving] = useState(false);
  const shown = useRef(window);
  const behaviour = useMemo(
    () =>
      zoom<SVGSVGElement, unknown>()
        .scaleExtent([1, MOST_TIMES])
        .filter((event: Event) => isForZoom(event, shown.current))
        .on('start', (event: D3ZoomEvent<SVGSVGElement, unknown>) => {
          if (event.sourceEvent !== null) setMoving(true);
        })
        .on('end', () => {
          setMoving(false);
        }),
    [],
  );
  useEffect(() => {
    const corners: [[number, number], [number, number]] = [
      [leftPx, 0],
      [leftPx + plotPx, 1],
    ];
    behaviour
      .extent(corners)
      .translateExtent(corners)
      .on('zoom', ({ transform }: D3ZoomEvent<SVGSVGElement, unknown>) => {
        const from = (transform.invertX(leftPx) - leftPx) / plotPx;
        shown.current = { from: Math.max(0, from), until: Math.min(1, from + 1 / transform.k) };
        setWindow(shown.current);
      });
    const svg = select(place.current!).call(behaviour);
    applyWindow(behaviour, place.current!, shown.current, { leftPx, plotPx });
    return () => {
      svg.on('.zoom', null);
    };
  }, [behaviour, place, leftPx, plotPx]);
  const scaleBy = useCallback(
    (factor: number) => {
      behaviour.scaleBy(select(place.current!), factor);
    },
    [behaviour, place],
  );
  const moveBy = useCallback(
    (part: number) => {
      const { from, until } = shown.current;
      behaviour.translateBy(select(place.current!), -part * plotPx * (until - from), 0);
    },
    [behaviour, place, plotPx],
  );
  const showAll = useCallback(() => {
    behaviour.transform(select(place.current!), zoomIdentity);
  }, [behaviour, place]);
  return { window, isMoving, scaleBy, moveBy, showAll };
}

/** Shows the same part of the span in a plot of another width. */
function applyWindow(
  behaviour: ZoomBehavior<SVGSVGElement, unknown>,
  svg: SVGSVGElement,
  { from, until }: Window,
  { leftPx, plotPx }: PlotPlace,
): void {
  const times = 1 / (until - from);
  const transform = zoomIdentity
    .translate(leftPx - times * (leftPx + from * plotPx), 0)
    .scale(times);
  behaviour.transform(select(svg), transform);
}

/** Whether an event is meant for the picture rather than for the page around it. */
function isForZoom(event: Event, { from, until }: Window): boolean {
  if (event instanceof WheelEvent) return event.ctrlKey || event.metaKey;
  if (event instanceof MouseEvent) return event.button === 0 && !event.ctrlKey;
  const touches = (event as TouchEvent).touches;
  return touches.length > 1 || until - from < 1;
}
