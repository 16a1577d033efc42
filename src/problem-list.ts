import { formatProblem, InputError, type Problem, SpoiltFieldError } from './errors.js';

/** Collects the problems of one input, so that one error reports them all. */
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

  /**
   * @throws InputError with everything that was added, if anything was.
   */
  throwIfAny(): void {
    if (this.problems.length > 0) throw new InputError(this.problems);
  }
}

/**
 * Runs several steps and collects the problems of each, so that one error reports them all:
 * options, files, and how they go together.
 */
export class ProblemGathering {
  private readonly problems = new Map<string, Problem>();

  /** The result of `make`; undefined if an input is wrong, with its problems collected. */
  attempt<T>(make: () => T): T | undefined {
    try {
      return make();
    } catch (error) {
      this.keep(error);
      return undefined;
    }
  }

  /** The same for asynchronous functions. */
  async attemptAsync<T>(make: () => Promise<T>): Promise<T | undefined> {
    try {
      return await make();
    } catch (error) {
      this.keep(error);
      return undefined;
    }
  }

  /** Adds problems, without repeating known ones. */
  add(...problems: readonly Problem[]): void {
    for (const problem of problems) this.problems.set(formatProblem(problem), problem);
  }

  /** Hands its problems to another gathering, which lists them after its own. */
  addTo(other: ProblemGathering): void {
    other.add(...this.problems.values());
  }

  /**
   * @throws InputError with everything that was found, if anything was.
   */
  throwIfAny(): void {
    if (this.problems.size > 0) throw new InputError([...this.problems.values()]);
  }

  private keep(error: unknown): void {
    if (error instanceof InputError) this.add(...error.problems);
    else if (!(error instanceof SpoiltFieldError)) throw error;
  }
}

/** Longer findings are cut, to keep messages readable. */
const LONGEST_QUOTE = 40;

/** A finding, cut to a readable length. */
export function cut(found: string): string {
  return found.length > LONGEST_QUOTE ? `${found.slice(0, LONGEST_QUOTE)}…` : found;
}

/** A value found in a document, cut and on one line. */
export function foundValue(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (typeof value === 'number') return String(value);
  try {
    return cut(JSON.stringify(value));
  } catch {
    // YAML allows cycles: `&a [*a]`.
    return 'a value that contains itself';
  }
}

/** A finding, cut, in quotes and on one line. */
export function quoted(found: string): string {
  return JSON.stringify(cut(found));
}

/** Names are listed up to this many; the rest is counted. */
const SHOWN_NAMES = 40;

/** Findings in quotes with commas between them: a table without line ends has all its cells in its header. */
export function quotedList(found: readonly string[]): string {
  const shown = found.slice(0, SHOWN_NAMES).map(quoted);
  const more = found.length - shown.length;
  return more === 0 ? shown.join(', ') : `${shown.join(', ')} and ${more} more`;
}

/** A message is cut after this many problems; the rest is counted. */
const SHOWN_PROBLEMS = 20;

/** An error as shown to users: one line per problem, unless there are too many. */
export function shownProblems({ problems }: InputError): string[] {
  const lines = problems.slice(0, SHOWN_PROBLEMS).map(formatProblem);
  const more = problems.length - lines.length;
  return more === 0 ? lines : [...lines, `… and ${more} more problems`];
}
