import { most } from '../../../src/extremes.js';
import type { PolicyResult } from '../../run/policy-figures.js';
import type { ScenarioResult } from '../../run/run-scenario.js';
import { energyUnit, fixed } from '../numbers.js';
import { comesAndGoes } from './run-sentences.js';

/** A column: its heading, and what stands in it. */
type Column = readonly [heading: string, cell: (row: PolicyResult) => string];

/** The table's columns with their cells, one per policy. */
export interface PolicyColumn {
  /** Two lines where several columns stand under one; the first is empty for all but its first. */
  readonly heading: string;
  readonly cells: readonly string[];
}

/** The columns that suit a result: figures that it has, in units that suit them. */
export function policyColumns(result: ScenarioResult): PolicyColumn[] {
  const largestJ = most(result.policies.map((row) => row.simulatedEnergyJ));
  const unit = energyUnit(largestJ);
  // Against itself max-frequency saves nothing, by definition.
  const compared = (row: PolicyResult, value: number | undefined) =>
    row.policy === 'max-frequency' ? '' : optional(value, 2);
  const isPlanned = result.policies.some((row) => row.planned !== undefined);
  const promised = (heading: string, cell: Column[1]): Column[] =>
    isPlanned ? [[heading, cell]] : [];
  const columns: Column[] = [
    ['policy', (row) => row.policy],
    ...promised('time s\nplan', (row) => optional(row.planned?.timeS, 3)),
    [isPlanned ? '\nsim' : 'time\ns', (row) => fixed(row.simulatedTimeS, 3)],
    ['slower\n%', (row) => compared(row, row.slowdownPct)],
    ...promised(`energy ${unit.name}\nplan`, (row) =>
      optional(row.planned?.energyJ, 3, unit.joules),
    ),
    [
      isPlanned ? '\nsim' : `energy\n${unit.name}`,
      (row) => fixed(row.simulatedEnergyJ / unit.joules, 3),
    ],
    ...promised('saved %\nplan', (row) => compared(row, row.planned?.savingPct)),
    [isPlanned ? '\nsim' : 'saved\n%', (row) => compared(row, row.savingPct)],
    ...spreadColumns(result),
    ['of which\nintrinsic', (row) => compared(row, row.intrinsicPct)],
    ['\nextrinsic', (row) => compared(row, row.extrinsicPct)],
    ['power\nkW', (row) => fixed(row.averagePowerW / 1e3, 1)],
    ...lastColumns(result),
  ];
  return columns.map(([heading, cell]) => ({ heading, cells: result.policies.map(cell) }));
}

/** Of several seeds: where the mean of the saving lies. */
function spreadColumns({ scenario }: ScenarioResult): Column[] {
  if (scenario.seeds === 1) return [];
  return [
    [
      '\n95 % interval',
      ({ policy, intervals }) =>
        policy === 'max-frequency' || intervals === undefined
          ? ''
          : `${fixed(intervals.savingPct.low, 2)} … ${fixed(intervals.savingPct.high, 2)}`,
    ],
  ];
}

/** The distance to what was possible: to the oracle where stragglers come and go, to the bound else. */
function lastColumns(result: ScenarioResult): Column[] {
  if (!comesAndGoes(result.scenario)) {
    return [['above\nbound %', (row) => optional(row.aboveBoundPct, 2)]];
  }
  return [
    ['regret %\ntime', (row) => fixed(row.regretTimePct, 2)],
    ['\nenergy', (row) => fixed(row.regretEnergyPct, 2)],
  ];
}

function optional(value: number | undefined, digits: number, divisor = 1): string {
  return value === undefined ? '—' : fixed(value / divisor, digits);
}
