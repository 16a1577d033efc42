import type { ComputationDag } from './dag.js';

/** The size of a pipeline. */
export interface PipelineShape {
  readonly stages: number;
  readonly microbatches: number;
  /** Parts of the model on each stage, for schedules that let the user choose; else 1. */
  readonly chunks: number;
  /**
   * Number of microbatches that pass a chunk before the next chunk's turn, for schedules with
   * groups.
   */
  readonly microbatchGroup?: number | undefined;
}

/** A shape without the fields that have defaults. */
export type PipelineSize = Omit<PipelineShape, 'microbatchGroup'>;

/** A shape that a schedule cannot run, and why. */
export interface ShapeProblem {
  readonly field: keyof PipelineShape;
  readonly message: string;
}

/**
 * A schedule, declared once: `schedules.ts` lists these records, and names, spellings, checks,
 * links and the page's form are loops over that list. Fields that are left out are as in plain
 * 1F1B.
 */
export interface Schedule {
  readonly name: string;
  /** The name used in papers. */
  readonly title: string;
  /** Other names of the same order, in papers, PyTorch, Megatron-LM, DeepSpeed and Paddle. */
  readonly aliases: readonly string[];
  /** Names of related orders, for which this one is suggested. */
  readonly relatives: readonly string[];
  /** Whether the user chooses how many chunks of the model a stage holds. */
  readonly usesChunks?: boolean;
  /** Whether microbatches pass the chunks in groups of a size that the user may choose. */
  readonly usesMicrobatchGroups?: boolean;
  /** Whether gradients of inputs and of weights are separate instructions. */
  readonly splitsBackward?: boolean;
  /** Whether recomputations are separate instructions. */
  readonly recomputes?: boolean;
  /** Whether the last stage hands on to the first, over a link of its own. */
  readonly goesRound?: (shape: PipelineShape) => boolean;
  /** Rules of this schedule; `schedules.ts` rejects the fields that it does not use. */
  readonly shapeProblems?: (shape: PipelineShape) => readonly ShapeProblem[];
  /** A shape that it can run, about as large as the one asked for; omitted if it runs that one. */
  readonly exampleShape?: (size: PipelineSize) => PipelineShape;
  /** The computation DAG of a shape that passes all rules. */
  readonly dag: (shape: PipelineShape) => ComputationDag;
}

/** A problem with a field of a shape: what was found, and what is allowed. */
export function shapeProblem(
  field: keyof PipelineShape,
  found: number,
  expected: string,
): ShapeProblem {
  return { field, message: `found ${found}, expected ${expected}` };
}
