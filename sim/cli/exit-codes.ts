/** Exit codes, by the end of a command. */
export const EXIT = {
  ...{ ok: 0, bug: 1, wrongInput: 2 },
  /** Of `compare`. */
  ...{ worse: 3, broken: 4 },
  /** Of `sweep`: all runs failed, or one with --fail-fast; or stopped, as shells number signals. */
  ...{ failed: 3, SIGINT: 130, SIGTERM: 143 },
} as const;

export type ExitName = keyof typeof EXIT;
