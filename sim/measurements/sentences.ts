import { entryOf } from '../../src/groups.js';

/** More names than this are only counted. */
const NAMED = 6;

/** `a, b and 3 more` */
export function some(list: readonly string[], separator = ', '): string {
  const more = list.length - NAMED;
  return more <= 0
    ? list.join(separator)
    : `${list.slice(0, NAMED).join(separator)} and ${more} more`;
}

/** Sentences on several runs: one that is true of many is said once, with their names. */
export class RunNotes {
  private readonly places = new Map<string, string[]>();

  /** Adds a sentence on a run, or on all of them (''). */
  add(sentence: string, run = ''): void {
    const runs = entryOf(this.places, sentence, (): string[] => []);
    if (run !== '' && !runs.includes(run)) runs.push(run);
  }

  sentences(): string[] {
    return [...this.places].map(([sentence, runs]) =>
      runs.length === 0 ? sentence : `${sentence} (${some(runs)})`,
    );
  }
}

/** A number with this many digits, without zeros at its end. */
export function digits(value: number, count = 4): string {
  return String(Number(value.toPrecision(count)));
}
