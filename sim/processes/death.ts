/** The way in which a contained process ended before it had answered. */
export interface Death {
  readonly cause: 'memory' | 'time' | 'other';
  /** For users: `exit code 3`, `SIGSEGV`, `no end within 2 s` */
  readonly how: string;
}

/** Last output on standard error of a process that its own watching thread ends. */
export const OUT_OF_MEMORY = 'pipewatt: more memory than it may have';

/** V8's messages when it cannot continue, the most informative first; and those for a full heap. */
const V8_GAVE_UP = [/# (Fatal JavaScript .+)$/m, /FATAL ERROR: (.+)$/m, /# (Fatal .+)$/m];
const HEAP_IS_FULL = /out of memory|Allocation failed/i;

/**
 * Determines the cause of a process's death from the way it ended and its last output.
 *
 * @param memoryMB its memory limit.
 */
export function deathOf(
  code: number | null,
  signal: string | null,
  said: string,
  memoryMB: number,
): Death {
  const gaveUp = V8_GAVE_UP.map((words) => words.exec(said)?.[1]).find(
    (words) => words !== undefined,
  );
  if (said.includes(OUT_OF_MEMORY) || (gaveUp !== undefined && HEAP_IS_FULL.test(gaveUp))) {
    return { cause: 'memory', how: `it needed more than ${memoryMB} MB of memory` };
  }
  const ending = signal ?? `exit code ${code ?? 'none'}`;
  if (gaveUp !== undefined) return { cause: 'other', how: `${ending}, ${gaveUp.trim()}` };
  return { cause: 'other', how: ending };
}
