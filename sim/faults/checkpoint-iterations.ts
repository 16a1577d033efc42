import { InputError } from '../../src/errors.js';
import type { ScenarioFaults } from '../scenario/faults-schema.js';
import { bestIterations, fewestIterations } from './best-interval.js';
import { SECONDS_PER_DAY, type FaultJob } from './fault-job.js';
import { expectedIteration } from './renewal.js';

/** A job that gets less done has a mistake in its figures. */
const LEAST_GOODPUT = 0.01;
/** No job takes ten years. */
const LONGEST_DAYS = 3650;
/** Most faults of all courses together. */
const MOST_FAULTS = 500_000;

/**
 * Iterations between checkpoints, as a scenario says.
 * @param source the scenario's file, for messages.
 * @throws InputError if a job makes no progress with them, or has too many faults to simulate.
 */
export function checkpointIterations(
  faults: ScenarioFaults,
  job: FaultJob,
  source: string,
): number {
  const iterations = chosenIterations(faults, job, source);
  checkProgress(faults, job, iterations, source);
  return iterations;
}

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
  const expected = expectedIteration(job, iterations);
  const everyS = iterations * job.iterationS;
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
