import type { ComputationDag } from './dag.js';
import { DUAL_PIPE } from './dual-pipe.js';
import { EARLY_RECOMPUTATION } from './early-recomputation.js';
import { GPIPE } from './gpipe.js';
import { INTERLEAVED } from './interleaved.js';
import { ONE_F_ONE_B } from './one-f-one-b.js';
import {
  shapeProblem,
  type PipelineShape,
  type PipelineSize,
  type Schedule,
  type ShapeProblem,
} from './schedule.js';
import type { Vocabulary } from '../vocabulary.js';
import { ZERO_BUBBLE_H1 } from './zero-bubble.js';

const ALL = [
  ONE_F_ONE_B,
  GPIPE,
  INTERLEAVED,
  EARLY_RECOMPUTATION,
  ZERO_BUBBLE_H1,
  DUAL_PIPE,
] as const;

export type ScheduleName = (typeof ALL)[number]['name'];

/** A schedule in the list. */
export interface ListedSchedule extends Schedule {
  readonly name: ScheduleName;
}

/** The schedules a pipeline can run. */
export const SCHEDULES: readonly ListedSchedule[] = ALL;

export const SCHEDULE_NAMES: readonly ScheduleName[] = SCHEDULES.map(({ name }) => name);

/** The most instructions of one pipeline: beyond this, planning takes hours and gigabytes. */
export const MOST_INSTRUCTIONS = 1_000_000;

/** Names of the schedules, here and elsewhere. */
export const SCHEDULE_VOCABULARY: Vocabulary<ScheduleName> = {
  names: SCHEDULE_NAMES,
  aliases: spellings(({ aliases }) => aliases),
  relatives: spellings(({ relatives }) => relatives),
};

function spellings(of: (schedule: Schedule) => readonly string[]): Record<string, ScheduleName> {
  return Object.fromEntries(
    SCHEDULES.flatMap((schedule) => of(schedule).map((other) => [other, schedule.name])),
  );
}

/** The schedule with a name. */
export function scheduleOf(name: ScheduleName): ListedSchedule {
  return SCHEDULES.find((schedule) => schedule.name === name)!;
}

/** The names of the schedules that satisfy a condition, quoted: `"interleaved"`. */
export function schedulesWhere(holds: (schedule: Schedule) => boolean | undefined): string {
  const names = SCHEDULES.filter(holds).map(({ name }) => JSON.stringify(name));
  const last = names.pop()!;
  return names.length === 0 ? last : `${names.join(', ')} and ${last}`;
}

/** The problems that a schedule has with a shape; empty if it can run it. */
export function shapeProblems(name: ScheduleName, shape: PipelineShape): readonly ShapeProblem[] {
  const schedule = scheduleOf(name);
  return [...unusedFields(schedule, shape), ...(schedule.shapeProblems?.(shape) ?? [])];
}

/** Fields of a shape that a schedule does not use. */
function unusedFields(schedule: Schedule, { chunks, microbatchGroup }: PipelineShape) {
  const problems: ShapeProblem[] = [];
  if (chunks !== 1 && schedule.usesChunks !== true) {
    const chunked = schedulesWhere(({ usesChunks }) => usesChunks);
    const rule = chunked.includes(' and ')
      ? `the schedules ${chunked} cut`
      : `the schedule ${chunked} cuts`;
    problems.push(shapeProblem('chunks', chunks, `1: only ${rule} stages into chunks`));
  }
  const hasGroups = schedule.usesMicrobatchGroups === true && chunks !== 1;
  if (microbatchGroup !== undefined && !hasGroups) {
    const grouped = schedulesWhere(({ usesMicrobatchGroups }) => usesMicrobatchGroups);
    const have = grouped.includes(' and ') ? 'have' : 'has';
    const expected = `nothing: only ${grouped} with several chunks ${have} groups of microbatches`;
    problems.push(shapeProblem('microbatchGroup', microbatchGroup, expected));
  }
  return problems;
}

/** A shape that a schedule can run, about as large as the one asked for. */
export function exampleShape(name: ScheduleName, size: PipelineSize): PipelineShape {
  const { usesChunks = false, exampleShape: example } = scheduleOf(name);
  const shape = usesChunks ? size : { ...size, chunks: 1 };
  return example?.(shape) ?? shape;
}

/** The number of model stages that a pipeline runs. */
export function modelStageCount({ stages, chunks }: Pick<PipelineSize, 'stages' | 'chunks'>) {
  return stages * chunks;
}

/** The number of links of a pipeline: one more if its last stage hands on to its first. */
export function scheduleLinkCount(name: ScheduleName, shape: PipelineShape): number {
  const goesRound = scheduleOf(name).goesRound?.(shape) ?? false;
  return goesRound ? shape.stages : shape.stages - 1;
}

/**
 * The computation DAG of a schedule.
 * @throws RangeError if the schedule cannot run the shape (`shapeProblems` says why).
 */
export function scheduleDag(name: ScheduleName, shape: PipelineShape): ComputationDag {
  const [problem] = shapeProblems(name, shape);
  if (problem !== undefined) throw new RangeError(`${problem.field}: ${problem.message}`);
  return scheduleOf(name).dag(shape);
}
