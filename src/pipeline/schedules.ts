import type { ComputationDag } from './dag.js';
import { dualPipe } from './dual-pipe.js';
import { earlyRecomputation } from './early-recomputation.js';
import { gpipe } from './gpipe.js';
import { interleaved, isMicrobatchGroup, microbatchGroupSize } from './interleaved.js';
import { oneFOneB } from './one-f-one-b.js';
import type { Vocabulary } from '../vocabulary.js';
import { zeroBubbleH1 } from './zero-bubble.js';

/** The schedules a pipeline can run. */
export const SCHEDULE_NAMES = [
  '1f1b',
  'gpipe',
  'interleaved',
  'early-recomputation',
  'zb-h1',
  'dualpipe',
] as const;

/** Instructions of one pipeline: with more, planning takes hours and gigabytes. */
export const MOST_INSTRUCTIONS = 1_000_000;

export type ScheduleName = (typeof SCHEDULE_NAMES)[number];

/** What schedules are called elsewhere: in papers, PyTorch, Megatron-LM, DeepSpeed, Paddle. */
export const SCHEDULES: Vocabulary<ScheduleName> = {
  names: SCHEDULE_NAMES,
  aliases: {
    'one-f-one-b': '1f1b',
    Schedule1F1B: '1f1b',
    'PipeDream-Flush': '1f1b',
    DAPPLE: '1f1b',
    'non-interleaved': '1f1b',
    'non-interleaved 1F1B': '1f1b',
    ScheduleGPipe: 'gpipe',
    'fill-drain': 'gpipe',
    'F-then-B': 'gpipe',
    'all-forward-all-backward': 'gpipe',
    AFAB: 'gpipe',
    'interleaved 1F1B': 'interleaved',
    '1F1B interleaved': 'interleaved',
    ScheduleInterleaved1F1B: 'interleaved',
    'virtual pipeline': 'interleaved',
    VPP: 'interleaved',
    'early recompute': 'early-recomputation',
    'early recomputation 1F1B': 'early-recomputation',
    'zero-bubble H1': 'zb-h1',
    'zero-bubble-1p': 'zb-h1',
    ZB1P: 'zb-h1',
    'dual pipe': 'dualpipe',
  },
  relatives: {
    PipeDream: '1f1b',
    ScheduleLoopedBFS: 'gpipe',
    'breadth-first': 'gpipe',
    ScheduleInterleavedZeroBubble: 'zb-h1',
    ScheduleZBVZeroBubble: 'zb-h1',
    'zero-bubble': 'zb-h1',
    'zero-bubble H2': 'zb-h1',
    'ZB-H2': 'zb-h1',
    'ZB-V': 'zb-h1',
    recomputation: 'early-recomputation',
    ScheduleDualPipeV: 'dualpipe',
    DualPipeV: 'dualpipe',
    Chimera: 'dualpipe',
    bidirectional: 'dualpipe',
  },
};

/** How large a pipeline is. */
export interface PipelineShape {
  readonly stages: number;
  readonly microbatches: number;
  /** Parts of the model on each stage, for schedules that let one choose; else 1. */
  readonly chunks: number;
  /** How many microbatches pass a chunk before the next chunk's turn, for "interleaved". */
  readonly microbatchGroup?: number | undefined;
}

/** A shape that a schedule does not run, and why. */
export interface ShapeProblem {
  readonly field: keyof PipelineShape;
  readonly message: string;
}

/** What is wrong with a shape for a schedule; empty when nothing is. */
export function shapeProblems(schedule: ScheduleName, shape: PipelineShape): ShapeProblem[] {
  const { stages, microbatches, chunks } = shape;
  const problems: ShapeProblem[] = [];
  const refuse = (field: keyof PipelineShape, found: number, expected: string) =>
    problems.push({ field, message: `found ${found}, expected ${expected}` });
  if (chunks !== 1 && schedule !== 'interleaved') {
    refuse('chunks', chunks, `1: only the schedule "interleaved" cuts stages into chunks`);
  }
  if (shape.microbatchGroup !== undefined) {
    const expected = microbatchGroupRule(schedule, shape, shape.microbatchGroup);
    if (expected !== undefined) refuse('microbatchGroup', shape.microbatchGroup, expected);
  }
  if (schedule === 'dualpipe') {
    if (stages % 2 !== 0) refuse('stages', stages, 'an even number for "dualpipe"');
    if (microbatches % 2 !== 0 || microbatches < 2 * stages) {
      const fewest = 2 * stages;
      refuse('microbatches', microbatches, `an even number of at least ${fewest} for "dualpipe"`);
    }
  }
  return problems;
}

/** What a group of microbatches must be, if it is not (Megatron-Core has the same rules). */
function microbatchGroupRule(
  schedule: ScheduleName,
  { stages, microbatches, chunks }: PipelineShape,
  size: number,
): string | undefined {
  if (schedule !== 'interleaved' || chunks === 1) {
    return 'nothing: only "interleaved" with several chunks has groups of microbatches';
  }
  if (isMicrobatchGroup(size, stages, microbatches)) return undefined;
  const fewest = Math.min(stages, microbatches);
  return `${fewest} to ${microbatches} microbatches, with a last group of at least ${fewest}; left out it is ${microbatchGroupSize(stages, microbatches)}`;
}

/** How many stages of the model a pipeline runs. */
export function modelStageCount({ stages, chunks }: Pick<PipelineShape, 'stages' | 'chunks'>) {
  return stages * chunks;
}

/** How many links a pipeline has: one more where its last stage hands on to its first. */
export function scheduleLinkCount(schedule: ScheduleName, shape: PipelineShape): number {
  const goesRound = schedule === 'interleaved' && shape.chunks > 1 && shape.stages > 2;
  return goesRound ? shape.stages : shape.stages - 1;
}

/**
 * The computation DAG of a schedule.
 * @throws RangeError when the schedule does not run the shape (`shapeProblems` says why).
 */
export function scheduleDag(schedule: ScheduleName, shape: PipelineShape): ComputationDag {
  const { stages, microbatches, chunks, microbatchGroup } = shape;
  const [problem] = shapeProblems(schedule, shape);
  if (problem !== undefined) throw new RangeError(`${problem.field}: ${problem.message}`);
  switch (schedule) {
    case '1f1b':
      return oneFOneB(stages, microbatches);
    case 'gpipe':
      return gpipe(stages, microbatches);
    case 'interleaved':
      return interleaved(stages, microbatches, chunks, microbatchGroup);
    case 'early-recomputation':
      return earlyRecomputation(stages, microbatches);
    case 'zb-h1':
      return zeroBubbleH1(stages, microbatches);
    case 'dualpipe':
      return dualPipe(stages, microbatches);
  }
}
