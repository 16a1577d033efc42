import { useCallback, useMemo, useRef, useState } from 'preact/hooks';
import { SCREEN_STYLE } from '../../report/charts/chart-style.js';
import { atRest, type Moment } from '../../report/timeline/moment.js';
import { placedLegend } from '../../report/timeline/legend-places.js';
import type { Timeline } from '../../report/timeline/timeline-data.js';
import { plotPlace, timelineLayout } from '../../report/timeline/timeline-layout.js';
import { BoxTip } from './box-tip.js';
import { Controls } from './controls.js';
import { placeOfPointer, rowsOf, type PointerPlace } from './picture-rows.js';
import { TimelinePicture } from './timeline-picture.js';
import { useBoxKeys } from './use-box-keys.js';
import { useMorph } from './use-morph.js';
import { useWidth } from './use-width.js';
import { useZoom } from './use-zoom.js';

/** The width that is drawn before that of the page is known. */
const INITIAL_PX = 1100;

/** A timeline that changes between policies, can be enlarged, and tells of its boxes. */
export function LiveTimeline(props: {
  readonly timeline: Timeline;
  readonly initial: number;
  /** The policy to change to, whenever it is another one. */
  readonly goal: number | undefined;
}) {
  const { timeline, initial, goal } = props;
  const place = useRef<HTMLDivElement>(null);
  const picture = useRef<SVGSVGElement>(null);
  const widthPx = useWidth(place, INITIAL_PX);
  const rows = useRows(timeline, widthPx);
  const morph = useMorph(Math.min(initial, timeline.policies.length - 1), goal);
  const moment = withinPolicies(morph.moment, timeline);
  const zoom = useZoom(picture, rows.layout);
  const [pointerPx, setPointer] = useState<PointerPlace | undefined>(undefined);
  const shown = { moment, window: zoom.window };
  const pointed = pointerPx && placeOfPointer(timeline, rows, shown, pointerPx);
  const { onKeyDown, chosen, onFocus, onBlur } = useBoxKeys(timeline, moment, zoom);
  const point = useCallback((event: PointerEvent) => {
    const corner = picture.current!.getBoundingClientRect();
    setPointer({ x: event.clientX - corner.left, y: event.clientY - corner.top });
  }, []);
  const told = zoom.isMoving ? undefined : (pointed ?? chosen);
  return (
    <>
      <Controls policies={timeline.policies} {...{ moment, morph, zoom }} />
      <div
        ref={place}
        class="timeline-plot"
        tabIndex={0}
        role="group"
        aria-label="Timeline; plus and minus enlarge, arrows left and right move, 0 shows all; arrows up and down choose a stage, with Shift left and right a box"
        {...{ onKeyDown, onFocus, onBlur }}
      >
        <TimelinePicture
          svgRef={picture}
          {...{ timeline, moment, rows, told }}
          window={zoom.window}
          onPointerMove={point}
          onPointerLeave={() => {
            setPointer(undefined);
          }}
        />
        {told !== undefined && (
          <BoxTip
            {...{ timeline, moment, rows }}
            window={zoom.window}
            place={told}
            pointerPx={told === pointed ? pointerPx : undefined}
          />
        )}
      </div>
    </>
  );
}

function useRows(timeline: Timeline, widthPx: number) {
  return useMemo(() => {
    const stages = timeline.instructions.length;
    const style = { ...SCREEN_STYLE, widthPx };
    const legend = placedLegend(timeline, plotPlace(style, stages).plotPx, style.fontPx);
    const panels = timeline.pipelines.length;
    const layout = timelineLayout(style, { stages, panels, legendPx: legend.heightPx });
    return rowsOf(timeline, layout, { stages, panels, legend });
  }, [timeline, widthPx]);
}

/** A moment of the policies that a timeline has: the page may have fewer than before. */
function withinPolicies(moment: Moment, { policies }: Timeline): Moment {
  const last = policies.length - 1;
  return moment.from <= last && moment.to <= last ? moment : atRest(last);
}
