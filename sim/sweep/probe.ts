import { ContainedProcess } from '../processes/contained-process.js';
import type { RunTask } from './run-result.js';

/** A run to try, and another of the same planning problem to try after it; the same if it is alone. */
export type ProbePair = readonly [RunTask, RunTask];

/** The duration of runs. */
export interface Probe {
  /** Time that the first run of a planning problem takes longer than others. */
  readonly planningMs: number;
  /** With the plans of the run before, and what this one needs besides. */
  readonly runningMs: number;
  readonly error: string | null;
}

/** Tries some runs, in a process that they may kill. */
export async function probeRuns(pairs: readonly ProbePair[], memoryMB: number): Promise<Probe[]> {
  const module = new URL('./probe-process.js', import.meta.url);
  const process = new ContainedProcess({ module, memoryMB, isForeign: false });
  const probes: Probe[] = [];
  try {
    for (const pair of pairs) {
      const outcome = await process.ask(pair);
      probes.push(
        'answer' in outcome
          ? (outcome.answer as Probe)
          : { planningMs: 0, runningMs: 0, error: `its process died: ${outcome.death.how}` },
      );
    }
    return probes;
  } finally {
    process.end();
  }
}
