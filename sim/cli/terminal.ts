/** Where a command reads its surroundings and writes its output, so that tests can stand in. */
export interface Terminal {
  /** Standard output: results only. */
  out(text: string): void;
  /** Standard error: messages and progress. */
  err(text: string): void;
  /** Whether standard error is a terminal that people watch. */
  readonly isWatched: boolean;
}

/** Says what a reader of the results must know, beside them: a sentence a line. */
export function tell(sentences: readonly string[], terminal: Terminal): void {
  if (sentences.length > 0) terminal.err(`${sentences.join('\n')}\n`);
}
