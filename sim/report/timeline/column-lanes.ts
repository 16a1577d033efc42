import type { PowerSegment } from '../../energy/power-segments.js';
import type { PipelineCourse } from './pipeline-course.js';
import type { ColumnCourse, ColumnLane } from './timeline-data.js';

/** The activities of a pipeline, stage by stage. */
export type StagesCourse = Pick<PipelineCourse, 'segments' | 'critical'>;

/** A stage in columns of equal width. O(boxes + columns). */
export function columnLane(
  courses: readonly StagesCourse[],
  stage: number,
  spanS: number,
  count: number,
): ColumnLane {
  return { courses: courses.map((course) => columnCourse(course, stage, spanS / count, count)) };
}

function columnCourse(
  { segments, critical }: StagesCourse,
  stage: number,
  columnS: number,
  count: number,
): ColumnCourse {
  const timesS = {
    computing: new Float64Array(count),
    'waiting for a stage': new Float64Array(count),
    'waiting for a pipeline': new Float64Array(count),
  };
  const energyJ = new Float64Array(count);
  const isCritical = new Uint8Array(count);
  for (const segment of segments[stage]!) {
    const { activity, powerW, instruction } = segment;
    const times = Object.hasOwn(timesS, activity)
      ? timesS[activity as keyof typeof timesS]
      : undefined;
    forEachColumn(segment, columnS, count, (k, coveredS) => {
      if (times !== undefined) times[k]! += coveredS;
      if (activity === 'computing') energyJ[k]! += powerW * coveredS;
      if (instruction >= 0 && critical[instruction] === 1 && coveredS > 0) isCritical[k] = 1;
    });
  }
  const parts = (timeS: Float64Array) => Array.from(timeS, (s) => Math.round((1000 * s) / columnS));
  return {
    computing: parts(timesS.computing),
    stageWait: parts(timesS['waiting for a stage']),
    pipelineWait: parts(timesS['waiting for a pipeline']),
    powerW: Array.from(energyJ, (joules, k) =>
      joules === 0 ? 0 : Math.round((10 * joules) / timesS.computing[k]!) / 10,
    ),
    critical: [...isCritical],
  };
}

/** Calls with each column that a segment covers, and for how long. */
function forEachColumn(
  { fromS, untilS }: PowerSegment,
  columnS: number,
  count: number,
  use: (column: number, coveredS: number) => void,
): void {
  const last = Math.min(count - 1, Math.floor(untilS / columnS));
  for (let k = Math.min(last, Math.floor(fromS / columnS)); k <= last; k++) {
    use(k, Math.max(0, Math.min(untilS, (k + 1) * columnS) - Math.max(fromS, k * columnS)));
  }
}
