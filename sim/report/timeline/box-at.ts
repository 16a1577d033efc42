import { atMoment, type Moment } from './moment.js';
import { SPAN_UNITS, type Timeline } from './timeline-data.js';

/** A box of a timeline, or a column. */
export interface BoxPlace {
  readonly pipeline: number;
  readonly stage: number;
  readonly box: number;
}

/** A box's edges, in parts of the span. */
export interface BoxEdges {
  readonly from: number;
  readonly until: number;
}

/** The number of boxes or columns of a lane. */
export function boxCount({ pipelines }: Timeline, pipeline: number, stage: number): number {
  const { lanes, columns } = pipelines[pipeline]!;
  return lanes[stage]?.activity.length ?? columns[stage]?.courses[0]!.computing.length ?? 0;
}

/** The edges of a box at a moment. */
export function boxEdges(
  { pipelines }: Timeline,
  { pipeline, stage, box }: BoxPlace,
  moment: Moment,
): BoxEdges {
  const { lanes, columns } = pipelines[pipeline]!;
  const lane = lanes[stage];
  if (lane === undefined) {
    const count = columns[stage]!.courses[0]!.computing.length;
    return { from: box / count, until: (box + 1) / count };
  }
  const untilOf = atMoment(lane.courses, ({ until }) => until, moment);
  return { from: box === 0 ? 0 : untilOf(box - 1) / SPAN_UNITS, until: untilOf(box) / SPAN_UNITS };
}

/**
 * The box of a stage at a time, which is a part of the span; undefined outside of the iteration.
 * O(log boxes).
 */
export function boxAt(
  timeline: Timeline,
  { pipeline, stage }: Pick<BoxPlace, 'pipeline' | 'stage'>,
  moment: Moment,
  time: number,
): BoxPlace | undefined {
  if (time < 0) return undefined;
  let [low, high] = [0, boxCount(timeline, pipeline, stage)];
  const end = high;
  while (low < high) {
    const box = (low + high) >> 1;
    if (boxEdges(timeline, { pipeline, stage, box }, moment).until > time) high = box;
    else low = box + 1;
  }
  return low < end ? { pipeline, stage, box: low } : undefined;
}

/** The next box that is not empty, in a direction; undefined at the lane's end. */
export function nextBox(
  timeline: Timeline,
  place: BoxPlace,
  moment: Moment,
  step: 1 | -1,
): BoxPlace | undefined {
  const end = boxCount(timeline, place.pipeline, place.stage);
  for (let box = place.box + step; box >= 0 && box < end; box += step) {
    const { from, until } = boxEdges(timeline, { ...place, box }, moment);
    if (until > from) return { ...place, box };
  }
  return undefined;
}
