import type { Problem } from '../../../src/errors.js';
import type { ProblemList } from '../../../src/problem-list.js';

/** A place in a file: a line, a field, or both. */
type Where = Pick<Problem, 'line' | 'field'>;

/** Findings of one kind: the first one, and the number of all. */
interface Finding {
  readonly where: Where;
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
  add(kind: string, where: number | Where, message: string, field?: string): void {
    const known = this.findings.get(kind);
    if (known !== undefined) {
      known.count++;
      return;
    }
    const at = typeof where === 'number' ? { line: where } : where;
    this.findings.set(kind, {
      where: field === undefined ? at : { ...at, field },
      message,
      count: 1,
    });
  }

  /** Reports everything as problems. */
  tell(problems: ProblemList): void {
    for (const { where, message, count } of this.findings.values()) {
      problems.add(`${message}${others(count, where)}`, where);
    }
  }

  /** Sentences that name the first line of each kind. */
  notes(): string[] {
    return [...this.findings.values()].map(
      ({ where, message, count }) =>
        `${where.line === undefined ? (where.field ?? '') : `line ${where.line}`}${others(count, where)}: ${message}`,
    );
  }
}

function others(count: number, { line }: Where): string {
  const more = count - 1;
  const what = line === undefined ? 'place' : 'line';
  return more === 0 ? '' : ` (and ${counted(more, `more ${what}`)})`;
}

/** `1 sample`, `2 samples` */
export function counted(count: number, name: string): string {
  return `${count} ${name}${count === 1 ? '' : 's'}`;
}
