import { useCallback, useContext, useEffect, useRef, useState } from 'preact/hooks';
import type { FrontierPoint } from '../../../src/planner/planner.js';
import { DeadlineContext } from './deadline.js';
import { pointAt, type DraggedCurve } from './dragged-curve.js';

/** The point of a curve that is looked at, and how it is moved. */
export interface Deadline {
  readonly point: FrontierPoint;
  /** The earliest deadline. */
  readonly firstS: number;
  /** Whether it differs from the plan that was computed. */
  readonly isMoved: boolean;
  /** Moves to the slowest point that keeps a deadline. */
  readonly moveTo: (timeS: number) => void;
  readonly onKeyDown: (event: KeyboardEvent) => void;
  readonly release: () => void;
}

/** Parts of the curve by which keys move. */
const STEPS: Readonly<Record<string, number>> = {
  ArrowLeft: -0.01,
  ArrowDown: -0.01,
  ArrowRight: 0.01,
  ArrowUp: 0.01,
  PageDown: -0.1,
  PageUp: 0.1,
  Home: -Infinity,
  End: Infinity,
};

/** The deadline on a curve: that of the plan, until it is dragged. */
export function useDeadline(curve: DraggedCurve): Deadline {
  const listener = useContext(DeadlineContext);
  const [draggedS, setDragged] = useState<number | undefined>(undefined);
  const isHeld = useRef(false);
  // A new answer shows its own plan.
  useEffect(() => {
    if (listener !== undefined && !isHeld.current) setDragged(undefined);
  }, [curve, listener]);
  // A page's healthy pipelines take the straggler's time anyway.
  const first = listener === undefined ? 0 : pointAt(curve, curve.stragglerTimeS ?? 0);
  const index = pointAt(curve, draggedS ?? curve.chosen.timeS);
  const point = draggedS === undefined ? curve.chosen : curve.points[index]!;
  const moveTo = useCallback(
    (timeS: number) => {
      const next = curve.points[Math.max(first, pointAt(curve, timeS))]!.timeS;
      isHeld.current = true;
      setDragged(next);
      listener?.onDeadline(next);
    },
    [curve, first, listener],
  );
  const release = useCallback(() => {
    if (!isHeld.current) return;
    isHeld.current = false;
    listener?.onRelease();
  }, [listener]);
  const onKeyDown = useCallback(
    (event: KeyboardEvent) => {
      const step = STEPS[event.key];
      if (step === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      const last = curve.points.length - 1;
      const by = Math.sign(step) * Math.max(1, Math.round(Math.abs(step) * last));
      moveTo(curve.points[Math.min(last, Math.max(0, index + by))]!.timeS);
      release();
    },
    [curve, index, moveTo, release],
  );
  return {
    point,
    firstS: curve.points[first]!.timeS,
    isMoved: draggedS !== undefined,
    moveTo,
    onKeyDown,
    release,
  };
}
