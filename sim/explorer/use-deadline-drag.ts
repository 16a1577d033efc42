import { useMemo, useRef } from 'preact/hooks';
import type { DeadlineListener } from '../viewer/frontier/deadline.js';
import type { ShownRun } from '../viewer/shown-run.js';
import { withDeadline } from './edits.js';
import type { Page } from './use-page.js';

/**
 * Dragging the handle on the frontier gives iterations another time.
 * @param run on whose frontier it is dragged: its fastest plan needs no deadline.
 */
export function useDeadlineDrag(
  { asked, change, settle }: Page,
  run: ShownRun | undefined,
  hurry: () => void,
): DeadlineListener {
  const latest = useRef({ asked, run });
  latest.current = { asked, run };
  return useMemo(
    () => ({
      onDeadline: (timeS) => {
        const { whatIf } = latest.current.asked;
        const deadlineS = timeS > fastestTime(latest.current.run) ? timeS : undefined;
        const scenario = withDeadline(whatIf.scenario, deadlineS);
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

/** The time of the fastest plan of the policy that is drawn. */
function fastestTime(run: ShownRun | undefined): number {
  const drawn = run?.frontier.policies.find(({ policy }) => policy === run.headline.policy);
  return drawn?.points[0]?.timeS ?? 0;
}
