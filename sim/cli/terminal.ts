import { withoutPasswords } from '../../src/passwords.js';
import { visible } from '../../src/visible.js';

/** A command's environment and outputs, so that tests can replace them. */
export interface Terminal {
  /** Standard output: results only. The first characters, if any, stand out where that is possible. */
  out(text: string, strong?: number): void;
  /** Standard error: messages and progress. */
  err(text: string): void;
  /** Empties the line of standard error on which a progress bar is drawn. */
  wipeLine?(): void;
  /** Whether standard error is a terminal that people watch. */
  readonly isWatched: boolean;
}

/** The facts about an output by which it takes colours. */
interface ColourFacts {
  readonly isTTY: boolean;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/**
 * Whether an output shows colours: a terminal, unless `NO_COLOR` is set or it is a dumb one; anything
 * else only if `FORCE_COLOR` asks for it.
 */
export function showsColours({ isTTY, env }: ColourFacts): boolean {
  const { NO_COLOR: none = '', FORCE_COLOR: forced = '', TERM: kind } = env;
  if (none !== '') return false;
  if (forced !== '') return forced !== '0' && forced !== 'false';
  return isTTY && kind !== 'dumb';
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
    out: (text, strong = 0) => {
      const headline = visible(text.slice(0, strong));
      terminal.out(headline + visible(text.slice(strong)), headline.length);
    },
    err: (text) => {
      terminal.err(visible(withoutPasswords(text)));
    },
    wipeLine: () => terminal.wipeLine?.(),
    isWatched: terminal.isWatched,
  };
}
