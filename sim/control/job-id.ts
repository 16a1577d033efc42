import type { Degrees } from './planning/planning-request.js';

/** The longest part of an id that users choose; file names have 255 bytes in all. */
const LONGEST_PART = 80;

/** The parts of a new job's id. */
interface IdParts {
  readonly at: Date;
  readonly degrees: Degrees;
  readonly scheduler: string;
  readonly metadata?: string | null | undefined;
}

/**
 * The id of a new job, as Zeus makes it: `2026-11-27-02-14-50+dp1+pp4+tp2+perseus+metadata`.
 * Characters that clients would have to escape in a path, or that a file system might take for
 * something else, become `_`. A number is added where another job has the id.
 *
 * @param isTaken whether a job has an id, upper and lower case being the same.
 */
export function newJobId(
  { at, degrees: { dp, pp, tp }, scheduler, metadata }: IdParts,
  isTaken: (id: string) => boolean,
): string {
  const time = at.toISOString().slice(0, 19).replace(/[T:]/g, '-');
  const parts = [time, `dp${dp}`, `pp${pp}`, `tp${tp}`, plain(scheduler)];
  if (metadata !== undefined && metadata !== null && metadata !== '') parts.push(plain(metadata));
  const id = parts.join('+');
  for (let n = 1; ; n++) {
    const numbered = n === 1 ? id : `${id}+${n}`;
    if (!isTaken(numbered)) return numbered;
  }
}

function plain(text: string): string {
  return text.replace(/[^A-Za-z0-9._+=@,~-]/gu, '_').slice(0, LONGEST_PART);
}
