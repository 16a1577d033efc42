/** How a contained process came to its end before it had answered. */
export interface Death {
  readonly cause: 'memory' | 'time' | 'other';
  /** For people: `exit code 3`, `SIGSEGV`, `no end within 2 s` */
  readonly how: string;
}

/** Last words of a process that its own thread ends, on standard error. */
export const OUT_OF_MEMORY = 'pipewatt: more memory than it may have';

/** What V8 says when it cannot go on, the sentence that says most first; and where the heap is full. */
const V8_GAVE_UP = [/# (Fatal JavaScript .+)$/m, /FATAL ERROR: (.+)$/m, /# (Fatal .+)$/m];
const HEAP_IS_FULL = /out of memory|Allocation failed/i;

/**
 * Reads from how a process ended, and what it said last, what it died of.
 *
 * @param memoryMB it may have had.
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
