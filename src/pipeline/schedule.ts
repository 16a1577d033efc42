import type { ComputationDag } from './dag.js';

/** How large a pipeline is. */
export interface PipelineShape {
  readonly stages: number;
  readonly microbatches: number;
  /** Parts of the model on each stage, for schedules that let one choose; else 1. */
  readonly chunks: number;
  /** How many microbatches pass a chunk before the next chunk's turn, for schedules with groups. */
  readonly microbatchGroup?: number | undefined;
}

/** A shape without what has a default. */
export type PipelineSize = Omit<PipelineShape, 'microbatchGroup'>;

/** A shape that a schedule does not run, and why. */
export interface ShapeProblem {
  readonly field: keyof PipelineShape;
  readonly message: string;
}

/**
 * A schedule, declared once: `schedules.ts` lists these records, and names, spellings, checks, links
 * and the page's form are loops over that list. What is left out is as in plain 1F1B.
 */
export interface Schedule {
  readonly name: string;
  /** The name as papers write it. */
  readonly title: string;
  /** Other names of the same order: in papers, PyTorch, Megatron-LM, DeepSpeed, Paddle. */
  readonly aliases: readonly string[];
  /** Names of related orders, for which this one is suggested. */
  readonly relatives: readonly string[];
  /** Whether one chooses how many chunks of the model a stage holds. */
  readonly usesChunks?: boolean;
  /** Whether microbatches pass the chunks in groups, whose size one may choose. */
  readonly usesMicrobatchGroups?: boolean;
  /** Whether gradients of inputs and of weights are instructions of their own. */
  readonly splitsBackward?: boolean;
  /** Whether recomputations are instructions of their own. */
  readonly recomputes?: boolean;
  /** Whether the last stage hands on to the first one, over a link of its own. */
  readonly goesRound?: (shape: PipelineShape) => boolean;
  /** Rules of its own; fields that it does not use are refused by `schedules.ts`. */
  readonly shapeProblems?: (shape: PipelineShape) => readonly ShapeProblem[];
  /** A shape that it runs, about as large as the one asked for; left out if it runs that one. */
  readonly exampleShape?: (size: PipelineSize) => PipelineShape;
  /** The computation DAG of a shape in which no rule finds a problem. */
  readonly dag: (shape: PipelineShape) => ComputationDag;
}

/** A problem with a field of a shape: what was found, and what it should be. */
export function shapeProblem(
  field: keyof PipelineShape,
  found: number,
  expected: string,
): ShapeProblem {
  return { field, message: `found ${found}, expected ${expected}` };
}
