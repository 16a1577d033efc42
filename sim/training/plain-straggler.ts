import type { Straggler } from './data-parallel.js';

/** A pipeline with all instructions slower by one constant factor, all the time. */
export type PlainStraggler = Extract<Straggler, { readonly cause: 'busy' | 'stall' }>;

/** Whether a straggler is slow from before the beginning until the end: nothing comes or goes. */
export function isThroughout({ fromS, untilS }: Pick<Straggler, 'fromS' | 'untilS'>): boolean {
  return fromS === undefined && untilS === undefined;
}

/**
 * Whether one number describes how slow a straggler is; closed forms and the page's slider require
 * it.
 */
export function isPlain(straggler: Straggler): straggler is PlainStraggler {
  if (straggler.cause !== 'busy' && straggler.cause !== 'stall') return false;
  const { backwardSlowdown, stage } = straggler;
  return isThroughout(straggler) && backwardSlowdown === undefined && stage === undefined;
}
