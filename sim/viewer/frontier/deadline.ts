import { createContext } from 'preact';

/** The page that a dragged deadline changes. */
export interface DeadlineListener {
  /** Called while it is dragged. */
  readonly onDeadline: (timeS: number) => void;
  /** Called when it is let go. */
  readonly onRelease: () => void;
}

/** The listener of the frontiers of a page; in reports there is none: dragging only reads off the curve. */
export const DeadlineContext = createContext<DeadlineListener | undefined>(undefined);
