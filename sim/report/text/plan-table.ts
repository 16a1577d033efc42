import { least, most } from '../../../src/extremes.js';
import { INSTRUCTION_KINDS } from '../../../src/profile/operation.js';
import type {
  FrequencyPlan,
  FrontierPoint,
  PlanningProblem,
} from '../../../src/planner/planner.js';
import { percent } from '../../../src/units.js';
import { plainTable } from './plain-table.js';

/** Number of points of a frontier that a table shows. */
const SHOWN_POINTS = 11;

/** A frontier as a table: its ends, and points evenly between them. */
export function frontierTable(points: readonly FrontierPoint[]): string {
  const last = points.length - 1;
  const fastest = points[last]!;
  const shown = new Set(
    Array.from({ length: SHOWN_POINTS }, (_, k) => Math.round((last * k) / (SHOWN_POINTS - 1))),
  );
  const table = plainTable(
    ['time s', 'energy J', 'time\nof T_min %', 'energy\nof T_min %'],
    [...shown].map((k) => {
      const { timeS, energyJ } = points[k]!;
      return [
        timeS.toFixed(4),
        energyJ.toFixed(2),
        percent(timeS, fastest.timeS).toFixed(2),
        percent(energyJ, fastest.energyJ).toFixed(2),
      ];
    }),
  );
  return [
    `${points.length} points from T* (slowest) to T_min (fastest); energy of one iteration of one pipeline`,
    '',
    table,
    '',
  ].join('\n');
}

/** A plan as a table: the clocks of each stage's instructions. */
export function planTable(plan: FrequencyPlan, { dag }: PlanningProblem): string {
  const rows: string[][] = [];
  for (let stage = 0; stage < dag.stageCount; stage++) {
    INSTRUCTION_KINDS.forEach((name, kind) => {
      const clocks: number[] = [];
      for (let i = dag.stageStart[stage]!; i < dag.stageStart[stage + 1]!; i++) {
        if (dag.kind[i] === kind) clocks.push(plan.frequencyMHz[i]!);
      }
      if (clocks.length === 0) return;
      const mean = clocks.reduce((sum, clock) => sum + clock, 0) / clocks.length;
      rows.push([
        String(stage),
        name,
        String(least(clocks)),
        mean.toFixed(0),
        String(most(clocks)),
      ]);
    });
  }
  return [
    `planned: ${plan.plannedTimeS.toFixed(4)} s, ${plan.plannedEnergyJ.toFixed(2)} J for one iteration of one pipeline`,
    '',
    plainTable(['stage', 'instruction', 'lowest\nMHz', 'mean\nMHz', 'highest\nMHz'], rows),
    '',
  ].join('\n');
}
