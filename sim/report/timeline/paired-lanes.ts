import type { ComputationDag } from '../../../src/pipeline/dag.js';
import type { PowerSegment } from '../../energy/power-segments.js';
import { AFTER_MEETING } from '../../training/timing.js';
import { INSTRUCTION_PHASES, type Activity } from '../../training/phases.js';
import type { PipelineCourse } from './pipeline-course.js';
import { ACTIVITIES, SPAN_UNITS, type LaneCourse, type TimelineLane } from './timeline-data.js';
import { lastStage, stageWaitedFor } from './waited-for.js';

/** The activities after a stage's last instruction, in order of time. */
const CLOSING: readonly Activity[] = [
  'waiting for a stage',
  'waiting for a pipeline',
  ...AFTER_MEETING.map(({ activity }) => activity),
  'between iterations',
];

/** A segment, and its place in the course of a stage: places are the same under every policy. */
interface PlacedSegment extends PowerSegment {
  readonly place: number;
}

/** The boxes of a stage, those of one policy paired with those of others. O(boxes · log boxes). */
export function pairedLane(
  dag: ComputationDag,
  courses: readonly PipelineCourse[],
  stage: number,
  spanS: number,
): TimelineLane {
  const first = dag.stageStart[stage]!;
  const count = dag.stageStart[stage + 1]! - first;
  const placed = courses.map(({ segments }) => placedSegments(segments[stage]!, first, count));
  const segmentAt = new Map(placed.flat().map((segment) => [segment.place, segment]));
  const boxes = [...segmentAt.values()].sort((a, b) => a.place - b.place);
  return {
    activity: boxes.map(({ activity }) => ACTIVITIES.indexOf(activity)),
    instruction: boxes.map(({ instruction }) => (instruction < 0 ? -1 : instruction - first)),
    courses: courses.map((course, a) =>
      laneCourse(dag, course, stage, { boxes, own: placed[a]!, spanS }),
    ),
  };
}

/** Finds each segment's place: segments are in order, so that each place is after the one before. */
function placedSegments(
  segments: readonly PowerSegment[],
  first: number,
  count: number,
): PlacedSegment[] {
  const phases = INSTRUCTION_PHASES.length;
  const fits = ({ activity, instruction }: PowerSegment, place: number): boolean => {
    const closing = place - count * phases;
    if (closing >= 0) return CLOSING[closing] === activity;
    const i = first + Math.floor(place / phases);
    return (
      INSTRUCTION_PHASES[place % phases]!.activity === activity &&
      (instruction < 0 || instruction === i)
    );
  };
  let place = -1;
  return segments.map((segment) => {
    do place++;
    while (!fits(segment, place));
    return { ...segment, place };
  });
}

interface PairedBoxes {
  /** The boxes of all policies together. */
  readonly boxes: readonly PlacedSegment[];
  /** Those of this policy. */
  readonly own: readonly PlacedSegment[];
  readonly spanS: number;
}

function laneCourse(
  dag: ComputationDag,
  { record, critical }: PipelineCourse,
  stage: number,
  { boxes, own, spanS }: PairedBoxes,
): LaneCourse {
  const [first, end] = [dag.stageStart[stage]!, dag.stageStart[stage + 1]!];
  const ownAt = new Map(own.map((segment) => [segment.place, segment]));
  let lastUnits = 0;
  const until = boxes.map(({ place }) => {
    const segment = ownAt.get(place);
    if (segment !== undefined) lastUnits = Math.round((segment.untilS / spanS) * SPAN_UNITS);
    return lastUnits;
  });
  const phases = INSTRUCTION_PHASES.length;
  const waitsFor = ({ place, activity }: PlacedSegment): number => {
    if (activity !== 'waiting for a stage') return -1;
    const i = first + Math.floor(place / phases);
    const waited = i < end ? stageWaitedFor(dag, record, i) : lastStage(dag, record);
    return waited === stage ? -1 : waited;
  };
  return {
    until,
    powerW: boxes.map((box) => tenths((ownAt.get(box.place) ?? box).powerW)),
    waitsFor: boxes.map(waitsFor),
    clockMHz: [...record.executed.clockMHz.subarray(first, end)],
    critical: [...critical.subarray(first, end)],
  };
}

function tenths(value: number): number {
  return Math.round(10 * value) / 10;
}
