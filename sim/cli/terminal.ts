import { withoutPasswords } from '../../src/passwords.js';
import { visible } from '../../src/visible.js';

/** A command's environment and outputs, so that tests can replace them. */
export interface Terminal {
  /** Standard output: results only. */
  out(text: string): void;
  /** Standard error: messages and progress. */
  err(text: string): void;
  /** Empties the line of standard error on which a progress bar is drawn. */
  wipeLine?(): void;
  /** Whether standard error is a terminal that people watch. */
  readonly isWatched: boolean;
}

/** Prints notes that a reader of the results must know, one sentence per line. */
export function tell(sentences: readonly string[], terminal: Terminal): void {
  if (sentences.length > 0) terminal.err(`${sentences.join('\n')}\n`);
}

/**
 * The boundary that all text shown to people passes: no text controls the terminal, and no message
 * shows a password.
 */
export function guardedTerminal(terminal: Terminal): Terminal {
  return {
    out: (text) => {
      terminal.out(visible(text));
    },
    err: (text) => {
      terminal.err(visible(withoutPasswords(text)));
    },
    wipeLine: () => terminal.wipeLine?.(),
    isWatched: terminal.isWatched,
  };
}
