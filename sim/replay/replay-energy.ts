import { most } from '../../src/extremes.js';
import { median } from 'simple-statistics';
import { compensatedSum } from '../../src/compensated-sum.js';
import { pathTimes, type Lags } from '../../src/pipeline/critical-path.js';
import type { ComputationDag } from '../../src/pipeline/dag.js';
import { perseus } from '../../src/planner/perseus/perseus.js';
import type { FrequencyPlan, Plans } from '../../src/planner/planner.js';
import { planningProblem } from '../../src/planner/planning-problem.js';
import { defaultUnitTime } from '../../src/profile/operation-costs.js';
import { FORWARD } from '../../src/profile/operation.js';
import { percentMore } from '../../src/units.js';
import {
  byKind,
  scaleOptions,
  type ExecutionOption,
  type ProfiledKind,
  type StageOptions,
  type StageProfile,
} from '../../src/profile/stage-profile.js';
import { bloatRemoved } from '../energy/bloat.js';
import { hostDelays } from './host-delays.js';
import { kindRules } from './operation-kinds.js';
import { replayStep, type ReplayedStep } from './replay.js';
import { stepGraphs, type StepGraph } from './step-graph.js';
import type { Trace } from './trace.js';
import {
  tracedSteps,
  usualTimes,
  type PartTimes,
  type TracedPipeline,
  type TracedStep,
} from './traced-job.js';

/** GPUs that are assumed to have run a trace. */
export interface AssumedGpu {
  /** Time and power as functions of the clock, from a stage of some profile. */
  readonly curve: StageOptions;
  readonly blockingPowerW: number;
  /** GPUs that ran the same as a traced rank (tensor-parallel degree). */
  readonly gpusPerRank: number;
}

/**
 * Energy that a traced job would have used under a policy: all its replayed steps, all its GPUs.
 */
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
 * The energy that a traced job would have used on GPUs with known power: at the highest clock, as
 * recorded, and at the clocks of Perseus, which plans each pipeline on the usual times of its own
 * stages, and for each step's slowest pipeline as if it had been known. Computing takes the curve's
 * relative time and power; everything else draws blocking power.
 *
 * @throws InputError if pipelines of the trace cannot be planned.
 */
export function replayEnergy(trace: Trace, gpu: AssumedGpu): ReplayedPolicy[] {
  return watchedEnergy(trace, gpu).policies;
}

/** The energy of a traced job, and its steps at the clocks that it assumes. */
export interface WatchedEnergy {
  readonly policies: ReplayedPolicy[];
  /** The trace's k-th step at the highest clock, and at the clocks of Perseus. */
  readonly atHighest: (k: number) => StepAtClocks;
  readonly planned: (k: number) => StepAtClocks;
}

/** Works out energies as `replayEnergy` does, and keeps what pictures need. */
function watchedEnergy(trace: Trace, gpu: AssumedGpu): WatchedEnergy {
  const job = tracedJob(trace);
  const plans = plansOf(job, gpu);
  const highestClock: Policy = () => undefined;
  const forSlowest: Policy = (pipeline, room) => {
    const own = plans(pipeline);
    return own.forStraggler(room * own.fastest.plannedTimeS);
  };
  const max = runSteps(job, gpu, highestClock);
  const unaware = runSteps(job, gpu, (pipeline) => plans(pipeline).fastest);
  const aware = runSteps(job, gpu, forSlowest);
  const row = (policy: ReplayedPolicy['policy'], run: Totals, blind: Totals): ReplayedPolicy => ({
    policy,
    meanStepTimeS: run.timeS / job.steps.length,
    energyJ: run.energyJ,
    slowdownPct: percentMore(run.timeS, max.timeS),
    ...bloatRemoved(max.energyJ, blind.energyJ, run.energyJ),
  });
  return {
    policies: [row('max-frequency', max, max), row('perseus', aware, unaware)],
    atHighest: (k) => stepAtClocks(job, gpu, job.steps[k]!, highestClock),
    planned: (k) => stepAtClocks(job, gpu, job.steps[k]!, forSlowest),
  };
}

/** GPUs whose time and power over the clock are assumed for a traced job. */
export interface AssumedGpus {
  readonly profile: StageProfile;
  /** A description of them, for messages. */
  readonly title: string;
  readonly blockingPowerW: number;
}

/** The inputs and results of a traced job's energy estimate. */
export interface ReplayedEnergy {
  readonly gpu: string;
  readonly blockingPowerW: number;
  readonly gpusPerRank: number;
  readonly policies: readonly ReplayedPolicy[];
}

/** An energy estimate with its assumptions, and the steps behind it. */
export interface WatchedEstimate extends WatchedEnergy {
  readonly estimate: ReplayedEnergy;
}

/** Runs `watchedEnergy` on the GPUs of a profile, and states the assumptions. */
export function energyEstimate(
  trace: Trace,
  { profile: { stages }, title, blockingPowerW }: AssumedGpus,
  gpusPerTracedRank: number,
): WatchedEstimate {
  // A stage in the middle holds neither embedding nor head.
  const curve = stages[stages.length >> 1]!;
  const gpu = { blockingPowerW, gpusPerRank: gpusPerTracedRank };
  const watched = watchedEnergy(trace, { curve, ...gpu });
  return { ...watched, estimate: { gpu: title, ...gpu, policies: watched.policies } };
}

/** The energy estimate alone. */
export function replayedEnergy(
  trace: Trace,
  gpus: AssumedGpus,
  gpusPerTracedRank: number,
): ReplayedEnergy {
  return energyEstimate(trace, gpus, gpusPerTracedRank).estimate;
}

/** A traced job as pipelines to plan. */
interface TracedJob {
  readonly steps: readonly TracedStep[];
  readonly usual: ReadonlyMap<number, readonly PartTimes[]>;
  readonly delays: (graph: StepGraph) => Float64Array;
  /** A transfer, without waiting. */
  readonly transferS: number;
}

function tracedJob(trace: Trace): TracedJob {
  const { blocking: graphs } = stepGraphs(trace);
  const steps = tracedSteps(trace, graphs);
  const rules = kindRules(trace);
  const transfersS = graphs.flatMap(({ kind, ownS }) =>
    [...ownS].filter((_, i) => rules[kind[i]!]!.role === 'transfer'),
  );
  return {
    steps,
    usual: usualTimes(trace, steps),
    delays: hostDelays(graphs),
    transferS: transfersS.length === 0 ? 0 : median(transfersS),
  };
}

/** The time for which an output is under way, during which its stage can do nothing else. */
function lagsOf(dag: ComputationDag, transferS: number): Lags {
  const timesS = Float64Array.from(dag.outputStage, (stage) => (stage < 0 ? 0 : transferS));
  return { ownStage: timesS, otherStage: timesS };
}

/** The frontier of each traced pipeline on the assumed GPU, computed on first use. */
function plansOf(job: TracedJob, gpu: AssumedGpu): (pipeline: TracedPipeline) => Plans {
  const known = new Map<string, Plans>();
  return ({ pipeline, dag, shape }) => {
    const key = `${pipeline}: ${shape}`;
    const plans = known.get(key) ?? planPipeline(job, pipeline, dag, gpu);
    known.set(key, plans);
    return plans;
  };
}

function planPipeline(
  job: TracedJob,
  pipeline: number,
  dag: ComputationDag,
  gpu: AssumedGpu,
): Plans {
  const profile: StageProfile = {
    source: 'trace',
    stages: job.usual
      .get(pipeline)!
      .map((times) => byKind((kind) => timed(gpu.curve[kind], times[kind]))),
  };
  const problem = planningProblem(dag, profile, {
    unitTimeS: defaultUnitTime(profile),
    blockingPowerW: gpu.blockingPowerW,
    gpusPerStage: gpu.gpusPerRank,
    lagS: lagsOf(dag, job.transferS),
  });
  return perseus.plan(problem);
}

/**
 * The ratio T'/T of the step's slowest pipeline to each pipeline alone, at recorded durations: the
 * longest paths through the computations of their ranks.
 */
function roomOf({ graph, instruction, pipelines }: TracedStep, transferS: number): number[] {
  const timesS = pipelines.map(({ pipeline, dag }) => {
    const durationS = new Float64Array(dag.instructionCount);
    for (const worker of graph.workers) {
      if (worker.pipeline !== pipeline) continue;
      for (let i = worker.first; i < worker.end; i++) {
        const at = instruction[i]!;
        if (at >= 0) durationS[at] = Math.max(durationS[at]!, graph.ownS[i]!);
      }
    }
    return pathTimes(dag, durationS, lagsOf(dag, transferS)).length;
  });
  const slowestS = most(timesS);
  return timesS.map((timeS) => slowestS / timeS);
}

/** A curve's options for an operation that takes `timeS` at the highest clock. */
function timed(options: readonly ExecutionOption[], timeS: number): ExecutionOption[] {
  return scaleOptions(options, timeS / highest(options).timeS);
}

function highest(options: readonly ExecutionOption[]): ExecutionOption {
  return options.reduce((a, b) => (b.frequencyMHz > a.frequencyMHz ? b : a));
}

interface Totals {
  readonly timeS: number;
  readonly energyJ: number;
}

/**
 * A pipeline's plan if the slowest one takes `room` times as long; undefined for the highest clock.
 */
type Policy = (pipeline: TracedPipeline, room: number) => FrequencyPlan | undefined;

/** Replays all steps at the clocks of plans. */
function runSteps(job: TracedJob, gpu: AssumedGpu, planOf: Policy): Totals {
  const { blockingPowerW, gpusPerRank } = gpu;
  const time = compensatedSum();
  const energy = compensatedSum();
  for (const step of job.steps) {
    const { computed, durationS, powerW, replayed } = stepAtClocks(job, gpu, step, planOf);
    let computedS = 0;
    for (const i of computed) {
      computedS += durationS[i]!;
      energy.add(gpusPerRank * powerW[i]! * durationS[i]!);
    }
    time.add(replayed.lengthS);
    const waitingS = step.graph.workers.length * replayed.lengthS - computedS;
    energy.add(gpusPerRank * blockingPowerW * waitingS);
  }
  return { timeS: time.value(), energyJ: energy.value() };
}

/** A step at planned clocks. Arrays are per operation. */
export interface StepAtClocks {
  /** The operations that compute. */
  readonly computed: readonly number[];
  readonly durationS: Float64Array;
  /** Of operations that compute; 0 for others. Power is of one GPU. */
  readonly clockMHz: Float64Array;
  readonly powerW: Float64Array;
  readonly replayed: ReplayedStep;
}

function stepAtClocks(
  job: TracedJob,
  { curve }: AssumedGpu,
  step: TracedStep,
  planOf: Policy,
): StepAtClocks {
  const { graph, instruction, pipelines } = step;
  const clocks = byKind((kind) => clockTable(curve[kind]));
  const room = roomOf(step, job.transferS);
  const plans = new Map(
    pipelines.map((traced, k) => [traced.pipeline, { ...traced, plan: planOf(traced, room[k]!) }]),
  );
  const durationS = graph.ownS.slice();
  const clockMHz = new Float64Array(durationS.length);
  const powerW = new Float64Array(durationS.length);
  const computed: number[] = [];
  for (const { pipeline, first, end } of graph.workers) {
    const { dag, plan } = plans.get(pipeline)!;
    for (let i = first; i < end; i++) {
      const at = instruction[i]!;
      if (at < 0) continue;
      const kind: ProfiledKind = dag.kind[at] === FORWARD ? 'forward' : 'backward';
      const point = clocks[kind](plan?.frequencyMHz[at]);
      durationS[i]! *= point.relativeTime;
      clockMHz[i] = point.frequencyMHz;
      powerW[i] = point.powerW;
      computed.push(i);
    }
  }
  const replayed = replayStep(graph, durationS, job.delays(graph));
  return { computed, durationS, clockMHz, powerW, replayed };
}

/** Time relative to the highest clock, and power, by clock. */
function clockTable(options: readonly ExecutionOption[]) {
  const top = highest(options);
  const table = new Map(
    options.map(({ frequencyMHz, timeS, energyJ }) => [
      frequencyMHz,
      { frequencyMHz, relativeTime: timeS / top.timeS, powerW: energyJ / timeS },
    ]),
  );
  return (frequencyMHz = top.frequencyMHz) => table.get(frequencyMHz)!;
}
