import type { ComputationDag } from '../../src/pipeline/dag.js';
import { runPipeline, type PipelineRecord } from './pipeline-run.js';
import type { TimeArrays } from './time-arrays.js';
import { afterMeetingS, instructionTiming, type TimingOverheads } from './timing.js';
import type { Workload } from './workload.js';

/** One iteration of a data-parallel job (`dataParallelJob` builds it from plans and stragglers). */
export interface Job {
  readonly dag: ComputationDag;
  readonly timing: TimingOverheads;
  /** One entry per pipeline; pipelines that share the same object are identical. */
  readonly pipelines: readonly Workload[];
}

/** The record of a simulated iteration. */
export interface JobRecord {
  /** The time when the slowest pipeline finished. */
  readonly meetS: number;
  /** Time of the whole job: until the pipelines meet, plus the constant after that. */
  readonly iterationTimeS: number;
  /** One per pipeline; identical pipelines share one record. */
  readonly pipelines: readonly PipelineRecord[];
  /** Number of pipelines simulated; each of the others is identical to one of them. */
  readonly simulatedPipelines: number;
  readonly events: number;
}

/** Options of `simulateJob`. */
export interface SimulationOptions {
  /** Also simulates identical pipelines: the same numbers to the last bit, the long way. */
  readonly simulateAll?: boolean;
  /** Makes the arrays of records; new ones if left out. */
  readonly timeArrays?: TimeArrays | undefined;
}

/**
 * Simulates one iteration: all pipelines begin together and wait at the end for the slowest. In
 * between they do not interact, so each runs on a clock of its own.
 *
 * O(instructions · distinct pipelines · log stages).
 */
export function simulateJob(
  job: Job,
  { simulateAll = false, timeArrays }: SimulationOptions = {},
): JobRecord {
  const { dag, timing } = job;
  if (job.pipelines.length === 0) throw new RangeError('a job has at least one pipeline');
  const overheads = instructionTiming(dag, timing);
  const recordOf = new Map<Workload, PipelineRecord>();
  let meetS = 0;
  let simulatedPipelines = 0;
  let events = 0;
  const pipelines = job.pipelines.map((workload) => {
    const known = simulateAll ? undefined : recordOf.get(workload);
    if (known !== undefined) return known;
    const record = runPipeline(dag, overheads, workload, timeArrays);
    recordOf.set(workload, record);
    meetS = Math.max(meetS, record.endS);
    simulatedPipelines++;
    events += record.events;
    return record;
  });
  return {
    meetS,
    iterationTimeS: meetS + afterMeetingS(timing),
    pipelines,
    simulatedPipelines,
    events,
  };
}
