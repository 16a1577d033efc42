import { entryOf } from '../../../src/groups.js';
import type { GpuCounting } from '../../energy/gpu-powers.js';
import { bookEnergy, type Ledger } from '../../energy/ledger.js';
import { simulateJob, type Job, type JobRecord } from '../../training/job.js';
import type { Workload } from '../../training/workload.js';

/** Starts of pipelines within an iteration. */
export interface StaggerSettings {
  /** Pipelines with the same number modulo this one begin together. */
  readonly groups: number;
  /** From the start of one group to the start of the next. */
  readonly byS: number;
}

/** The beginning of a pipeline within each iteration. */
function staggeredStartS({ groups, byS }: StaggerSettings, pipeline: number): number {
  return (pipeline % groups) * byS;
}

/**
 * A job whose pipelines begin one group after another. All of them still meet at the end of each
 * iteration, so a start costs time unless its pipeline would have waited for a slower one that long.
 * O(pipelines).
 */
function staggeredJob(job: Job, stagger: StaggerSettings): Job {
  const made = new Map<Workload, Map<number, Workload>>();
  const pipelines = job.pipelines.map((workload, p) => {
    const startsS = (workload.startsS ?? 0) + staggeredStartS(stagger, p);
    const ofWorkload = entryOf(made, workload, () => new Map<number, Workload>());
    return entryOf(ofWorkload, startsS, () => ({ ...workload, startsS }));
  });
  return { ...job, pipelines };
}

/** A simulated iteration, and its energies. */
export interface BookedIteration {
  readonly job: Job;
  readonly record: JobRecord;
  readonly ledger: Ledger;
}

/** Simulates an iteration of a job with staggered starts. */
export function staggered(job: Job, gpus: GpuCounting, stagger: StaggerSettings): BookedIteration {
  const later = staggeredJob(job, stagger);
  const record = simulateJob(later);
  return { job: later, record, ledger: bookEnergy(later, record, gpus) };
}
