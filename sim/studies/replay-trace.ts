import { mean, median, quantileSorted } from 'simple-statistics';
import { InputError } from '../../src/errors.js';
import { percent } from '../../src/units.js';
import { replayStep } from '../trace/replay.js';
import { leftOutKinds, stepGraphs, type BrokenStep, type StepGraph } from '../trace/step-graph.js';
import type { Trace } from '../trace/trace.js';

/** What would have been: mean step time, and how much faster that is than what was. */
export interface WhatIf {
  readonly name: string;
  readonly stepTimeS: number;
  /** Of the replayed step time. */
  readonly savedPct: number;
}

/** A step as recorded and as replayed. */
export interface StepTimes {
  readonly step: number;
  readonly recordedS: number;
  readonly replayedS: number;
}

/** What replaying a trace gives. Times of steps, from the first operation to the gradients' sync. */
export interface TraceReplay {
  readonly source: string;
  readonly pipelines: number;
  readonly stages: number;
  readonly workers: number;
  /** Forwards of a worker and step. */
  readonly microbatches: number;
  readonly steps: readonly StepTimes[];
  readonly broken: readonly BrokenStep[];
  readonly leftOutKinds: readonly string[];
  readonly meanRecordedS: number;
  readonly meanReplayedS: number;
  readonly meanErrorPct: number;
  readonly worstErrorPct: number;
  /** Replayed over ideal. */
  readonly slowdown: number;
  /** Part of the GPU-hours that the ideal would not have needed. */
  readonly wastePct: number;
  readonly whatIfs: readonly WhatIf[];
}

/** Hosts need time between operations; more than this quantile of it was waiting. */
const HOST_QUANTILE = 0.05;

/**
 * Replays the steps of a production trace, and asks what they would have taken (Lin et al.,
 * Understanding Stragglers in Large Model Training Using What-if Analysis, OSDI '25): ideally,
 * where every computation takes the mean of its kind and every transfer the median of its own; with
 * only the last stage ideal or not; with only one worker ideal or not.
 *
 * Between operations of a rank lies what its host needs: the 5 % quantile of the gaps between two
 * such kinds. What was longer was waiting for something, which the replay has to show by itself.
 *
 * @throws InputError when no step can be replayed.
 */
export function replayTrace(trace: Trace): TraceReplay {
  const { graphs, broken } = stepGraphs(trace);
  const gapS = hostGaps(graphs);
  const ideal = idealTimes(trace, graphs);
  const replayable: StepGraph[] = [];
  const steps: StepTimes[] = [];
  for (const graph of graphs) {
    const replayed = replayStep(graph, graph.ownS, gapS(graph));
    if (replayed === undefined) {
      broken.push({ step: graph.step, reason: 'its operations wait for each other for ever' });
      continue;
    }
    replayable.push(graph);
    const { step, recordedS } = graph;
    steps.push({ step, recordedS, replayedS: replayed.lengthS });
  }
  if (steps.length === 0) throw noSteps(trace, broken);
  const meanReplayedS = mean(steps.map(({ replayedS }) => replayedS));
  const whatIf = (name: string, isIdeal: IdealWhere): WhatIf => {
    const stepTimeS = mean(
      replayable.map((graph) => {
        return replayStep(graph, mixedTimes(graph, ideal, isIdeal), gapS(graph))!.lengthS;
      }),
    );
    return { name, stepTimeS, savedPct: 100 - percent(stepTimeS, meanReplayedS) };
  };
  const errors = steps.map(({ recordedS, replayedS }) =>
    Math.abs(percent(replayedS, recordedS) - 100),
  );
  const size = sizeOf(trace, replayable[0]!);
  const whatIfs = allWhatIfs(replayable, ideal, whatIf, size.stages);
  return {
    source: trace.source,
    ...size,
    steps,
    broken,
    leftOutKinds: leftOutKinds(trace),
    meanRecordedS: mean(steps.map(({ recordedS }) => recordedS)),
    meanReplayedS,
    meanErrorPct: mean(errors),
    worstErrorPct: Math.max(...errors),
    slowdown: meanReplayedS / whatIfs[0]!.stepTimeS,
    wastePct: whatIfs[0]!.savedPct,
    whatIfs,
  };
}

function noSteps(trace: Trace, broken: readonly BrokenStep[]): InputError {
  const why = broken.slice(0, 3).map(({ step, reason }) => `step ${step}: ${reason}`);
  return InputError.of({
    source: trace.source,
    message: `no step can be replayed${why.length === 0 ? ': there are no operations of a kind that is known' : `; ${why.join('; ')}`}`,
  });
}

function sizeOf(trace: Trace, { workers, kind }: StepGraph) {
  const forward = trace.kinds.indexOf('forward-compute');
  const [first] = workers;
  const ofFirst = kind.subarray(first!.first, first!.end);
  return {
    pipelines: new Set(workers.map(({ pipeline }) => pipeline)).size,
    stages: new Set(workers.map(({ stage }) => stage)).size,
    workers: workers.length,
    microbatches: ofFirst.filter((k) => k === forward).length,
  };
}

/** Gaps that hosts need, by the kinds of operation before and after; per operation of a graph. */
export function hostGaps(graphs: readonly StepGraph[]): (graph: StepGraph) => Float64Array {
  const found = new Map<string, number[]>();
  const keyOf = (graph: StepGraph, i: number, first: number): string => {
    return `${i === first ? 'begin' : graph.kind[i - 1]!} ${graph.kind[i]!}`;
  };
  const eachGap = (graph: StepGraph, visit: (i: number, key: string) => void): void => {
    for (const { first, end } of graph.workers) {
      for (let i = first; i < end; i++) {
        if (graph.batch[i] === i) visit(i, keyOf(graph, i, first));
      }
    }
  };
  for (const graph of graphs) {
    eachGap(graph, (i, key) => {
      found.set(key, found.get(key) ?? []);
      found.get(key)!.push(graph.gapS[i]!);
    });
  }
  const usual = new Map(
    [...found].map(([key, values]) => {
      return [
        key,
        quantileSorted(
          values.sort((a, b) => a - b),
          HOST_QUANTILE,
        ),
      ];
    }),
  );
  return (graph) => {
    const gapS = new Float64Array(graph.batch.length);
    eachGap(graph, (i, key) => (gapS[i] = usual.get(key)!));
    return gapS;
  };
}

/** Ideal time of each kind: of computing the mean, of everything else the median. */
function idealTimes(trace: Trace, graphs: readonly StepGraph[]): Float64Array {
  const found = trace.kinds.map((): number[] => []);
  for (const { kind, ownS } of graphs) {
    for (let i = 0; i < kind.length; i++) found[kind[i]!]!.push(ownS[i]!);
  }
  return Float64Array.from(found, (values, k) => {
    if (values.length === 0) return 0;
    return trace.kinds[k]!.endsWith('-compute') ? mean(values) : median(values);
  });
}

type IdealWhere = (pipeline: number, stage: number) => boolean;

/** Ideal times of the operations of some workers, and of the others what they took. */
function mixedTimes(graph: StepGraph, ideal: Float64Array, isIdeal: IdealWhere): Float64Array {
  const durationS = graph.ownS.slice();
  for (const { pipeline, stage, first, end } of graph.workers) {
    if (!isIdeal(pipeline, stage)) continue;
    for (let i = first; i < end; i++) durationS[i] = ideal[graph.kind[i]!]!;
  }
  return durationS;
}

function allWhatIfs(
  graphs: readonly StepGraph[],
  ideal: Float64Array,
  whatIf: (name: string, isIdeal: IdealWhere) => WhatIf,
  stages: number,
): WhatIf[] {
  const last = Math.max(...graphs[0]!.workers.map(({ stage }) => stage));
  const { pipeline, stage } = slowestWorker(graphs, ideal);
  const isSlowest: IdealWhere = (p, s) => p === pipeline && s === stage;
  const worker = `pipeline ${pipeline}, stage ${stage}`;
  return [
    whatIf('no stragglers', () => true),
    ...(stages === 1
      ? []
      : [
          whatIf('last stage fixed', (_, s) => s === last),
          whatIf('only the last stage not fixed', (_, s) => s !== last),
        ]),
    whatIf(`slowest worker fixed (${worker})`, isSlowest),
    whatIf(`only the slowest worker not fixed`, (p, s) => !isSlowest(p, s)),
  ];
}

/** The worker that takes most beyond the ideal. */
function slowestWorker(graphs: readonly StepGraph[], ideal: Float64Array) {
  const excess = new Map<string, { pipeline: number; stage: number; timeS: number }>();
  for (const { workers, kind, ownS } of graphs) {
    for (const { pipeline, stage, first, end } of workers) {
      const key = `${pipeline} ${stage}`;
      const entry = excess.get(key) ?? { pipeline, stage, timeS: 0 };
      for (let i = first; i < end; i++) entry.timeS += ownS[i]! - ideal[kind[i]!]!;
      excess.set(key, entry);
    }
  }
  return [...excess.values()].reduce((a, b) => (b.timeS > a.timeS ? b : a));
}
