import { costSaved } from '../run/cost-saved.js';
import { likelySaving } from '../run/likely-saving.js';
import type { ScenarioResult } from '../run/run-scenario.js';
import { errorsOf } from '../scenario/estimate.js';
import { comesAndGoes } from '../scenario/straggler-times.js';
import { UNIT_COLUMNS } from './unit-columns.js';
import { figure, fromMeans, high, low, ofRow, ofRun, planned, type Column } from './column.js';

/**
 * The columns of results, a row per policy and run, in order. The only list of them: the table in the
 * terminal, CSV, JSON, the types of the database of sweeps, the check of data from other machines
 * and the list in docs/columns.md are loops over it. A figure computed for each seed is an entry of
 * `POLICY_FIGURES`, which says how seeds are joined.
 */
export const COLUMNS = {
  scenario: {
    ...{ type: 'text', unit: '' },
    doc: 'Name of the scenario',
    ...ofRun(({ scenario }) => scenario.name),
  },
  policy: {
    ...{ type: 'text', unit: '' },
    doc: 'Name of the policy',
    ...ofRow(({ policy }) => policy),
    shown: { heading: 'policy', lines: ['policy', ''], when: always },
  },
  seed: {
    ...{ type: 'number', unit: '' },
    doc: 'First seed',
    ...ofRun(({ scenario }) => scenario.seed),
  },
  seeds: {
    ...{ type: 'number', unit: '' },
    doc: 'Number of seeds, from the first on',
    ...ofRun(({ scenario }) => scenario.seeds),
  },
  iterations: {
    ...{ type: 'number', unit: '' },
    doc: 'Number of iterations; times and energies are of all of them',
    ...ofRun(({ scenario }) => scenario.iterations),
  },
  gpus: {
    ...{ type: 'number', unit: '' },
    doc: 'Number of GPUs of the job; energies are of all of them',
    ...ofRun(({ gpus }) => gpus),
  },
  planned_time_s: {
    ...{ type: 'number', unit: 's' },
    doc: 'Time that the cost model promises; empty if no closed form covers the disturbances',
    ...planned('timeS'),
    shown: { heading: 'planned time', lines: ['time {unit}', 'plan'], digits: 3, when: hasPlan },
  },
  simulated_time_s: {
    ...{ type: 'number', unit: 's' },
    doc: 'Simulated time',
    ...figure('simulatedTimeS'),
    shown: {
      ...{ heading: 'time', lines: ['time', '{unit}'], besidePlan: ['time {unit}', 'sim'] },
      ...{ digits: 3, when: always },
    },
  },
  simulated_time_low_s: {
    ...{ type: 'number', unit: 's' },
    doc: 'Low end of the 95 % interval of the simulated time',
    ...low('simulatedTimeS'),
  },
  simulated_time_high_s: {
    ...{ type: 'number', unit: 's' },
    doc: 'High end of the 95 % interval of the simulated time',
    ...high('simulatedTimeS'),
  },
  slowdown_pct: {
    ...{ type: 'number', unit: '%' },
    doc: 'Simulated time beyond that of max-frequency',
    ...figure('slowdownPct'),
    shown: {
      ...{ heading: 'slower', lines: ['slower', '{unit}'], digits: 2 },
      ...{ isComparison: true, when: always },
    },
  },
  planned_energy_j: {
    ...{ type: 'number', unit: 'J' },
    doc: 'Energy that the cost model promises; empty if no closed form covers the disturbances',
    ...planned('energyJ'),
    shown: {
      ...{ heading: 'planned energy', lines: ['energy {unit}', 'plan'] },
      ...{ digits: 3, when: hasPlan },
    },
  },
  simulated_energy_j: {
    ...{ type: 'number', unit: 'J' },
    doc: 'Simulated energy',
    ...figure('simulatedEnergyJ'),
    shown: {
      ...{ heading: 'energy', lines: ['energy', '{unit}'], besidePlan: ['energy {unit}', 'sim'] },
      ...{ digits: 3, when: always },
    },
  },
  simulated_energy_low_j: {
    ...{ type: 'number', unit: 'J' },
    doc: 'Low end of the 95 % interval of the simulated energy',
    ...low('simulatedEnergyJ'),
  },
  simulated_energy_high_j: {
    ...{ type: 'number', unit: 'J' },
    doc: 'High end of the 95 % interval of the simulated energy',
    ...high('simulatedEnergyJ'),
  },
  planned_saving_pct: {
    ...{ type: 'number', unit: '%' },
    doc: 'Planned energy below the planned energy of max-frequency',
    ...planned('savingPct'),
    shown: {
      ...{ heading: 'planned saving', lines: ['saved {unit}', 'plan'], digits: 2 },
      ...{ isComparison: true, when: hasPlan },
    },
  },
  simulated_saving_pct: {
    ...{ type: 'number', unit: '%' },
    doc: 'Simulated energy below the simulated energy of max-frequency',
    ...figure('savingPct'),
    shown: {
      ...{ heading: 'energy saved', lines: ['saved', '{unit}'], besidePlan: ['saved {unit}', 'sim'] },
      ...{ digits: 2, isComparison: true, when: always },
    },
  },
  simulated_saving_low_pct: {
    ...{ type: 'number', unit: '%' },
    doc: 'Low end of the 95 % interval of the simulated saving',
    ...low('savingPct'),
    shown: {
      heading: '95 % interval of energy saved',
      ...{ lines: ['saved', '95 % interval'], besidePlan: ['saved {unit}', '95 % interval'] },
      ...{ digits: 2, isComparison: true, when: hasSeveralSeeds },
      upTo: ({ intervals }) => intervals?.savingPct.high,
    },
  },
  simulated_saving_high_pct: {
    ...{ type: 'number', unit: '%' },
    doc: 'High end of the 95 % interval of the simulated saving',
    ...high('savingPct'),
  },
  intrinsic_pct: {
    ...{ type: 'number', unit: '%' },
    doc: 'Part of the simulated saving that the plan without knowledge of stragglers has too',
    ...figure('intrinsicPct'),
    shown: {
      ...{ heading: 'intrinsic', lines: ['of which', 'intrinsic'], digits: 2 },
      ...{ isComparison: true, when: always },
    },
  },
  extrinsic_pct: {
    ...{ type: 'number', unit: '%' },
    doc: 'Part of the simulated saving added by knowing the stragglers',
    ...figure('extrinsicPct'),
    shown: {
      ...{ heading: 'extrinsic', lines: ['of which', 'extrinsic'], digits: 2 },
      ...{ isComparison: true, when: always },
    },
  },
  likely_saving_pct: {
    ...{ type: 'number', unit: '%' },
    doc: 'Saving by a profile that operators made, corrected for what such savings were found to lack; empty for other profiles, and for policies of which that was not found',
    ...fromMeans((result, row) => likelySaving(result, row)?.predictedPct),
  },
  likely_saving_low_pct: {
    ...{ type: 'number', unit: '%' },
    doc: 'Low end of the band of that saving',
    ...fromMeans((result, row) => likelySaving(result, row)?.lowPct),
    shown: {
      ...{ heading: 'likely saved', lines: ['likely', 'saved {unit}'], digits: 0 },
      ...{ isComparison: true, when: ({ estimate }) => estimate?.law === 'operators' },
      upTo: (row, result) => likelySaving(result, row)?.highPct,
    },
  },
  likely_saving_high_pct: {
    ...{ type: 'number', unit: '%' },
    doc: 'High end of the band of that saving',
    ...fromMeans((result, row) => likelySaving(result, row)?.highPct),
  },
  average_power_w: {
    ...{ type: 'number', unit: 'W' },
    doc: 'Mean power of all GPUs: simulated energy over simulated time',
    ...figure('averagePowerW'),
    shown: { heading: 'power', lines: ['power', '{unit}'], digits: 1, when: always },
  },
  regret_time_pct: {
    ...{ type: 'number', unit: '%' },
    doc: 'Time beyond that of the same policy, had it known at every iteration’s beginning which pipelines would be slow',
    ...figure('regretTimePct'),
    shown: {
      ...{ heading: 'regret in time', lines: ['regret {unit}', 'time'], digits: 2 },
      when: ({ scenario }) => comesAndGoes(scenario),
    },
  },
  regret_energy_pct: {
    ...{ type: 'number', unit: '%' },
    doc: 'Energy beyond that of the same policy, had it known at every iteration’s beginning which pipelines would be slow',
    ...figure('regretEnergyPct'),
    shown: {
      ...{ heading: 'regret in energy', lines: ['regret {unit}', 'energy'], digits: 2 },
      when: ({ scenario }) => comesAndGoes(scenario),
    },
  },
  bound_energy_j: {
    ...{ type: 'number', unit: 'J' },
    doc: 'Least energy that any clocks could use in the simulated time; empty if unknown',
    ...figure('boundJ'),
  },
  above_bound_pct: {
    ...{ type: 'number', unit: '%' },
    doc: 'Simulated energy beyond that least energy',
    ...figure('aboveBoundPct'),
    shown: {
      ...{ heading: 'above bound', lines: ['above', 'bound {unit}'], digits: 2 },
      when: ({ scenario }) => !comesAndGoes(scenario),
    },
  },
  profile_time_error_pct: {
    ...{ type: 'number', unit: '%' },
    doc: 'Mean error in time of measured profiles that were synthesized like this one; empty for other profiles',
    ...ofRun(({ estimate }) => estimate && errorsOf(estimate).time.meanPct),
  },
  profile_slowdown_error_pct: {
    ...{ type: 'number', unit: '%' },
    doc: 'The same in the slowdown at the lowest clock',
    ...ofRun(({ estimate }) => estimate && errorsOf(estimate).slowdown.meanPct),
  },
  profile_power_error_pct: {
    ...{ type: 'number', unit: '%' },
    doc: 'The same in power',
    ...ofRun(({ estimate }) => estimate && errorsOf(estimate).power.meanPct),
  },
  currency: {
    ...{ type: 'text', unit: '' },
    doc: 'Currency of the scenario’s prices',
    ...ofRun(({ scenario }) => scenario.prices?.currency),
  },
  saved_money: {
    ...{ type: 'number', unit: 'currency' },
    doc: 'Price of the energy saved per iteration, if the scenario has one',
    ...fromMeans((result, row) => costSaved(result, row)?.perIteration.money),
  },
  saved_money_per_day: {
    ...{ type: 'number', unit: 'currency/day' },
    doc: 'Price of the energy saved by the iterations that fill a day',
    ...fromMeans((result, row) => costSaved(result, row)?.perDay.money),
  },
  saved_carbon_kg: {
    ...{ type: 'number', unit: 'kg' },
    doc: 'Carbon dioxide saved per iteration, if the scenario has the carbon intensity of energy',
    ...fromMeans((result, row) => costSaved(result, row)?.perIteration.carbonKg),
  },
  saved_carbon_per_day_kg: {
    ...{ type: 'number', unit: 'kg/day' },
    doc: 'Carbon dioxide saved by the iterations that fill a day',
    ...fromMeans((result, row) => costSaved(result, row)?.perDay.carbonKg),
  },
  ...UNIT_COLUMNS,
} as const satisfies Readonly<Record<string, Column>>;

type Columns = typeof COLUMNS;
export type ResultColumn = keyof Columns;

/** One row of the results, with a value or null in every column. */
export type ResultRow = {
  readonly [Name in ResultColumn]: (Columns[Name]['type'] extends 'text' ? string : number) | null;
};

/** Names and columns in order, for loops. */
export const COLUMN_ENTRIES = Object.entries(COLUMNS) as readonly (readonly [
  ResultColumn,
  Column,
])[];

/** Names in order. */
export const COLUMN_NAMES = Object.keys(COLUMNS) as readonly ResultColumn[];

/** Whether the cost model promises figures to compare with simulated ones. */
export function hasPlan({ policies }: ScenarioResult): boolean {
  return policies.some((row) => row.planned !== undefined);
}

function hasSeveralSeeds({ scenario }: ScenarioResult): boolean {
  return scenario.seeds > 1;
}

function always(): boolean {
  return true;
}
