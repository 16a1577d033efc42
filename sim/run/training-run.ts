import { compensatedSum } from '../../src/compensated-sum.js';
import type { FrequencyPlan } from '../../src/planner/planner.js';
import { bookEnergy, type Ledger } from '../energy/ledger.js';
import { LedgerSum } from '../energy/ledger-sum.js';
import { dataParallelJob, type Straggler } from '../training/data-parallel.js';
import { simulateJob, type Job, type JobRecord } from '../training/job.js';
import type { PolicyPlans } from './policy-plans.js';
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
 * Runs a scenario's iterations with a policy's plans. Each iteration runs the plans that are
 * deployed when it begins; stragglers come and go within it.
 *
 * Iterations that are alike are simulated once. O(distinct iterations · instructions · distinct
 * pipelines + iterations · stragglers).
 *
 * @param watch sees every instruction; iterations that it lets go are forgotten, to save memory.
 */
export function trainingRun(
  setting: Setting,
  plans: PolicyPlans,
  knowledge: Knowledge,
  jitter?: Jitter,
  watch?: IterationWatcher,
): TrainingRun {
  const { scenario, stragglers } = setting;
  const simulate = iterationSimulator(setting, plans, watch !== undefined);
  const time = compensatedSum();
  const ledger = new LedgerSum();
  let simulatedPipelines = 0;
  let meetS = 0;
  /** Longest possible iteration so far: stragglers that begin later cannot affect this one. */
  let horizonS = Infinity;
  for (let k = 0; k < scenario.iterations; k++) {
    const nowS = time.value();
    const factors = jitter?.(k);
    const run = (withinS: number) => {
      const present = duringIteration(stragglers, nowS, withinS);
      const known = knownAt(knowledge, setting, nowS, present);
      const iteration = simulate(present, known, factors);
      // The oracle plans for what comes within the iteration, not for what comes soon after it.
      const inTime = known.filter(({ fromS = 0 }) => fromS < iteration.timeS);
      return inTime.length < known.length ? simulate(present, inTime, factors) : iteration;
    };
    let iteration = run(horizonS);
    // Stragglers left out as too late may have come in time after all.
    if (iteration.timeS > horizonS) iteration = run(Infinity);
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

/** Simulates iterations; identical ones only once, without jitter. */
function iterationSimulator(setting: Setting, plans: PolicyPlans, isWatched: boolean) {
  const { scenario, gpus } = setting;
  const done = new Map<string, Iteration>();
  const numbers = new Map<FrequencyPlan, number>();
  const numberOf = (plan: FrequencyPlan): number => {
    if (!numbers.has(plan)) numbers.set(plan, numbers.size);
    return numbers.get(plan)!;
  };
  return (
    present: readonly Straggler[],
    known: readonly Straggler[],
    durationFactors?: readonly Float64Array[],
  ): Iteration => {
    const { stragglerTimeS, healthy, ofStragglers } = plans.forStragglers(known);
    const numbered = [...ofStragglers].map(([pipeline, plan]) => [pipeline, numberOf(plan)]);
    const key = JSON.stringify([numberOf(healthy), present, numbered]);
    const same = durationFactors === undefined ? done.get(key) : undefined;
    if (same !== undefined) return same;
    const job = dataParallelJob({
      ...setting,
      pipelineCount: scenario.pipelines,
      plan: healthy,
      plansOf: ofStragglers,
      stragglers: present,
      ...(durationFactors === undefined ? {} : { durationFactors }),
    });
    const record = simulateJob(job);
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
    if (durationFactors === undefined) done.set(key, iteration);
    return iteration;
  };
}
