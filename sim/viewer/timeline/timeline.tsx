import { useLayoutEffect, useMemo, useState } from 'preact/hooks';
import type { Timeline as TimelineData } from '../../report/timeline/timeline-data.js';
import { timelineSvg } from '../../report/timeline/timeline-svg.js';
import { LiveTimeline } from './live-timeline.js';
import { usePrinting } from './use-printing.js';

/** A timeline of a page or a report. */
export interface TimelineProps {
  readonly timeline: TimelineData;
  /** The index of the policy shown at the beginning; the first one if left out. */
  readonly initial?: number;
  /** The index of a policy to change to, once at the beginning and whenever it is another one. */
  readonly goal?: number;
}

/**
 * One iteration that changes from the highest clocks to a plan and back. Without a script, and on paper, the
 * policies are drawn one above the other.
 */
export function Timeline({ timeline, goal, initial = goal ?? 0 }: TimelineProps) {
  const [isLive, setLive] = useState(false);
  const isPrinting = usePrinting();
  useLayoutEffect(() => {
    setLive(true);
  }, []);
  return (
    <div class="timeline-view">
      {(!isLive || isPrinting) && <StillTimeline timeline={timeline} />}
      {isLive && (
        <div class="timeline-live" hidden={isPrinting}>
          <LiveTimeline {...{ timeline, initial, goal }} />
        </div>
      )}
    </div>
  );
}

/** The policies one above the other. */
function StillTimeline({ timeline }: Pick<TimelineProps, 'timeline'>) {
  const svg = useMemo(() => timelineSvg(timeline), [timeline]);
  return (
    <div
      class="timeline-still"
      tabIndex={0}
      role="region"
      aria-label="Timeline"
      dangerouslySetInnerHTML={{ __html: svg }}
    />
  );
}
