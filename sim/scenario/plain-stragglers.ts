import { isPlain, type PlainStraggler } from '../training/plain-straggler.js';
import type { Scenario } from './scenario-schema.js';

/** A job that the paper's formulas describe: pipelines, and stragglers that are slow throughout. */
export interface PlainJob {
  readonly pipelines: number;
  readonly stragglers: readonly Pick<PlainStraggler, 'pipeline' | 'slowdown' | 'cause'>[];
}

/** A scenario's job if it is plain: closed forms of energy and bounds hold only for such jobs. */
export function plainJob({ pipelines, stragglers }: Scenario): PlainJob | undefined {
  const plain = stragglers.filter(isPlain);
  const isOnceEach = new Set(plain.map(({ pipeline }) => pipeline)).size === plain.length;
  return plain.length === stragglers.length && isOnceEach
    ? { pipelines, stragglers: plain }
    : undefined;
}
