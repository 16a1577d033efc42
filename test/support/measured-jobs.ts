import { readMeasuredRuns, type MeasuredJob } from '../../sim/fit/measured-runs.js';
import type { KnownPowers } from '../../sim/fit/fit-power.js';
import { existsSync } from 'node:fs';
import { readSharedData, sharedDataPath } from './shared-data.js';

/** The executed plans of the published jobs: ten of one pipeline, and one of two. */
export function measuredJobs(): MeasuredJob[] {
  return ['sosp24/measured', 'sosp24/measured3d'].flatMap((folder) => {
    const read = (name: string) => readSharedData(`${folder}/${name}`);
    const hasLoads = existsSync(sharedDataPath(`${folder}/load_times.csv`));
    return readMeasuredRuns({
      folder,
      plans: read('plans.csv.gz'),
      iterations: read('iterations.csv'),
      instructions: read('instructions.csv'),
      ...(hasLoads ? { loadTimes: read('load_times.csv') } : {}),
    });
  });
}

/** `A40+gpt3-2.7b+dp1+pp8+tp1` → `a40-gpt3-2.7b-dp1-pp8-tp1` */
export function entryName({ workloadId }: MeasuredJob): string {
  return workloadId.toLowerCase().replaceAll(/[^a-z0-9.]+/g, '-');
}

/** Published waiting power, and the board's limit. */
export function powersOf({ workloadId }: MeasuredJob): KnownPowers {
  return { blockingPowerW: workloadId.startsWith('A100') ? 83.64 : 70.38, powerLimitW: 300 };
}
