import { InputError, type Problem } from './errors.js';

/** Collects what is wrong with one input, so that one error names everything. */
export class ProblemList {
  private readonly problems: Problem[] = [];

  /** @param source name of the input, for messages. */
  constructor(private readonly source: string) {}

  get count(): number {
    return this.problems.length;
  }

  add(message: string, where: Pick<Problem, 'line' | 'field'> = {}): void {
    this.problems.push({ source: this.source, ...where, message });
  }

  /** @throws InputError with everything that was added, if anything was. */
  throwIfAny(): void {
    if (this.problems.length > 0) throw new InputError(this.problems);
  }
}

/** Longer findings are cut: a message is to be read. */
const LONGEST_QUOTE = 40;

/** What was found, in quotes, on one line and not longer than people read. */
export function quoted(found: string): string {
  const cut = found.length > LONGEST_QUOTE ? `${found.slice(0, LONGEST_QUOTE)}…` : found;
  return JSON.stringify(cut);
}
