import { INSTRUCTION_KINDS } from '../../../src/profile/operation.js';
import { fixed } from '../numbers.js';
import { boxEdges, type BoxPlace } from './box-at.js';
import { atMoment, closerPolicy, type Moment } from './moment.js';
import { ACTIVITIES, type ColumnCourse, type Timeline } from './timeline-data.js';

/** The description of a box: a line on the activity, and others with figures. */
export type BoxText = readonly [title: string, ...figures: string[]];

/** The description of a box at a moment. */
export function boxText(timeline: Timeline, place: BoxPlace, moment: Moment): BoxText {
  const { pipelines, spanS } = timeline;
  const edges = boxEdges(timeline, place, moment);
  const [fromS, untilS] = [edges.from * spanS, edges.until * spanS];
  const times = `${seconds(fromS)} to ${seconds(untilS)} s (${seconds(untilS - fromS)} s)`;
  const lane = pipelines[place.pipeline]!.lanes[place.stage];
  if (lane === undefined)
    return [`stage ${place.stage}`, ...columnTexts(timeline, place, moment), times];
  const { activity, instruction, courses } = lane;
  const powerW = atMoment(courses, (course) => course.powerW, moment)(place.box);
  const course = courses[closerPolicy(moment)]!;
  const i = instruction[place.box]!;
  const isPowered = !timeline.isWithoutPowers;
  const powers = isPowered ? [`${fixed(powerW, 0)} W per GPU`] : [];
  const critical = course.critical[i] === 1 ? ', critical' : '';
  switch (ACTIVITIES[activity[place.box]!]!) {
    case 'computing':
      return [
        `stage ${place.stage}: ${instructionText(timeline, place.stage, i)}`,
        ...(isPowered ? [`${fixed(course.clockMHz[i]!, 0)} MHz, ${powers[0]!}${critical}`] : []),
        times,
      ];
    case 'waiting for a stage': {
      const waited = course.waitsFor[place.box]!;
      const whom = waited < 0 ? 'another stage' : `stage ${waited}`;
      return [
        `stage ${place.stage} waits for ${whom}, ${seconds(untilS - fromS)} s`,
        ...powers,
        times,
      ];
    }
    case 'waiting for a pipeline':
      return [
        `stage ${place.stage} waits for ${timeline.slowest}, ${seconds(untilS - fromS)} s`,
        ...powers,
        times,
      ];
    default:
      return [`stage ${place.stage}: ${ACTIVITIES[activity[place.box]!]!}`, ...powers, times];
  }
}

/** `forward of microbatch 3`, `backward of microbatch 3, part 1` */
function instructionText({ instructions }: Timeline, stage: number, i: number): string {
  const { kind, microbatch, chunk } = instructions[stage]!;
  const part = chunk.some((number) => number > 0) ? `, part ${chunk[i]!}` : '';
  return `${INSTRUCTION_KINDS[kind[i]!]!} of microbatch ${microbatch[i]!}${part}`;
}

function columnTexts(
  { pipelines, slowest, isWithoutPowers }: Timeline,
  { pipeline, stage, box }: BoxPlace,
  moment: Moment,
): string[] {
  const { courses } = pipelines[pipeline]!.columns[stage]!;
  const at = (arrayOf: (course: ColumnCourse) => readonly number[]) =>
    atMoment(courses, arrayOf, moment)(box);
  const power = fixed(
    at(({ powerW }) => powerW),
    0,
  );
  const percent = (thousandths: number) => `${fixed(thousandths / 10, 0)} %`;
  const parts: readonly (readonly [number, (part: string) => string])[] = [
    [
      at(({ computing }) => computing),
      (part) => `computes ${part} of the time${isWithoutPowers ? '' : `, at ${power} W per GPU`}`,
    ],
    [at(({ stageWait }) => stageWait), (part) => `waits for a stage ${part}`],
    [at(({ pipelineWait }) => pipelineWait), (part) => `waits for ${slowest} ${part}`],
  ];
  return parts.filter(([part]) => part >= 5).map(([part, text]) => text(percent(part)));
}

function seconds(timeS: number): string {
  return fixed(timeS, timeS < 100 ? 3 : 2);
}
