import type { Scenario } from './scenario-schema.js';

/** A pipeline whose instructions all take so many times as long, all the time. */
export interface PlainStraggler {
  readonly pipeline: number;
  readonly slowdown: number;
  readonly cause: 'busy' | 'stall';
}

/** A job that the paper's sums describe: pipelines, and stragglers that are slow throughout. */
export interface PlainJob {
  readonly pipelines: number;
  readonly stragglers: readonly PlainStraggler[];
}

/** A scenario's job if it is plain: closed forms of energy and bounds hold for such jobs alone. */
export function plainJob({ pipelines, stragglers }: Scenario): PlainJob | undefined {
  const plain = stragglers.flatMap((straggler): PlainStraggler[] => {
    const { pipeline, cause, slowdown, backwardSlowdown, stage, fromS, untilS } = straggler;
    const isAlike = stage === undefined && backwardSlowdown === undefined;
    const isSlowThroughout = isAlike && fromS === undefined && untilS === undefined;
    if (slowdown === undefined || !isSlowThroughout) return [];
    return cause === 'busy' || cause === 'stall' ? [{ pipeline, slowdown, cause }] : [];
  });
  const isOnceEach = new Set(plain.map(({ pipeline }) => pipeline)).size === plain.length;
  return plain.length === stragglers.length && isOnceEach
    ? { pipelines, stragglers: plain }
    : undefined;
}
