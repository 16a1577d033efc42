import type { FrontierSample } from '../../paper/reproduce-measured.js';
import { toCsv } from '../../results/csv.js';

/** Figure 9 as CSV: a row per plan, simulated and, where it was executed, measured. */
export function frontierCsv(samples: readonly FrontierSample[]): string {
  return toCsv(
    samples.map(({ workloadId, policy, plan, simulated, measured }) => ({
      workload_id: workloadId,
      policy,
      time_s: rounded(simulated?.timeS, 3),
      energy_j: rounded(simulated?.energyJ, 1),
      plan: plan ?? null,
      measured_time_s: rounded(measured?.timeS, 3),
      measured_energy_j: rounded(measured?.energyJ, 1),
    })),
  );
}

/** A sentence on the errors of simulated executed plans against their measurements. */
export function measuredSummary(samples: readonly FrontierSample[]): string[] {
  if (samples.length === 0) return [];
  const both = samples.flatMap(({ workloadId, simulated, measured }) =>
    simulated === undefined || measured === undefined ? [] : [{ workloadId, simulated, measured }],
  );
  const jobs = (some: readonly { readonly workloadId: string }[]) =>
    new Set(some.map(({ workloadId }) => workloadId)).size;
  const off = (of: 'timeS' | 'energyJ') => {
    const errorsPct = both.map(
      ({ simulated, measured }) => 100 * Math.abs(simulated[of] / measured[of] - 1),
    );
    const mean = errorsPct.reduce((sum, error) => sum + error, 0) / errorsPct.length;
    return `${mean.toFixed(2)} % (worst ${Math.max(...errorsPct).toFixed(2)})`;
  };
  const counted = `figure9 measured: ${samples.length} executed plans of ${jobs(samples)} jobs`;
  return [
    both.length === 0
      ? counted
      : `${counted}; ${both.length} of ${jobs(both)} jobs simulated, with curves fitted to them: time off by ${off('timeS')}, energy by ${off('energyJ')}`,
  ];
}

function rounded(value: number | undefined, digits: number): number | null {
  return value === undefined ? null : Number(value.toFixed(digits));
}
