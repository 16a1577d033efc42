import type { Estimate } from '../scenario/scenario-setting.js';
import { estimateNotes, profileNotes } from '../report/text/run-sentences.js';
import { tell, type Terminal } from './terminal.js';

/** Says what a reader of results must know of the profile behind them, a sentence a line. */
export function tellOfProfile(
  estimate: Estimate | undefined,
  notes: readonly string[] | undefined,
  terminal: Terminal,
): void {
  const errors = estimate === undefined ? [] : estimateNotes(estimate);
  tell([...errors, ...profileNotes(notes)], terminal);
}
