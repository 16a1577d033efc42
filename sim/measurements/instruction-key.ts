import type { InstructionSpan } from './measured.js';

/** Tells the instructions of a series apart. */
export function instructionKey({ stage, kind }: Pick<InstructionSpan, 'stage' | 'kind'>): string {
  return `${stage} ${kind}`;
}
