import { compensatedSum } from '../../src/compensated-sum.js';
import type { FrequencyPlan } from '../../src/planner/planner.js';
import { bookEnergy, type Ledger } from '../energy/ledger.js';
import { LedgerSum } from '../energy/ledger-sum.js';
import { dataParallelJob, type Straggler } from '../training/data-parallel.js';
import { simulateJob, type Job, type JobRecord } from '../training/job.js';
import { ReusedTimeArrays } from '../training/time-arrays.js';
import type { DeployedPlans, PolicyPlans } from './policy-plans.js';
import type { Setting } from '../scenario/scenario-setting.js';

/** A policy's knowledge of stragglers when an iteration begins. */
export type Knowledge =
  /** Nothing: it always runs its fastest plan. */
  | 'unaware'
  /** Stragglers that came long enough ago to have been noticed. */
  | 'notified'
  /** All events within the iteration. */
  | 'oracle';

/** Time and energy of a run of many iterations, of the whole job. */
export interface TrainingRun {
  readonly timeS: number;
  readonly ledger: Ledger;
  /** The time at which pipelines of the last iteration met. */
  readonly meetS: number;
  /** Of the iteration in which most of them differed. */
  readonly simulatedPipelines: number;
}

/** An iteration as executed; identical ones share their content. */
export interface ExecutedIteration {
  /** Number of the iteration, from 0. */
  readonly index: number;
  /** Its beginning, in the time of the run. */
  readonly startS: number;
  readonly job: Job;
  readonly record: JobRecord;
  /** The plan of pipelines not known to be slow. */
  readonly plan: FrequencyPlan;
  /** T′ that the plan was chosen for, in the planner's time; the plan's own if none is known. */
  readonly stragglerTimeS: number;
  /** Slow within it, in its own time. */
  readonly present: readonly Straggler[];
  /** Stragglers that the policy knew of when it began. */
  readonly known: readonly Straggler[];
}

/** Per pipeline: duration factors of an iteration's instructions; undefined without jitter. */
export type Jitter = (iteration: number) => readonly Float64Array[];

/**
 * Watches a run: receives every iteration in order, except those identical to one that it let go.
 * @returns whether it keeps the iteration, or needs to see others like it.
 */
export type IterationWatcher = (iteration: ExecutedIteration) => boolean;

/**
 * A run that pauses wherever it needs plans: it yields the stragglers that are known and goes on with
 * the plans it is given. Its driver decides how plans are made, and whether to wait for them.
 */
export type RunSteps<Result, Asked = readonly Straggler[]> = Generator<
  Asked,
  Result,
  DeployedPlans
>;

/** Runs a scenario's iterations with a policy's own plans; `trainingSteps` says how. */
export function trainingRun(
  setting: Setting,
  plans: PolicyPlans,
  knowledge: Knowledge,
  jitter?: Jitter,
  watch?: IterationWatcher,
): TrainingRun {
  const steps = trainingSteps(setting, knowledge, jitter, watch);
  let step = steps.next();
  while (step.done !== true) step = steps.next(plans.forStragglers(step.value));
  return step.value;
}

/**
 * Runs a scenario's iterations. Each iteration runs the plans that are deployed when it begins;
 * stragglers come and go within it. An iteration may ask for plans more than once: it cannot know
 * which stragglers come within it before it knows how long it takes.
 *
 * Iterations that are alike are simulated once, but ask for plans like all others. O(distinct
 * iterations · instructions · distinct pipelines + iterations · stragglers).
 *
 * @param watch sees every instruction; iterations that it lets go are forgotten, to save memory.
 */
export function* trainingSteps(
  setting: Setting,
  knowledge: Knowledge,
  jitter?: Jitter,
  watch?: IterationWatcher,
): RunSteps<TrainingRun> {
  const { scenario, stragglers } = setting;
  const simulate = iterationSimulator(setting, watch !== undefined);
  const time = compensatedSum();
  const ledger = new LedgerSum();
  let simulatedPipelines = 0;
  let meetS = 0;
  /** Longest possible iteration so far: stragglers that begin later cannot affect this one. */
  let horizonS = Infinity;
  for (let k = 0; k < scenario.iterations; k++) {
    const nowS = time.value();
    const factors = jitter?.(k);
    let withinS = horizonS;
    let iteration: Iteration;
    for (;;) {
      const present = duringIteration(stragglers, nowS, withinS);
      const known = knownAt(knowledge, setting, nowS, present);
      iteration = simulate(present, known, yield known, factors);
      // The oracle plans for what comes within the iteration, not for what comes soon after it.
      const inTime = known.filter(({ fromS = 0 }) => fromS < iteration.timeS);
      if (inTime.length < known.length) {
        iteration = simulate(present, inTime, yield inTime, factors);
      }
      if (iteration.timeS <= withinS) break;
      // Stragglers left out as too late may have come in time after all.
      withinS = Infinity;
    }
    const { executed } = iteration;
    if (executed !== undefined && !watch?.({ index: k, startS: nowS, ...executed })) {
      iteration.executed = undefined;
    }
    horizonS = Math.max(horizonS === Infinity ? 0 : horizonS, 2 * iteration.timeS);
    time.add(iteration.timeS);
    ledger.add(iteration.ledger);
    meetS = iteration.meetS;
    simulatedPipelines = Math.max(simulatedPipelines, iteration.simulatedPipelines);
  }
  return { timeS: time.value(), ledger: ledger.value(), meetS, simulatedPipelines };
}

/** Stragglers that an iteration which begins now may meet, in its own time. */
function duringIteration(
  stragglers: readonly Straggler[],
  nowS: number,
  withinS: number,
): Straggler[] {
  return stragglers
    .filter(({ fromS = 0, untilS = Infinity }) => untilS > nowS && fromS < nowS + withinS)
    .map((straggler) => {
      const { fromS = 0, untilS = Infinity, ...slowdown } = straggler;
      return {
        ...slowdown,
        ...(fromS > nowS ? { fromS: fromS - nowS } : {}),
        ...(untilS < Infinity && untilS < nowS + withinS ? { untilS: untilS - nowS } : {}),
      };
    });
}

/** The stragglers that a policy assumes throughout the iteration that begins now. */
function knownAt(
  knowledge: Knowledge,
  { scenario, stragglers }: Setting,
  nowS: number,
  present: readonly Straggler[],
): readonly Straggler[] {
  switch (knowledge) {
    case 'unaware':
      return [];
    case 'oracle':
      return present;
    case 'notified':
      return stragglers.flatMap(({ fromS, untilS, ...slowdown }) => {
        const cameS = fromS === undefined ? -Infinity : fromS + scenario.noticeS;
        const wentS = (untilS ?? Infinity) + scenario.noticeS;
        return cameS <= nowS && nowS < wentS ? [slowdown] : [];
      });
  }
}

interface Iteration {
  readonly timeS: number;
  readonly meetS: number;
  readonly ledger: Ledger;
  readonly simulatedPipelines: number;
  /** Present only while a watcher may want it: it takes much memory. */
  executed: Omit<ExecutedIteration, 'index' | 'startS'> | undefined;
}

/** Instructions of iterations that are kept for a watcher: some 100 MB with all that is derived of them. */
const MOST_WATCHED = 200_000;

/**
 * Simulates iterations; identical ones only once, without jitter. For a watcher, who needs their
 * instructions, those of long ago are forgotten, and simulated again if there is another like them.
 */
function iterationSimulator(setting: Setting, isWatched: boolean) {
  const { scenario, gpus } = setting;
  const done = new Map<string, Iteration>();
  const keyOf = deploymentKeys();
  let watchedInstructions = 0;
  const forget = () => {
    for (const [key, { simulatedPipelines }] of done) {
      if (watchedInstructions <= MOST_WATCHED) return;
      done.delete(key);
      watchedInstructions -= simulatedPipelines * setting.dag.instructionCount;
    }
  };
  /** Records that are not watched are forgotten once they are booked. */
  const reused = isWatched ? undefined : new ReusedTimeArrays();
  return (
    present: readonly Straggler[],
    known: readonly Straggler[],
    deployed: DeployedPlans,
    durationFactors?: readonly Float64Array[],
  ): Iteration => {
    const key = `${keyOf(deployed)} ${JSON.stringify(present)}`;
    const same = durationFactors === undefined ? done.get(key) : undefined;
    if (same !== undefined) return same;
    const { stragglerTimeS, healthy, ofStragglers } = deployed;
    reused?.startAgain();
    const timeArrays = reused?.take;
    const job = dataParallelJob({
      ...setting,
      pipelineCount: scenario.pipelines,
      plan: healthy,
      plansOf: ofStragglers,
      stragglers: present,
      timeArrays,
      ...(durationFactors === undefined ? {} : { durationFactors }),
    });
    const record = simulateJob(job, { timeArrays });
    // Its length was unknown before: some may come after its end.
    const inTime = present.filter(({ fromS = 0 }) => fromS < record.iterationTimeS);
    const iteration: Iteration = {
      timeS: record.iterationTimeS,
      meetS: record.meetS,
      ledger: bookEnergy(job, record, gpus),
      simulatedPipelines: record.simulatedPipelines,
      executed: isWatched
        ? { job, record, plan: healthy, stragglerTimeS, present: inTime, known }
        : undefined,
    };
    if (durationFactors !== undefined) return iteration;
    if (isWatched) {
      watchedInstructions += record.simulatedPipelines * setting.dag.instructionCount;
      forget();
    }
    done.set(key, iteration);
    return iteration;
  };
}

/** Keys of deployed plans: the same for those that give every pipeline the same plan. */
function deploymentKeys(): (deployed: DeployedPlans) => string {
  const keys = new Map<DeployedPlans, string>();
  const numbers = new Map<FrequencyPlan, number>();
  const numberOf = (plan: FrequencyPlan): number => {
    if (!numbers.has(plan)) numbers.set(plan, numbers.size);
    return numbers.get(plan)!;
  };
  return (deployed) => {
    const known = keys.get(deployed);
    if (known !== undefined) return known;
    const { healthy, ofStragglers } = deployed;
    const numbered = [...ofStragglers].map(([pipeline, plan]) => [pipeline, numberOf(plan)]);
    const key = JSON.stringify([numberOf(healthy), numbered]);
    keys.set(deployed, key);
    return key;
  };
}
