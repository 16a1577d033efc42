import { INSTRUCTION_KINDS } from '../../src/profile/operation.js';
import type { FrequencyPlan, FrontierPoint, PlanningProblem } from '../../src/planner/planner.js';
import { secondsFromTicks } from '../../src/units.js';
import { nvmlScript } from '../plans/nvml-script.js';
import { clocksOfPlan, zeusPlan } from '../plans/plan-clocks.js';
import { zeusFileName, zeusText } from '../plans/zeus-file.js';
import { evenly, type NumberedPlan, type PlannerAnswer } from '../plugins/ask-planner.js';
import { frontierTable, planTable } from '../report/text/plan-table.js';

/** A frontier or a plan, and the problem that was planned. */
export interface Planned extends PlannerAnswer {
  readonly planner: string;
  readonly problem: PlanningProblem;
  /** Sentences for readers of the plan. */
  readonly notes: readonly string[];
}

/**
 * The points of a frontier in each format. A frontier has up to two million points: lines are made
 * as they are printed.
 * @param count of points to show, evenly over all; all if left out.
 */
export function frontierContents(all: readonly FrontierPoint[], count?: number) {
  const points = count === undefined ? all : evenly(all.length, count).map((index) => all[index]!);
  return {
    table: () => frontierTable(points),
    csv: () => ['time_s,energy_j', ...points.map((p) => `${p.timeS},${p.energyJ}`), ''].join('\n'),
    json: () => ({ points: points.map((p) => ({ time_s: p.timeS, energy_j: p.energyJ })) }),
  };
}

/** A plan in each format. */
export function planContents(planned: Planned, plan: FrequencyPlan) {
  const { problem, planner } = planned;
  const { plannedTimeS, plannedEnergyJ } = plan;
  return {
    table: () => planTable(plan, problem),
    csv: () => {
      const rows = instructionRows(plan, problem);
      const header = [...Object.keys(rows[0]!), 'planned_time_s', 'planned_energy_j'].join(',');
      const whole = `${plannedTimeS},${plannedEnergyJ}`;
      const lines = rows.map((row) => `${Object.values(row).join(',')},${whole}`);
      return [header, ...lines, ''].join('\n');
    },
    json: () => ({
      planner,
      schedule: problem.dag.schedule,
      planned_time_s: plannedTimeS,
      planned_energy_j: plannedEnergyJ,
      instructions: instructionRows(plan, problem),
    }),
    zeus: () => zeusFile(planned, numbered(planned, plan)).text,
    nvml: () => nvmlScript(clocksOfPlan(plan, problem.dag), { planner, plannedTimeS }),
  };
}

/** A plan's file in Zeus' format: its number is that of its point on the frontier. */
export function zeusFile(
  { problem, points }: Planned,
  { index, plan }: NumberedPlan,
): { readonly name: string; readonly text: string } {
  return {
    name: zeusFileName(index),
    text: zeusText(zeusPlan(plan, problem, index, points[index - 1])),
  };
}

/** A plan with the number of its point: the first one that is no slower. */
export function numbered({ points }: Planned, plan: FrequencyPlan): NumberedPlan {
  const index = points.findIndex(({ timeS }) => timeS <= plan.plannedTimeS);
  return { index: index < 0 ? points.length - 1 : index, plan };
}

function instructionRows(plan: FrequencyPlan, { dag, unitTimeS }: PlanningProblem) {
  return Array.from({ length: dag.instructionCount }, (_, i) => ({
    stage: dag.stage[i]!,
    index: i - dag.stageStart[dag.stage[i]!]!,
    instruction: INSTRUCTION_KINDS[dag.kind[i]!]!,
    microbatch: dag.microbatch[i]!,
    chunk: dag.operations[dag.operation[i]!]!.chunk,
    frequency_mhz: plan.frequencyMHz[i]!,
    duration_s: secondsFromTicks(plan.durationTicks[i]!, unitTimeS),
  }));
}
