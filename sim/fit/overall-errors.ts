import type { Validation } from './validate.js';

/** The parts of a validation that are summarised. */
type JobErrors = Pick<
  Validation,
  | 'workloadId'
  | 'plans'
  | 'networkBound'
  | 'timeMeanPct'
  | 'timeWorstPct'
  | 'energyMeanPct'
  | 'energyWorstPct'
>;

/**
 * A sentence on the prediction of plans that were not fitted, over all jobs: the mean over jobs,
 * the job with the largest mean, and the worst plan. Jobs that wait for their network are left out,
 * and counted. Undefined if no job is left.
 */
export function overallErrors(results: readonly JobErrors[]): string | undefined {
  const counted = results.filter(({ networkBound }) => !networkBound);
  if (counted.length === 0) return undefined;
  const plans = counted.reduce((sum, job) => sum + job.plans, 0);
  const phrase = (
    mean: 'timeMeanPct' | 'energyMeanPct',
    worst: 'timeWorstPct' | 'energyWorstPct',
  ) => {
    const means = counted.map((job) => job[mean]);
    const average = means.reduce((sum, pct) => sum + pct, 0) / means.length;
    const worstPlan = Math.max(...counted.map((job) => job[worst]));
    return `${average.toFixed(2)} % mean (worst job ${Math.max(...means).toFixed(2)}, worst plan ${worstPlan.toFixed(2)})`;
  };
  const leftOut = results.length - counted.length;
  const without = leftOut === 0 ? '' : `, ${leftOut} network-bound left out`;
  return `${plans} plans of ${counted.length} jobs${without}: time ${phrase('timeMeanPct', 'timeWorstPct')}, energy ${phrase('energyMeanPct', 'energyWorstPct')}`;
}
