import { useMemo, useRef } from 'preact/hooks';
import type { DeadlineListener } from '../viewer/frontier/deadline.js';
import { withDeadline } from './edits.js';
import type { Page } from './use-page.js';

/** Dragging the handle on the frontier gives iterations another time. */
export function useDeadlineDrag(
  { asked, change, settle }: Page,
  hurry: () => void,
): DeadlineListener {
  const latest = useRef(asked);
  latest.current = asked;
  return useMemo(
    () => ({
      onDeadline: (timeS) => {
        const { whatIf } = latest.current;
        const scenario = withDeadline(whatIf.scenario, timeS);
        change({ whatIf: { ...whatIf, scenario } }, true);
      },
      onRelease: () => {
        settle();
        hurry();
      },
    }),
    [change, settle, hurry],
  );
}
