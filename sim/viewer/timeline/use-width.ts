import type { RefObject } from 'preact';
import { useLayoutEffect, useState } from 'preact/hooks';

/** The width of an element, as it changes. @param initialPx before it is known. */
export function useWidth(place: RefObject<HTMLElement | null>, initialPx: number): number {
  const [widthPx, setWidth] = useState(initialPx);
  useLayoutEffect(() => {
    const element = place.current!;
    const measure = () => {
      if (element.clientWidth > 0) setWidth(element.clientWidth);
    };
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => {
      observer.disconnect();
    };
  }, [place]);
  return widthPx;
}
