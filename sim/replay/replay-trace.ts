import { InputError } from '../../src/errors.js';
import { mean } from 'simple-statistics';
import { percent } from '../../src/units.js';
import { hostDelays } from './host-delays.js';
import { leftOutKinds } from './operation-kinds.js';
import type { Worker } from './recorded-steps.js';
import { replayStep } from './replay.js';
import { modelStageCount } from './step-draft.js';
import { stepGraphs, type BrokenStep, type StepGraph } from './step-graph.js';
import type { Trace } from './trace.js';
import {
  idealTimes,
  slowestWorkers,
  stepTimes,
  type IsFixed,
  type WorkerSlowdown,
} from './without-stragglers.js';

/** A what-if's mean step time, compared with the replay as published. */
export interface WhatIf {
  readonly name: string;
  readonly stepTimeS: number;
  /** Fraction of the step time as published. */
  readonly savedPct: number;
  /** Fraction of the cost of stragglers; null if they cost nothing. */
  readonly recoveredPct: number | null;
}

/** A step as recorded and as replayed. */
export interface StepTimes {
  readonly step: number;
  readonly recordedS: number;
  /** With recorded durations, blocking transfers, and the delays that hosts nearly always have. */
  readonly replayedS: number;
  /** With recorded durations, as in Lin et al.: transfers overlap, and hosts have no delays. */
  readonly publishedS: number;
  /** The same without stragglers. */
  readonly idealS: number;
}

/** Differences between replayed and recorded step times. */
export interface ReplayError {
  readonly meanPct: number;
  readonly worstPct: number;
}

/**
 * The result of replaying a trace. Times are of whole steps, first start to last end, in seconds.
 */
export interface TraceReplay {
  readonly source: string;
  readonly pipelines: number;
  readonly stages: number;
  /** Parts of the model; more than stages if stages hold several. */
  readonly modelStages: number;
  readonly workers: number;
  /** Forwards of a part of the model, per pipeline and step; fewest and most. */
  readonly microbatches: readonly [number, number];
  readonly steps: readonly StepTimes[];
  readonly broken: readonly BrokenStep[];
  /** Sentences about kinds of operation that are not replayed. */
  readonly leftOut: readonly string[];
  /** Sentences about implausible data. */
  readonly doubts: readonly string[];
  readonly meanRecordedS: number;
  readonly meanReplayedS: number;
  readonly meanPublishedS: number;
  readonly meanIdealS: number;
  readonly replayedError: ReplayError;
  readonly publishedError: ReplayError;
  /** As published over ideal. */
  readonly slowdown: number;
  /** Fraction of the GPU-hours that the ideal would not have needed. */
  readonly wastePct: number;
  readonly slowestWorkers: readonly WorkerSlowdown[];
  readonly whatIfs: readonly WhatIf[];
}

/** A replay with the graphs that pictures of it need. */
export interface WatchedReplay {
  readonly replay: TraceReplay;
  /** Each step's waits as published, and with transfers that hold up workers: the same operations. */
  readonly overlapped: readonly StepGraph[];
  readonly blocking: readonly StepGraph[];
  /** Delays of hosts per operation of a graph. */
  readonly delays: (graph: StepGraph) => Float64Array;
  /** All workers, the costliest first. */
  readonly workers: readonly WorkerSlowdown[];
}

/** The number of workers that the published measure of single bad workers fixes. */
const SLOWEST_PART = 0.03;

/**
 * Replays the steps of a production trace, and computes the times with some or no stragglers (Lin
 * et al., Understanding Stragglers in Large Model Training Using What-if Analysis, OSDI '25).
 * What-ifs run steps as published there, and are compared with steps run the same way: `tori` in
 * the published results is such a replay, 0.5–1.9 % shorter than the recording.
 *
 * @throws InputError if no step can be replayed.
 */
export function replayTrace(trace: Trace): TraceReplay {
  return watchedReplay(trace).replay;
}

/** Replays a trace as `replayTrace` does, and keeps what pictures need. */
export function watchedReplay(trace: Trace): WatchedReplay {
  const { overlapped: graphs, blocking, broken } = stepGraphs(trace);
  const delays = hostDelays(blocking);
  const idealS = idealTimes(trace, graphs);
  const idealSteps = stepTimes(graphs, idealS, () => true);
  const steps = graphs.map((graph, k) => ({
    step: graph.step,
    recordedS: graph.recordedS,
    replayedS: replayStep(blocking[k]!, blocking[k]!.ownS, delays(blocking[k]!)).lengthS,
    publishedS: replayStep(graph, graph.ownS).lengthS,
    idealS: idealSteps[k]!,
  }));
  checkLengths(steps, trace.source);
  const meanOf = (time: (step: StepTimes) => number) => mean(steps.map(time));
  const meanPublishedS = meanOf((step) => step.publishedS);
  const meanIdealS = meanOf((step) => step.idealS);
  const slowest = slowestWorkers(graphs, idealS);
  const whatIf = (name: string, isFixed: IsFixed): WhatIf => {
    const stepTimeS = mean([...stepTimes(graphs, idealS, isFixed)]);
    const lostS = meanPublishedS - meanIdealS;
    return {
      name,
      stepTimeS,
      savedPct: 100 - percent(stepTimeS, meanPublishedS),
      recoveredPct: lostS > 0 ? percent(meanPublishedS - stepTimeS, lostS) : null,
    };
  };
  const replay = {
    source: trace.source,
    ...sizeOf(trace, graphs),
    steps,
    broken,
    leftOut: leftOutKinds(trace),
    doubts: doubtsAbout(meanOf((step) => step.recordedS)),
    meanRecordedS: meanOf((step) => step.recordedS),
    meanReplayedS: meanOf((step) => step.replayedS),
    meanPublishedS,
    meanIdealS,
    replayedError: errorOf(steps, (step) => step.replayedS),
    publishedError: errorOf(steps, (step) => step.publishedS),
    slowdown: meanPublishedS / meanIdealS,
    wastePct: 100 - percent(meanIdealS, meanPublishedS),
    slowestWorkers: slowest.slice(0, Math.ceil(SLOWEST_PART * slowest.length)),
    whatIfs: allWhatIfs(graphs, slowest, whatIf),
  };
  return { replay, overlapped: graphs, blocking, delays, workers: slowest };
}

/** Usual step times: nothing longer than an hour or shorter than a millisecond. */
const LONGEST_STEP_S = 3600;
const SHORTEST_STEP_S = 1e-3;

/** Possible step times; those between these and the usual ones are doubted. */
const SHORTEST_POSSIBLE_S = 1e-6;
const LONGEST_POSSIBLE_S = 1e6;

/**
 * @throws InputError if a step takes an impossible time.
 */
function checkLengths(steps: readonly StepTimes[], source: string): void {
  const empty = steps.filter(({ recordedS, replayedS, publishedS, idealS }) =>
    [recordedS, replayedS, publishedS, idealS].some(
      (timeS) => !(timeS >= SHORTEST_POSSIBLE_S && timeS <= LONGEST_POSSIBLE_S),
    ),
  );
  if (empty.length === 0) return;
  const found = empty.map(({ step }) => step).join(', ');
  const message = `step ${found}: takes an impossible time from its first start to its last end, expected ${SHORTEST_POSSIBLE_S} to ${LONGEST_POSSIBLE_S} s; times have to be in seconds`;
  throw InputError.of({ source, message });
}

function doubtsAbout(meanS: number): string[] {
  return meanS >= SHORTEST_STEP_S && meanS <= LONGEST_STEP_S
    ? []
    : [`Steps take ${meanS.toPrecision(3)} s on average: times have to be in seconds`];
}

function errorOf(steps: readonly StepTimes[], time: (step: StepTimes) => number): ReplayError {
  const errors = steps.map((step) => Math.abs(percent(time(step), step.recordedS) - 100));
  return { meanPct: mean(errors), worstPct: errors.reduce((a, b) => Math.max(a, b), 0) };
}

function sizeOf(trace: Trace, graphs: readonly StepGraph[]) {
  const workers = new Map<number, Worker>();
  const forward = trace.kinds.indexOf('forward-compute');
  const modelStages = modelStageCount(trace);
  let [fewest, most] = [Infinity, 0];
  for (const graph of graphs) {
    for (const worker of graph.workers) {
      workers.set(worker.rank, worker);
      const forwards = graph.kind.subarray(worker.first, worker.end).filter((k) => k === forward);
      fewest = Math.min(fewest, forwards.length);
      most = Math.max(most, forwards.length);
    }
  }
  const count = (of: (worker: Worker) => number) => new Set([...workers.values()].map(of)).size;
  const stages = count(({ stage }) => stage);
  const chunks = modelStages / stages;
  const microbatches: readonly [number, number] = [fewest / chunks, most / chunks];
  const pipelines = count(({ pipeline }) => pipeline);
  return { pipelines, stages, modelStages, workers: workers.size, microbatches };
}

function allWhatIfs(
  graphs: readonly StepGraph[],
  slowest: readonly WorkerSlowdown[],
  whatIf: (name: string, isFixed: IsFixed) => WhatIf,
): WhatIf[] {
  const stages = graphs.flatMap(({ workers }) => workers.map(({ stage }) => stage));
  const last = stages.reduce((a, b) => Math.max(a, b), 0);
  const [worst] = slowest;
  const few = slowest.slice(0, Math.ceil(SLOWEST_PART * slowest.length));
  const isWorst = ({ rank }: Worker) => rank === worst!.rank;
  const isFew = ({ rank }: Worker) => few.some((other) => other.rank === rank);
  const place = `pipeline ${worst!.pipeline}, stage ${worst!.stage}, rank ${worst!.rank}`;
  return [
    whatIf('no stragglers', () => true),
    ...(last === 0
      ? []
      : [
          whatIf('last stage fixed', ({ stage }) => stage === last),
          whatIf('all but the last stage fixed', ({ stage }) => stage !== last),
        ]),
    whatIf(`slowest worker fixed (${place})`, isWorst),
    whatIf('all but the slowest worker fixed', (worker) => !isWorst(worker)),
    ...(few.length < 2
      ? []
      : [
          whatIf(`slowest ${few.length} workers (3 %) fixed`, isFew),
          whatIf(`all but the slowest ${few.length} workers fixed`, (worker) => !isFew(worker)),
        ]),
  ];
}
