import type { Straggler } from './data-parallel.js';

/** A pipeline whose instructions all take so many times as long, all the time. */
export type PlainStraggler = Extract<Straggler, { readonly cause: 'busy' | 'stall' }>;

/** Whether a straggler is slow from before the beginning to the end: nothing comes or goes. */
export function isThroughout({ fromS, untilS }: Pick<Straggler, 'fromS' | 'untilS'>): boolean {
  return fromS === undefined && untilS === undefined;
}

/** Whether one number says how slow a straggler is: closed forms and the page's slider ask for that. */
export function isPlain(straggler: Straggler): straggler is PlainStraggler {
  if (straggler.cause !== 'busy' && straggler.cause !== 'stall') return false;
  const { backwardSlowdown, stage } = straggler;
  return isThroughout(straggler) && backwardSlowdown === undefined && stage === undefined;
}
