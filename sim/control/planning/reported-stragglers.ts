import { InputError, type Problem } from '../../../src/errors.js';
import type { FrequencyPlan, PlanningProblem } from '../../../src/planner/planner.js';
import { implausible, readable } from '../../../src/plausible.js';
import { stragglerTime } from '../../run/planned-job.js';
import type { Straggler } from '../../training/data-parallel.js';
import type { PlanningRequest, ReportedStraggler } from './planning-request.js';

/** A pipeline that is slower than planned by less than this is not slow: measurements scatter. */
const LEAST_SLOWDOWN = 1.0005;

/**
 * The stragglers that a job reported, as those of a scenario: busy from the beginning to the end.
 * The last report of a pipeline counts. One given in seconds is as slow as makes it take that long
 * with the fastest plan; one below a slowdown of 1.0005 is none.
 *
 * @throws InputError if a pipeline does not exist, or a slowdown cannot be true.
 */
export function jobStragglers(
  { degrees, stragglers }: Pick<PlanningRequest, 'degrees' | 'stragglers'>,
  problem: PlanningProblem,
  fastest: FrequencyPlan,
): Straggler[] {
  const problems: Problem[] = [];
  const byPipeline = new Map<number, number>();
  stragglers.forEach((reported, k) => {
    const { pipeline } = reported;
    const wrong = (field: string, message: string) => {
      problems.push({ source: 'the stragglers', field: `[${k}].${field}`, message });
    };
    if (!(Number.isInteger(pipeline) && pipeline >= 0 && pipeline < degrees.dp)) {
      wrong('pipeline', `found ${pipeline}, expected a whole number from 0 to ${degrees.dp - 1}`);
      return;
    }
    const slowdown = slowdownOf(reported, problem, fastest);
    const why = implausible('slowdown', Math.max(1, slowdown));
    if ('slowdown' in reported) {
      const impossible = implausible('slowdown', slowdown);
      if (impossible !== undefined) wrong('slowdown', `found ${slowdown}, expected ${impossible}`);
    } else if (why !== undefined || !(reported.seconds > 0)) {
      wrong(
        'seconds',
        `found ${reported.seconds}, expected the time of one iteration, which takes ${readable(fastest.plannedTimeS)} s when nothing is slow`,
      );
    }
    byPipeline.delete(pipeline);
    byPipeline.set(pipeline, slowdown);
  });
  if (problems.length > 0) throw new InputError(problems);
  return [...byPipeline]
    .filter(([, slowdown]) => slowdown >= LEAST_SLOWDOWN)
    .sort(([a], [b]) => a - b)
    .map(([pipeline, slowdown]) => ({ pipeline, cause: 'busy', slowdown }));
}

/** Halvings of an interval of slowdowns, which leave less than rounding errors. */
const HALVINGS = 50;

function slowdownOf(
  reported: ReportedStraggler,
  problem: PlanningProblem,
  fastest: FrequencyPlan,
): number {
  if ('slowdown' in reported) return reported.slowdown;
  const { seconds } = reported;
  const ratio = seconds / fastest.plannedTimeS;
  if (problem.lags === undefined || !(ratio > 1) || implausible('slowdown', ratio)) return ratio;
  // Overheads do not become slower, so the instructions are slower than the whole.
  let [low, high] = [ratio, 2 * ratio];
  while (stragglerTime(problem, fastest, high) < seconds) high *= 2;
  for (let k = 0; k < HALVINGS; k++) {
    const middle = (low + high) / 2;
    if (stragglerTime(problem, fastest, middle) < seconds) low = middle;
    else high = middle;
  }
  return high;
}
