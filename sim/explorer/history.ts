/** Everything that was asked, one after another, so that changes can be undone and redone. */
export interface History<State> {
  /** Earlier states, oldest first. */
  readonly past: readonly State[];
  readonly present: State;
  /** States that were undone, the next one to redo first. */
  readonly future: readonly State[];
  /** Whether the next change belongs to the one before it, as while a slider is dragged. */
  readonly isDragging: boolean;
}

/** Most changes that can be undone. */
const MOST_STATES = 200;

/** A history without changes. */
export function begun<State>(present: State): History<State> {
  return { past: [], present, future: [], isDragging: false };
}

/** The history after a change. @param isDragging whether the change may go on, and is one with its rest. */
export function changed<State>(
  history: History<State>,
  next: State,
  isDragging = false,
): History<State> {
  const { past, present } = history;
  const isOneWithLast = history.isDragging && isDragging;
  return {
    past: isOneWithLast ? past : [...past, present].slice(-MOST_STATES),
    present: next,
    future: [],
    isDragging,
  };
}

/** The history once a control is released: the next change is another one. */
export function settled<State>(history: History<State>): History<State> {
  return history.isDragging ? { ...history, isDragging: false } : history;
}

/** The history without its last change; the same if there is none. */
export function undone<State>(history: History<State>): History<State> {
  const { past, present, future } = history;
  const before = past.at(-1);
  if (before === undefined) return history;
  return {
    past: past.slice(0, -1),
    present: before,
    future: [present, ...future],
    isDragging: false,
  };
}

/** The history with the change that was undone last; the same if there is none. */
export function redone<State>(history: History<State>): History<State> {
  const { past, present, future } = history;
  const [after, ...rest] = future;
  if (after === undefined) return history;
  return { past: [...past, present], present: after, future: rest, isDragging: false };
}
