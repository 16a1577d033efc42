import type { ProblemList } from '../../../src/problem-list.js';

/** Findings of one kind: the first one, and the number of all. */
interface Finding {
  readonly line: number;
  readonly field: string | undefined;
  readonly message: string;
  count: number;
}

/**
 * Findings on lines of a file. Those of one kind are told once, with their number, so that a million
 * broken lines make one sentence.
 */
export class Tally {
  private readonly findings = new Map<string, Finding>();

  /** @param kind distinguishes findings that are told separately. */
  add(kind: string, line: number, message: string, field?: string): void {
    const known = this.findings.get(kind);
    if (known === undefined) this.findings.set(kind, { line, field, message, count: 1 });
    else known.count++;
  }

  /** Reports everything as problems. */
  tell(problems: ProblemList): void {
    for (const { line, field, message, count } of this.findings.values()) {
      const where = field === undefined ? { line } : { line, field };
      problems.add(`${message}${others(count)}`, where);
    }
  }

  /** Sentences that name the first line of each kind. */
  notes(): string[] {
    return [...this.findings.values()].map(
      ({ line, message, count }) => `line ${line}${others(count)}: ${message}`,
    );
  }
}

function others(count: number): string {
  const more = count - 1;
  return more === 0 ? '' : ` (and ${more} more line${more === 1 ? '' : 's'})`;
}
