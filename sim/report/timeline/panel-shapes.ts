import { activityLook, type ActivityLook } from './activity-looks.js';
import { atMoment, closerPolicy, type Moment } from './moment.js';
import { boxOfKind, LEAST_PX, PanelCanvas, type PanelShapes } from './panel-canvas.js';
import { drawColumns } from './column-shapes.js';
import { powerLevel } from './power-colours.js';
import {
  ACTIVITIES,
  SPAN_UNITS,
  type StageInstructions,
  type Timeline,
  type TimelineLane,
} from './timeline-data.js';
import type { TimelineLayout } from './timeline-layout.js';

/** The part of the span that is drawn. */
export interface Window {
  readonly from: number;
  readonly until: number;
}

/** All of the span. */
export const WHOLE: Window = { from: 0, until: 1 };

const LOOKS: readonly (ActivityLook | undefined)[] = ACTIVITIES.map((activity) =>
  activity === 'computing' ? undefined : activityLook(activity),
);

/** The drawing of a pipeline at a moment. O(boxes). */
export function panelShapes(
  timeline: Timeline,
  pipeline: number,
  moment: Moment,
  { window = WHOLE, layout }: { readonly window?: Window; readonly layout: TimelineLayout },
): PanelShapes {
  const { lanes, columns } = timeline.pipelines[pipeline]!;
  const canvas = new PanelCanvas(layout);
  const scale = layout.plotPx / (window.until - window.from);
  const view = { timeline, moment, layout, xOf: (part: number) => (part - window.from) * scale };
  lanes.forEach((lane, s) => {
    drawLane(canvas, view, lane, timeline.instructions[s]!, s * layout.lanePx);
  });
  columns.forEach((lane, s) => {
    drawColumns(canvas, view, lane, s * layout.lanePx);
  });
  return canvas.drawn();
}

/** A timeline, and how it is seen. */
export interface View {
  readonly timeline: Timeline;
  readonly moment: Moment;
  readonly layout: TimelineLayout;
  /** Pixels of a part of the span. */
  readonly xOf: (part: number) => number;
}

function drawLane(
  canvas: PanelCanvas,
  { timeline, moment, layout, xOf }: View,
  { activity, instruction, courses }: TimelineLane,
  { kind, microbatch }: StageInstructions,
  top: number,
): void {
  const untilOf = atMoment(courses, ({ until }) => until, moment);
  const powerOf = atMoment(courses, ({ powerW }) => powerW, moment);
  const { critical } = courses[closerPolicy(moment)]!;
  let left = xOf(0);
  for (let k = 0; k < activity.length; k++) {
    const [from, until] = [left, xOf(untilOf(k) / SPAN_UNITS)];
    left = until;
    if (until - from < LEAST_PX || until <= 0 || from >= layout.plotPx) continue;
    const i = instruction[k]!;
    const look = LOOKS[activity[k]!];
    if (i >= 0 && critical[i] === 1) canvas.critical(from, until, top);
    if (look !== undefined) {
      canvas.activity(look, from, until, top);
      continue;
    }
    const level = powerLevel(powerOf(k), timeline.lowestW, timeline.highestW);
    const box = boxOfKind(kind[i]!, layout, top);
    canvas.computing(level, { left: from, right: until, ...box });
    canvas.label(String(microbatch[i]!), level, { left: from, right: until, ...box });
  }
}
