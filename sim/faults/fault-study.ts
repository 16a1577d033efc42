import { InputError } from '../../src/errors.js';
import type { PolicyResult } from '../run/policy-figures.js';
import type { ScenarioResult } from '../run/run-scenario.js';
import type { SlowerClocks } from '../run/slower-clocks.js';
import type { ScenarioFaults } from '../scenario/faults-schema.js';
import { faultsPerS } from '../scenario/fault-rate.js';
import {
  bestIterations,
  dalyS,
  fewestIterations,
  youngS,
  type IntervalGoal,
} from './best-interval.js';
import { courseTotals } from './fault-accounts.js';
import { faultCourse } from './fault-course.js';
import { courseFigures, type CourseFigures } from './fault-figures.js';
import { faultRules, SECONDS_PER_DAY, type FaultJob } from './fault-job.js';
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

/** A job that gets less done has a mistake in its figures. */
const LEAST_GOODPUT = 0.01;
/** No job takes ten years. */
const LONGEST_DAYS = 3650;
/** Most faults of all courses together. */
const MOST_FAULTS = 500_000;

/**
 * Follows a scenario's job over days under each of its policies; undefined if it has no `faults`. An
 * iteration takes and uses what those of the run do on average. O(faults · seeds · policies).
 *
 * @param source the scenario's file, for messages.
 * @throws InputError if the job makes no progress, or has too many faults to simulate.
 */
export function faultStudy(result: ScenarioResult, source: string): FaultStudy | undefined {
  const { faults, seed } = result.scenario;
  if (faults === undefined) return undefined;
  const policies = result.policies.map(({ policy, ...row }, k) => {
    const job = faultJob(result, faults, row);
    const iterations = chosenIterations(faults, job, source);
    checkProgress(faults, job, iterations, source);
    const slower = result.slowerClocks?.[k] ?? [];
    return {
      policy,
      ...overDays(job, iterations, seed, faults.seeds),
      ...alternatives(job, slower),
    };
  });
  return { faults, mtbfS: 1 / faultsPerS(faults, result.gpus), policies };
}

/** The job of a policy, with its mean iteration. */
export function faultJob(
  { scenario, gpus, waitingPowerW }: ScenarioResult,
  faults: ScenarioFaults,
  { simulatedTimeS, simulatedEnergyJ }: Pick<PolicyResult, 'simulatedTimeS' | 'simulatedEnergyJ'>,
): FaultJob {
  const { pipelines, iterations } = scenario;
  return {
    pipelines,
    gpusPerPipeline: gpus / pipelines,
    iterationS: simulatedTimeS / iterations,
    iterationJ: simulatedEnergyJ / iterations,
    rules: faultRules(faults, { rate: faultsPerS(faults, gpus), waitingW: waitingPowerW }),
  };
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

/** Iterations between checkpoints, as the scenario says. */
function chosenIterations({ checkpoint }: ScenarioFaults, job: FaultJob, source: string): number {
  const { everyS, everyIterations, best = 'time' } = checkpoint;
  if (everyS !== undefined) {
    return Math.max(fewestIterations(job), Math.round(everyS / job.iterationS));
  }
  if (everyIterations === undefined) return bestIterations(job, best);
  const fewest = fewestIterations(job);
  if (everyIterations >= fewest) return everyIterations;
  throw InputError.of({
    source,
    field: 'faults.checkpoint.everyIterations',
    message: `found ${everyIterations}, expected at least ${fewest}: writing takes ${checkpoint.timeS} s, and an iteration ${job.iterationS.toPrecision(3)} s`,
  });
}

/** @throws InputError if hardly anything gets done, or there are more faults than can be simulated. */
function checkProgress(
  { seeds }: ScenarioFaults,
  job: FaultJob,
  iterations: number,
  source: string,
): void {
  const { rate, end } = job.rules;
  const { everyS, expected } = expectedInterval(job, iterations);
  const where = { source, field: 'faults' };
  const mtbf = `a fault every ${(1 / rate).toPrecision(3)} s on ${job.pipelines * job.gpusPerPipeline} GPUs`;
  if (!(job.iterationS / expected.timeS >= LEAST_GOODPUT)) {
    const message = `leaves less than 1 % of the time for useful work: ${mtbf}, with a checkpoint every ${everyS.toPrecision(3)} s and a restart of ${job.rules.restartS} s; give a lower rate, or shorter times`;
    throw InputError.of({ ...where, message });
  }
  const timeS = 'timeS' in end ? end.timeS : end.iterations * expected.timeS;
  if (timeS > LONGEST_DAYS * SECONDS_PER_DAY) {
    const message = `takes about ${(timeS / SECONDS_PER_DAY).toPrecision(3)} days, expected at most ${LONGEST_DAYS}; give fewer iterations`;
    throw InputError.of({ source, field: 'faults.iterations', message });
  }
  const total = timeS * rate * seeds;
  if (total <= MOST_FAULTS) return;
  const message = `makes ${total.toExponential(1)} faults to simulate with ${seeds} seeds, expected at most ${MOST_FAULTS}: ${mtbf}; give fewer days, iterations or seeds`;
  throw InputError.of({ ...where, message });
}
