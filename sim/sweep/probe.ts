import { ContainedProcess } from '../processes/contained-process.js';
import type { RunTask } from './run-result.js';

/** The duration of a run. */
export interface Probe {
  readonly planningMs: number;
  /** With existing plans. */
  readonly runningMs: number;
  readonly error: string | null;
}

/** Tries some runs, in a process that they may kill. */
export async function probeRuns(tasks: readonly RunTask[], memoryMB: number): Promise<Probe[]> {
  const module = new URL('./probe-process.js', import.meta.url);
  const process = new ContainedProcess({ module, memoryMB, isForeign: false });
  const probes: Probe[] = [];
  try {
    for (const task of tasks) {
      const outcome = await process.ask(task);
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
