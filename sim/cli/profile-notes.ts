import type { Estimate } from '../scenario/estimate.js';
import { estimateNotes } from '../report/text/estimate-sentences.js';
import { profileNotes } from '../report/text/run-sentences.js';
import { tell, type Terminal } from './terminal.js';

/** Prints notes on the profile that a reader of the results must know, one sentence per line. */
export function tellOfProfile(
  estimate: Estimate | undefined,
  notes: readonly string[] | undefined,
  terminal: Terminal,
): void {
  const errors = estimate === undefined ? [] : estimateNotes(estimate);
  tell([...errors, ...profileNotes(notes)], terminal);
}
