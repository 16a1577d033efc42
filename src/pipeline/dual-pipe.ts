import { BACKWARD, FORWARD, INPUT_GRADIENT, WEIGHT_GRADIENT } from '../profile/operation.js';
import { buildDag, type ScheduledInstruction, type StageOrder } from './build-dag.js';
import type { ComputationDag } from './dag.js';
import { shapeProblem, type PipelineShape, type Schedule } from './schedule.js';

/**
 * DualPipe (DeepSeek-V3 technical report, arXiv 2412.19437, section 3.2.1): microbatches enter at
 * both ends. Every stage holds two parts of the model, one for its own position and one for its
 * mirror image; the first half of the microbatches goes down, the second half up.
 *
 * The original overlaps a forward with a backward to hide communication; here they follow each
 * other, because a stage runs one instruction at a time.
 *
 * The numbers of stages and of microbatches are even, with at least two microbatches per stage.
 * Time and space O(stages · microbatches).
 */
export function dualPipe(stageCount: number, microbatchCount: number): ComputationDag {
  const orders = Array.from({ length: stageCount }, (_, stage) =>
    new DualPipeOrder(stage, stageCount, microbatchCount).make(),
  );
  return buildDag({
    name: 'dualpipe',
    microbatchCount,
    orders,
    modelStageOf: (stage, chunk) => (chunk === DOWN ? stage : stageCount - 1 - stage),
  });
}

const DOWN = 0;
const UP = 1;

/** The direction: whether the microbatches enter at the stage's nearer end. */
type Direction = 'near' | 'far';

/** Builds the order of one stage, step by step as published. */
class DualPipeOrder {
  private readonly order: ScheduledInstruction[] = [];
  private readonly forwards = { near: 0, far: 0 };
  private readonly backwards = { near: 0, far: 0 };
  /** Postponed weight gradients. */
  private readonly putOff: ScheduledInstruction[] = [];

  constructor(
    private readonly stage: number,
    private readonly stageCount: number,
    private readonly microbatchCount: number,
  ) {}

  make(): StageOrder {
    /** Distances from the nearer end and from the middle. */
    const fromEnd = Math.min(this.stage, this.stageCount - 1 - this.stage);
    const fromMiddle = this.stageCount / 2 - 1 - fromEnd;
    const rounds = this.microbatchCount / 2 - this.stageCount + fromEnd + 1;
    this.repeat(2 * fromMiddle, () => {
      this.forward('near');
    });
    this.repeat(fromEnd + 1, () => {
      this.forward('near');
      this.forward('far');
    });
    this.repeat(fromMiddle, () => {
      this.splitBackward('far');
      this.weightGradient();
      this.forward('far');
    });
    this.repeat(rounds, (k) => {
      this.forward('near', fromMiddle > 0 || k > 0);
      this.backward('far');
      this.forward('far', true);
      this.backward('near');
    });
    this.repeat(fromMiddle, () => {
      this.backward('far');
      this.forward('far', true);
      this.backward('near');
    });
    this.drain(fromEnd + 1);
    this.repeat(fromMiddle, () => {
      this.weightGradient();
      this.splitBackward('near');
    });
    this.repeat(fromEnd + 1, () => {
      this.weightGradient();
    });
    return this.order;
  }

  /** The last backwards of both directions; in their second half weight gradients are postponed. */
  private drain(pairs: number): void {
    for (let k = 0; k < 2 * pairs; k++) {
      const direction = k % 2 === 0 ? 'far' : 'near';
      if (k < pairs) this.backward(direction);
      else this.splitBackward(direction);
    }
  }

  private repeat(times: number, step: (k: number) => void): void {
    for (let k = 0; k < times; k++) step(k);
  }

  private forward(direction: Direction, isFused = false): void {
    const forward = this.instruction(FORWARD, direction, this.forwards[direction]++);
    this.order.push(isFused ? { ...forward, isFused } : forward);
  }

  private backward(direction: Direction): void {
    this.order.push(this.instruction(BACKWARD, direction, this.backwards[direction]++));
  }

  private splitBackward(direction: Direction): void {
    const k = this.backwards[direction]++;
    this.order.push(this.instruction(INPUT_GRADIENT, direction, k));
    this.putOff.push(this.instruction(WEIGHT_GRADIENT, direction, k));
  }

  private weightGradient(): void {
    const first = this.putOff.shift();
    if (first === undefined)
      throw new Error('DualPipe asks for a weight gradient that is not there');
    this.order.push(first);
  }

  private instruction(kind: number, direction: Direction, k: number): ScheduledInstruction {
    const isUpperHalf = this.stage < this.stageCount / 2;
    const chunk = (direction === 'near') === isUpperHalf ? DOWN : UP;
    return { kind, chunk, microbatch: chunk === DOWN ? k : this.microbatchCount / 2 + k };
  }
}

export const DUAL_PIPE = {
  name: 'dualpipe',
  title: 'DualPipe',
  aliases: ['dual pipe'],
  relatives: ['ScheduleDualPipeV', 'DualPipeV', 'Chimera', 'bidirectional'],
  splitsBackward: true,
  shapeProblems,
  exampleShape: ({ stages, microbatches }) => {
    const even = 2 * Math.ceil(stages / 2);
    const pairs = Math.max(even, Math.ceil(microbatches / 2));
    return { stages: even, microbatches: 2 * pairs, chunks: 1 };
  },
  dag: ({ stages, microbatches }) => dualPipe(stages, microbatches),
} as const satisfies Schedule;

function shapeProblems({ stages, microbatches }: PipelineShape) {
  const fewest = 2 * stages;
  const isEnough = microbatches % 2 === 0 && microbatches >= fewest;
  const enough = `an even number of at least ${fewest} for "dualpipe"`;
  return [
    ...(stages % 2 === 0 ? [] : [shapeProblem('stages', stages, 'an even number for "dualpipe"')]),
    ...(isEnough ? [] : [shapeProblem('microbatches', microbatches, enough)]),
  ];
}
