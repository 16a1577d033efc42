import type { ComputationDag } from '../../src/pipeline/dag.js';
import { Simulation } from '../kernel/simulation.js';
import { exchangeTimes, loadingTimes, type TimingOverheads } from './timing.js';
import type { Workload } from './workload.js';

/** One iteration of a data-parallel job. */
export interface Job {
  readonly dag: ComputationDag;
  readonly timing: TimingOverheads;
  /** One entry per pipeline; pipelines that share the same object are identical. */
  readonly pipelines: readonly Workload[];
}

/** When everything happened in one pipeline: parallel arrays, per instruction. */
export interface PipelineRecord {
  /** When it began to compute (loading comes before). */
  readonly startS: Float64Array;
  /** When it was done computing (its exchange comes after). */
  readonly finishS: Float64Array;
  /** When the pipeline's last stage was done with its last exchange. */
  readonly endS: number;
}

/** What a simulated iteration did. */
export interface JobRecord {
  /** Of the whole job: the slowest pipeline, and the constant after it. */
  readonly iterationTimeS: number;
  /** One per pipeline; identical pipelines share one record. */
  readonly pipelines: readonly PipelineRecord[];
  /** How many pipelines were simulated; the others are identical to one of them. */
  readonly simulatedPipelines: number;
  readonly events: number;
}

/** The only kind of event: an instruction and its exchange are done. */
const INSTRUCTION_DONE = 0;

/**
 * Simulates one iteration: every stage runs its instructions in order, each as soon as the one
 * before it is done and its input has arrived; all pipelines meet at the end.
 *
 * One event per instruction: O(instructions · distinct pipelines · log(stages · pipelines)).
 *
 * @param simulateAll also simulates pipelines that are identical; the numbers are the same to the
 *   last bit, since pipelines do not touch before they meet.
 */
export function simulateJob(job: Job, { simulateAll = false } = {}): JobRecord {
  const { dag, timing } = job;
  const distinct = simulateAll ? job.pipelines : [...new Set(job.pipelines)];
  const runs = distinct.map((workload) => emptyRun(dag, workload));
  const events = execute(dag, timing, runs);
  const records = runs.map(({ startS, finishS, progress }) => ({
    startS,
    finishS,
    endS: progress.endS,
  }));
  const pipelines = simulateAll
    ? records
    : job.pipelines.map((workload) => records[distinct.indexOf(workload)]!);
  const slowestS = Math.max(...records.map((record) => record.endS));
  return {
    iterationTimeS: slowestS + timing.iterationConstantS,
    pipelines,
    simulatedPipelines: distinct.length,
    events,
  };
}

interface PipelineRun {
  readonly workload: Workload;
  readonly startS: Float64Array;
  readonly finishS: Float64Array;
  /** Per instruction: how many of those it waits for are not done. */
  readonly waitsFor: Int32Array;
  readonly progress: { done: number; endS: number };
}

function emptyRun(dag: ComputationDag, workload: Workload): PipelineRun {
  const n = dag.instructionCount;
  return {
    workload,
    startS: new Float64Array(n),
    finishS: new Float64Array(n),
    waitsFor: Int32Array.from(
      { length: n },
      (_, i) => dag.predecessorStart[i + 1]! - dag.predecessorStart[i]!,
    ),
    progress: { done: 0, endS: 0 },
  };
}

/** Event subjects are `pipeline · instructions + instruction`. @returns the number of events. */
function execute(
  dag: ComputationDag,
  timing: TimingOverheads,
  runs: readonly PipelineRun[],
): number {
  const { instructionCount: n, successorStart, successor } = dag;
  const loadingS = loadingTimes(dag, timing);
  const exchangeS = exchangeTimes(dag, timing);
  const simulation = new Simulation(dag.stageCount * runs.length + 1);

  const start = (run: PipelineRun, base: number, i: number): void => {
    const startS = simulation.nowS + loadingS[i]!;
    const finishS = startS + run.workload.durationS[i]!;
    run.startS[i] = startS;
    run.finishS[i] = finishS;
    simulation.at(finishS + exchangeS[i]!, INSTRUCTION_DONE, base + i);
  };
  runs.forEach((run, p) => {
    for (let i = 0; i < n; i++) if (run.waitsFor[i] === 0) start(run, p * n, i);
  });
  const events = simulation.run((_, subject) => {
    const p = (subject / n) | 0;
    const run = runs[p]!;
    const base = p * n;
    const i = subject - base;
    run.progress.done++;
    run.progress.endS = simulation.nowS;
    for (let a = successorStart[i]!; a < successorStart[i + 1]!; a++) {
      const next = successor[a]!;
      if (--run.waitsFor[next]! === 0) start(run, base, next);
    }
  });
  if (runs.some((run) => run.progress.done < n)) throw new Error('the pipeline dead-locked');
  return events;
}
