import { InputError, type Problem } from '../../src/errors.js';
import { quoted } from '../../src/problem-list.js';
import { readTable } from '../../src/profile/csv-table.js';
import { DISTURBANCES, type Disturbance } from '../judge/robustness.js';
import type { FrontierSample } from '../paper/reproduce-measured.js';
import type { DrawnReproduction } from '../report/charts/figures.js';
import type { DrawnRobustness } from '../report/charts/robustness-figure.js';

/** Percentages of an energy saved, and of a time lost: beyond these they are mistakes. */
const SAVING_PCT = { least: -1e4, most: 100 } as const;
const SLOWER_PCT = { least: -100, most: 1e5 } as const;
/** The slowest straggler, as a multiple of the usual time. */
const SLOWDOWN = { least: 1, most: 1000 } as const;
/** An iteration takes a microsecond to months; its energy follows. */
const TIME_S = { least: 1e-6, most: 1e7, orNothing: true } as const;
const ENERGY_J = { least: 1e-6, most: 1e18, orNothing: true } as const;

const DISTURBANCE_NAMES = Object.keys(DISTURBANCES) as Disturbance[];

/** Reads robustness.csv. @throws InputError with all its problems. */
export function readRobustness(text: string, source: string): DrawnRobustness[] {
  const rows = readTable(text, source, {
    planner: 'text',
    disturbance: DISTURBANCE_NAMES,
    level_pct: { least: -1000, most: 1000 },
    slowdown: SLOWDOWN,
    saving_pct: SAVING_PCT,
    saving_low_pct: SAVING_PCT,
    saving_high_pct: SAVING_PCT,
    slower_pct: SLOWER_PCT,
  });
  needSome(rows, source, 'a row');
  return rows.map((row) => ({
    planner: row.planner,
    disturbance: row.disturbance,
    levelPct: row.level_pct,
    slowdown: row.slowdown,
    savingPct: row.saving_pct,
    interval: { low: row.saving_low_pct, high: row.saving_high_pct },
    slowerPct: row.slower_pct,
  }));
}

/** Reads the rows of one metric of figure7.csv or figure8.csv. @throws InputError with all its problems. */
export function readReproduced(text: string, source: string, metric: string): DrawnReproduction[] {
  const rows = readTable(text, source, {
    workload_id: 'text',
    microbatches: 'whole',
    straggler_slowdown: SLOWDOWN,
    system: 'text',
    metric: 'text',
    published_pct: SAVING_PCT,
    planned_pct: SAVING_PCT,
    simulated_pct: SAVING_PCT,
  });
  const ofMetric = rows.filter((row) => row.metric === metric);
  needSome(ofMetric, source, `a row of the metric ${metric}`);
  return ofMetric.map((row) => ({
    workloadId: row.workload_id,
    microbatches: row.microbatches,
    slowdown: row.straggler_slowdown,
    system: row.system,
    metric: row.metric,
    valuePct: row.published_pct,
    plannedPct: row.planned_pct,
    simulatedPct: row.simulated_pct,
  }));
}

/** Reads figure9.csv. @throws InputError with all its problems. */
export function readFrontiers(text: string, source: string): FrontierSample[] {
  const spec = {
    workload_id: 'text',
    policy: 'text',
    time_s: TIME_S,
    energy_j: ENERGY_J,
    measured_time_s: TIME_S,
    measured_energy_j: ENERGY_J,
  } as const;
  const rows = readTable(text, source, spec, ['measured_time_s', 'measured_energy_j']);
  needSome(rows, source, 'a row');
  const isNothing = Number.isNaN;
  const problems = rows.flatMap((row, k): Problem[] => {
    const isWhole =
      isNothing(row.time_s) === isNothing(row.energy_j) &&
      isNothing(row.measured_time_s) === isNothing(row.measured_energy_j) &&
      !(isNothing(row.time_s) && isNothing(row.measured_time_s));
    const message = `row ${k + 1} of plans has a time without an energy, or neither; expected both, simulated or measured`;
    return isWhole ? [] : [{ source, message }];
  });
  if (problems.length > 0) throw new InputError(problems);
  const samples = rows.map((row): FrontierSample => ({
    workloadId: row.workload_id,
    policy: row.policy,
    simulated: pointOf(row.time_s, row.energy_j),
    ...(!isNothing(row.measured_time_s) && {
      measured: { timeS: row.measured_time_s, energyJ: row.measured_energy_j },
    }),
  }));
  needComparable(samples, source);
  return samples;
}

/** @throws InputError if plans of a job have nothing that they are compared with. */
function needComparable(samples: readonly FrontierSample[], source: string): void {
  const jobs = [...new Set(samples.map(({ workloadId }) => workloadId))];
  const isCompared = new Set(
    samples
      .filter(
        ({ policy, simulated, measured }) =>
          measured !== undefined || (policy === 'max-frequency' && simulated !== undefined),
      )
      .map(({ workloadId }) => workloadId),
  );
  const message = (job: string) =>
    `${quoted(job)} has no plan at the highest clocks, which others are compared with; expected a simulated row of max-frequency or a measured one`;
  const problems = jobs
    .filter((job) => !isCompared.has(job))
    .map((job) => ({ source, field: 'column "workload_id"', message: message(job) }));
  if (problems.length > 0) throw new InputError(problems);
}

function pointOf(timeS: number, energyJ: number) {
  return Number.isNaN(timeS) ? undefined : { timeS, energyJ };
}

/** @throws InputError if there is nothing to draw. */
function needSome(rows: readonly unknown[], source: string, expected: string): void {
  if (rows.length > 0) return;
  throw InputError.of({ source, message: `holds nothing to draw, expected at least ${expected}` });
}
