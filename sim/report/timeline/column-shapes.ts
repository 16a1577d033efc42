import { activityLook } from './activity-looks.js';
import { atMoment, closerPolicy } from './moment.js';
import type { PanelCanvas } from './panel-canvas.js';
import type { View } from './panel-shapes.js';
import { powerLevel } from './power-colours.js';
import type { ColumnLane } from './timeline-data.js';

const STAGE_WAIT = activityLook('waiting for a stage');
const PIPELINE_WAIT = activityLook('waiting for a pipeline');

/** A column: heights of its parts from the lane's foot, and the level of its power. */
interface ColumnLook {
  readonly computingPx: number;
  readonly stageWaitPx: number;
  readonly pipelineWaitPx: number;
  readonly level: number;
  readonly isCritical: boolean;
}

/** Draws columns: computing below, waiting above it. Neighbours that look the same are one. */
export function drawColumns(
  canvas: PanelCanvas,
  view: View,
  { courses }: ColumnLane,
  top: number,
): void {
  const { layout, xOf } = view;
  const lookOf = columnLooks(view, courses);
  const count = courses[0]!.critical.length;
  let first = 0;
  for (let k = 1; k <= count; k++) {
    const look = lookOf(first);
    if (k < count && isSame(look, lookOf(k))) continue;
    const [left, right] = [xOf(first / count), xOf(k / count)];
    first = k;
    if (right <= 0 || left >= layout.plotPx) continue;
    drawColumn(canvas, look, { left, right, foot: top + layout.boxPx });
    if (look.isCritical) canvas.critical(left, right, top);
  }
}

function columnLooks(
  { timeline, moment, layout }: View,
  courses: ColumnLane['courses'],
): (k: number) => ColumnLook {
  const computing = atMoment(courses, (course) => course.computing, moment);
  const stageWait = atMoment(courses, (course) => course.stageWait, moment);
  const pipelineWait = atMoment(courses, (course) => course.pipelineWait, moment);
  const powerW = atMoment(courses, (course) => course.powerW, moment);
  const { critical } = courses[closerPolicy(moment)]!;
  const heightPx = (thousandths: number) => Math.round(thousandths * layout.boxPx * 0.004) / 4;
  return (k) => ({
    computingPx: heightPx(computing(k)),
    stageWaitPx: heightPx(stageWait(k)),
    pipelineWaitPx: heightPx(pipelineWait(k)),
    level: powerLevel(powerW(k), timeline.lowestW, timeline.highestW),
    isCritical: critical[k] === 1,
  });
}

function isSame(a: ColumnLook, b: ColumnLook): boolean {
  return (
    a.computingPx === b.computingPx &&
    a.stageWaitPx === b.stageWaitPx &&
    a.pipelineWaitPx === b.pipelineWaitPx &&
    a.level === b.level &&
    a.isCritical === b.isCritical
  );
}

function drawColumn(
  canvas: PanelCanvas,
  { computingPx, stageWaitPx, pipelineWaitPx, level }: ColumnLook,
  { left, right, foot }: { readonly left: number; readonly right: number; readonly foot: number },
): void {
  let y = foot;
  const above = (heightPx: number) => {
    const box = { left, right, top: y - heightPx, foot: y };
    y -= heightPx;
    return box;
  };
  if (computingPx > 0) canvas.column(level, above(computingPx));
  if (stageWaitPx > 0) canvas.area(STAGE_WAIT, above(stageWaitPx));
  if (pipelineWaitPx > 0) canvas.area(PIPELINE_WAIT, above(pipelineWaitPx));
}
