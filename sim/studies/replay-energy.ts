import { median } from 'simple-statistics';
import { compensatedSum } from '../../src/compensated-sum.js';
import { InputError } from '../../src/errors.js';
import { pathTimes, type Lags } from '../../src/pipeline/critical-path.js';
import type { ComputationDag } from '../../src/pipeline/dag.js';
import { oneFOneB } from '../../src/pipeline/one-f-one-b.js';
import { perseus } from '../../src/planner/perseus/perseus.js';
import type { FrequencyPlan, Plans } from '../../src/planner/planner.js';
import { planningProblem } from '../../src/planner/planning-problem.js';
import { defaultUnitTime } from '../../src/profile/operation-costs.js';
import { FORWARD } from '../../src/profile/operation.js';
import {
  byKind,
  type ExecutionOption,
  type ProfiledKind,
  type StageOptions,
  type StageProfile,
} from '../../src/profile/stage-profile.js';
import { bloatRemoved } from '../energy/bloat.js';
import { replayStep } from '../trace/replay.js';
import { stepGraphs, type StepGraph, type Worker } from '../trace/step-graph.js';
import type { Trace } from '../trace/trace.js';
import { hostGaps } from './replay-trace.js';

/** GPUs that are assumed to have run a trace. */
export interface AssumedGpu {
  /** How time and power go with the clock, from a stage of some profile. */
  readonly curve: StageOptions;
  readonly blockingPowerW: number;
  /** GPUs that did what a traced rank did (tensor-parallel degree). */
  readonly gpusPerRank: number;
}

/** What a traced job would have used under a policy: all its steps, all its GPUs. */
export interface ReplayedPolicy {
  readonly policy: 'max-frequency' | 'perseus';
  readonly meanStepTimeS: number;
  readonly energyJ: number;
  readonly slowdownPct: number;
  readonly savingPct: number;
  readonly intrinsicPct: number;
  readonly extrinsicPct: number;
}

/**
 * The energy that a traced job would have used, had it run on GPUs of which the power is known, at
 * the highest clock as recorded, and at the clocks of Perseus: each pipeline planned on the median
 * times of its own stages, for each step's slowest pipeline as if it had been known. What a rank
 * computed takes the curve's relative time and power; all else draws blocking power.
 *
 * @throws InputError when the trace is not of a 1F1B pipeline.
 */
export function replayEnergy(trace: Trace, gpu: AssumedGpu): ReplayedPolicy[] {
  const graphs = stepGraphs(trace).graphs;
  const gapS = hostGaps(graphs);
  const job = tracedJob(trace, graphs);
  const plans = new Map(
    [...job.pipelines].map(([p, stages]) => [p, planPipeline(job, stages, gpu)]),
  );
  const fastest = new Map([...plans].map(([p, ofPipeline]) => [p, ofPipeline.forStraggler(0)]));
  const runAll = (planOf: (step: TracedStep, pipeline: number) => FrequencyPlan | undefined) =>
    runSteps(job, gpu, gapS, planOf);
  const max = runAll(() => undefined);
  const unaware = runAll((_, pipeline) => fastest.get(pipeline)!);
  const aware = runAll((step, pipeline) => {
    // A pipeline that is slow itself has nothing to give.
    const room = step.slowestS / step.pipelineS.get(pipeline)!;
    return plans.get(pipeline)!.forStraggler(room * fastest.get(pipeline)!.plannedTimeS);
  });
  const row = (policy: ReplayedPolicy['policy'], run: Totals, blind: Totals): ReplayedPolicy => ({
    policy,
    meanStepTimeS: run.timeS / job.steps.length,
    energyJ: run.energyJ,
    slowdownPct: 100 * (run.timeS / max.timeS - 1),
    ...bloatRemoved(max.energyJ, blind.energyJ, run.energyJ),
  });
  return [row('max-frequency', max, max), row('perseus', aware, unaware)];
}

/** A traced job as a pipeline to plan. */
interface TracedJob {
  readonly dag: ComputationDag;
  readonly lagS: Lags;
  /** Median times of each stage of each pipeline. */
  readonly pipelines: ReadonlyMap<number, readonly StageTimes[]>;
  readonly steps: readonly TracedStep[];
}

type StageTimes = Readonly<Record<ProfiledKind, number>>;

interface TracedStep {
  readonly graph: StepGraph;
  /** Per operation: the instruction that it was, or −1. */
  readonly instruction: Int32Array;
  /** What each pipeline would have taken alone. */
  readonly pipelineS: ReadonlyMap<number, number>;
  readonly slowestS: number;
}

function tracedJob(trace: Trace, graphs: readonly StepGraph[]): TracedJob {
  const forward = trace.kinds.indexOf('forward-compute');
  const backward = trace.kinds.indexOf('backward-compute');
  const [first] = graphs;
  if (first === undefined) throw notReplayable(trace, 'no step of it can be replayed');
  const stages = 1 + Math.max(...first.workers.map(({ stage }) => stage));
  const { first: from, end: to } = first.workers[0]!;
  const microbatches = first.kind.subarray(from, to).filter((k) => k === forward).length;
  if (microbatches === 0) throw notReplayable(trace, 'it holds no forward-compute');
  const dag = oneFOneB(stages, microbatches);
  const placed = graphs.map((graph) => ({
    graph,
    instruction: instructionsOf(trace, graph, dag, forward, backward),
  }));
  const exchangeS = medianTransfer(trace, graphs);
  const perInstruction = Float64Array.from(dag.outputStage, (stage) => (stage < 0 ? 0 : exchangeS));
  const lagS = { ownStage: perInstruction, otherStage: perInstruction };
  return {
    dag,
    lagS,
    pipelines: medianTimes(graphs, stages, forward, backward),
    steps: placed.map(({ graph, instruction }) => {
      const pipelineS = pipelineTimes(graph, instruction, dag, lagS);
      return { graph, instruction, pipelineS, slowestS: Math.max(...pipelineS.values()) };
    }),
  };
}

function medianTransfer(trace: Trace, graphs: readonly StepGraph[]): number {
  const timesS = graphs.flatMap(({ kind, ownS }) =>
    [...ownS].filter((_, i) => isTransfer(trace, kind[i]!)),
  );
  return timesS.length === 0 ? 0 : median(timesS);
}

function medianTimes(
  graphs: readonly StepGraph[],
  stages: number,
  forward: number,
  backward: number,
): Map<number, StageTimes[]> {
  const found = new Map<number, { forward: number[]; backward: number[] }[]>();
  for (const { workers, kind, ownS } of graphs) {
    for (const { pipeline, stage, first, end } of workers) {
      const empty = () => ({ forward: [], backward: [] });
      const ofPipeline = found.get(pipeline) ?? Array.from({ length: stages }, empty);
      found.set(pipeline, ofPipeline);
      for (let i = first; i < end; i++) {
        if (kind[i] === forward) ofPipeline[stage]!.forward.push(ownS[i]!);
        if (kind[i] === backward) ofPipeline[stage]!.backward.push(ownS[i]!);
      }
    }
  }
  const medians = (times: Record<ProfiledKind, number[]>) => byKind((kind) => median(times[kind]));
  return new Map([...found].map(([pipeline, ofStages]) => [pipeline, ofStages.map(medians)]));
}

function isTransfer(trace: Trace, kind: number): boolean {
  return /-(send|recv)$/.test(trace.kinds[kind]!);
}

function notReplayable(trace: Trace, reason: string): InputError {
  return InputError.of({
    source: trace.source,
    message: `its energy cannot be worked out: ${reason}`,
  });
}

/** The 1F1B instruction that each computation was: the same kind at the same place of its stage. */
function instructionsOf(
  trace: Trace,
  graph: StepGraph,
  dag: ComputationDag,
  forward: number,
  backward: number,
): Int32Array {
  const instruction = new Int32Array(graph.kind.length).fill(-1);
  for (const { stage, first, end } of graph.workers) {
    let next = dag.stageStart[stage]!;
    for (let i = first; i < end; i++) {
      const kind = graph.kind[i]!;
      if (kind !== forward && kind !== backward) continue;
      const isForward = dag.kind[next] === FORWARD;
      if (next >= dag.stageStart[stage + 1]! || isForward !== (kind === forward)) {
        throw notReplayable(trace, `in step ${graph.step} stage ${stage} does not run 1F1B`);
      }
      instruction[i] = next++;
    }
    if (next < dag.stageStart[stage + 1]!) {
      throw notReplayable(trace, `in step ${graph.step} stage ${stage} lacks computations`);
    }
  }
  return instruction;
}

/** Of each pipeline: the longest path through what its first ranks computed. */
function pipelineTimes(
  { workers, ownS }: StepGraph,
  instruction: Int32Array,
  dag: ComputationDag,
  lags: Lags,
): Map<number, number> {
  const durations = new Map<number, Float64Array>();
  for (const { pipeline, first, end } of workers) {
    const durationS = durations.get(pipeline) ?? new Float64Array(dag.instructionCount);
    durations.set(pipeline, durationS);
    for (let i = first; i < end; i++) {
      const at = instruction[i]!;
      if (at >= 0) durationS[at] = Math.max(durationS[at]!, ownS[i]!);
    }
  }
  return new Map(
    [...durations].map(([p, durationS]) => [p, pathTimes(dag, durationS, lags).length]),
  );
}

/** The frontier of a traced pipeline on the assumed GPU. */
function planPipeline(
  { dag, lagS }: TracedJob,
  stages: readonly StageTimes[],
  gpu: AssumedGpu,
): Plans {
  const profile: StageProfile = {
    source: 'trace',
    stages: stages.map((times) => byKind((kind) => timed(gpu.curve[kind], times[kind]))),
  };
  const problem = planningProblem(dag, profile, {
    unitTimeS: defaultUnitTime(profile),
    blockingPowerW: gpu.blockingPowerW,
    gpusPerStage: gpu.gpusPerRank,
    lagS,
  });
  return perseus.plan(problem);
}

/** A curve's options for an operation that takes `timeS` at the highest clock. */
function timed(options: readonly ExecutionOption[], timeS: number): ExecutionOption[] {
  const scale = timeS / highest(options).timeS;
  return options.map((option) => ({
    frequencyMHz: option.frequencyMHz,
    timeS: option.timeS * scale,
    energyJ: option.energyJ * scale,
  }));
}

function highest(options: readonly ExecutionOption[]): ExecutionOption {
  return options.reduce((a, b) => (b.frequencyMHz > a.frequencyMHz ? b : a));
}

interface Totals {
  readonly timeS: number;
  readonly energyJ: number;
}

/** Replays all steps at the clocks of plans; no plan is the highest clock. */
function runSteps(
  job: TracedJob,
  { curve, blockingPowerW, gpusPerRank }: AssumedGpu,
  gapS: (graph: StepGraph) => Float64Array,
  planOf: (step: TracedStep, pipeline: number) => FrequencyPlan | undefined,
): Totals {
  const time = compensatedSum();
  const energy = compensatedSum();
  const clocks = byKind((kind) => clockTable(curve[kind]));
  for (const step of job.steps) {
    const { graph, instruction } = step;
    const durationS = graph.ownS.slice();
    let computedS = 0;
    const compute = (worker: Worker) => {
      const plan = planOf(step, worker.pipeline);
      for (let i = worker.first; i < worker.end; i++) {
        const at = instruction[i]!;
        if (at < 0) continue;
        const kind: ProfiledKind = job.dag.kind[at] === FORWARD ? 'forward' : 'backward';
        const { relativeTime, powerW } = clocks[kind](plan?.frequencyMHz[at]);
        durationS[i]! *= relativeTime;
        computedS += durationS[i]!;
        energy.add(gpusPerRank * powerW * durationS[i]!);
      }
    };
    graph.workers.forEach(compute);
    const { lengthS } = replayStep(graph, durationS, gapS(graph))!;
    time.add(lengthS);
    energy.add(gpusPerRank * blockingPowerW * (graph.workers.length * lengthS - computedS));
  }
  return { timeS: time.value(), energyJ: energy.value() };
}

/** Time relative to the highest clock, and power, by clock. */
function clockTable(options: readonly ExecutionOption[]) {
  const top = highest(options);
  const table = new Map(
    options.map(({ frequencyMHz, timeS, energyJ }) => [
      frequencyMHz,
      { relativeTime: timeS / top.timeS, powerW: energyJ / timeS },
    ]),
  );
  return (frequencyMHz = top.frequencyMHz) => table.get(frequencyMHz)!;
}
