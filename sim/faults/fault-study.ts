import type { ScenarioResult } from '../run/run-scenario.js';
import type { SlowerClocks } from '../run/slower-clocks.js';
import type { ScenarioFaults } from '../scenario/faults-schema.js';
import { faultsPerS } from '../scenario/fault-rate.js';
import { bestIterations, dalyS, youngS, type IntervalGoal } from './best-interval.js';
import { checkpointIterations } from './checkpoint-iterations.js';
import { courseTotals } from './fault-accounts.js';
import { faultCourse } from './fault-course.js';
import { courseFigures, type CourseFigures } from './fault-figures.js';
import { faultJob, type FaultJob } from './fault-job.js';
import { expectedIteration, type Expectation } from './renewal.js';

/** An interval between checkpoints, and what it leads one to expect. */
export interface ExpectedInterval {
  readonly iterations: number;
  readonly everyS: number;
  readonly expected: Expectation;
}

/** A policy's job at a slower point of its frontier, at the interval that is best for energy there. */
export interface SlowerJob extends SlowerClocks {
  readonly expected: Expectation;
}

/** A policy's job over days. */
export interface PolicyFaults {
  readonly policy: string;
  readonly job: FaultJob;
  /** The interval that its courses have. */
  readonly interval: ExpectedInterval;
  readonly courses: CourseFigures;
  readonly best: Readonly<Record<IntervalGoal, ExpectedInterval>>;
  /** By Young's formula, for each goal, and by Daly's, for time; absent if nothing pauses the job. */
  readonly formulas:
    { readonly young: Readonly<Record<IntervalGoal, number>>; readonly dalyS: number } | undefined;
  /** From the plans in force on. */
  readonly slower: readonly SlowerJob[];
}

/** A scenario's job over days. */
export interface FaultStudy {
  readonly faults: ScenarioFaults;
  /** Of the whole job. */
  readonly mtbfS: number;
  readonly policies: readonly PolicyFaults[];
}

/**
 * Follows a scenario's job over days under each of its policies; undefined if it has no `faults`. An
 * iteration takes and uses what those of the run do on average. O(faults · seeds · policies).
 *
 * @param source the scenario's file, for messages.
 * @throws InputError if the job makes no progress, or has too many faults to simulate.
 */
export function faultStudy(result: ScenarioResult, source: string): FaultStudy | undefined {
  const { gpus, waitingPowerW } = result;
  const { faults, seed, pipelines, iterations: ofRun } = result.scenario;
  if (faults === undefined) return undefined;
  const policies = result.policies.map(({ policy, simulatedTimeS, simulatedEnergyJ }, k) => {
    const run = { iterations: ofRun, timeS: simulatedTimeS, energyJ: simulatedEnergyJ };
    const job = faultJob({ pipelines, gpus, waitingPowerW }, faults, run);
    const iterations = checkpointIterations(faults, job, source);
    const slower = result.slowerClocks?.[k] ?? [];
    return {
      policy,
      ...overDays(job, iterations, seed, faults.seeds),
      ...alternatives(job, slower),
    };
  });
  return { faults, mtbfS: 1 / faultsPerS(faults, result.gpus), policies };
}

/** The courses of a job, one per seed. */
function overDays(
  job: FaultJob,
  iterations: number,
  seed: number,
  seeds: number,
): Pick<PolicyFaults, 'job' | 'interval' | 'courses'> {
  const courses = Array.from({ length: seeds }, (_, k) =>
    courseTotals(job, faultCourse(job, iterations, seed + k)),
  );
  return { job, interval: expectedInterval(job, iterations), courses: courseFigures(job, courses) };
}

/** What the job could do instead: other intervals, slower clocks. */
function alternatives(
  job: FaultJob,
  slower: readonly SlowerClocks[],
): Pick<PolicyFaults, 'best' | 'formulas' | 'slower'> {
  const best = (goal: IntervalGoal) => expectedInterval(job, bestIterations(job, goal));
  return {
    best: { time: best('time'), energy: best('energy') },
    formulas:
      job.rules.pauseS > 0
        ? { young: { time: youngS(job, 'time'), energy: youngS(job, 'energy') }, dalyS: dalyS(job) }
        : undefined,
    slower: slower.map((clocks) => slowerJob(job, clocks)),
  };
}

function expectedInterval(job: FaultJob, iterations: number): ExpectedInterval {
  const expected = expectedIteration(job, iterations);
  return { iterations, everyS: iterations * job.iterationS, expected };
}

function slowerJob(job: FaultJob, clocks: SlowerClocks): SlowerJob {
  const slower = { ...job, iterationS: clocks.timeS, iterationJ: clocks.energyJ };
  return { ...clocks, expected: expectedIteration(slower, bestIterations(slower, 'energy')) };
}
