import { compensatedSum } from '../compensated-sum.js';
import { InfeasibleDeadlineError } from '../errors.js';
import { pathTimes } from '../pipeline/critical-path.js';
import type { QuantisedOption } from '../profile/operation-costs.js';
import { secondsFromTicks } from '../units.js';
import {
  type FrequencyPlan,
  type FrontierPoint,
  type PlanningProblem,
  type Plans,
} from './planner.js';

/**
 * The only plan of a planner that cannot trade time for energy: its answer to every deadline that
 * it meets, and to every straggler.
 */
export class SinglePlan implements Plans {
  readonly pointCount = 1;

  constructor(private readonly plan: FrequencyPlan) {}

  point(): FrontierPoint {
    return { timeS: this.plan.plannedTimeS, energyJ: this.plan.plannedEnergyJ };
  }

  planAt(deadlineS: number): FrequencyPlan {
    if (!(this.plan.plannedTimeS <= deadlineS)) {
      throw new InfeasibleDeadlineError(deadlineS, this.plan.plannedTimeS);
    }
    return this.plan;
  }

  get fastest(): FrequencyPlan {
    return this.plan;
  }

  forStraggler(): FrequencyPlan {
    return this.plan;
  }
}

/**
 * The answer of a planner that makes one plan, for every deadline that the plan meets and for every
 * straggler.
 *
 * @example
 * ```ts
 * import { planOfOptions, singlePlan, type PlannerModule } from 'pipewatt/planner';
 *
 * export const planner: PlannerModule = {
 *   name: 'lowest useful clocks',
 *   plan: (problem) => {
 *     const { dag, operations } = problem;
 *     const slowest = (i: number) => operations[dag.operation[i]!]!.options.at(-1)!;
 *     return singlePlan(planOfOptions('lowest useful clocks', problem, slowest));
 *   },
 * };
 * ```
 */
export function singlePlan(plan: FrequencyPlan): Plans {
  return new SinglePlan(plan);
}

/**
 * The plan that runs each instruction at a given option, with the measured energies of those
 * options: Σ energy + P_blocking · (time not busy), over all stages. O(instructions).
 *
 * @param planner name of the planner.
 * @param optionOf returns an instruction's option, one of its operation's `allOptions`.
 *
 * @example
 * ```ts
 * import { planOfOptions, singlePlan, type PlannerModule } from 'pipewatt/planner';
 *
 * const name = 'highest clocks';
 * export const planner: PlannerModule = {
 *   name,
 *   plan: (problem) => {
 *     const { dag, operations } = problem;
 *     const highest = (i: number) => operations[dag.operation[i]!]!.allOptions[0]!;
 *     return singlePlan(planOfOptions(name, problem, highest));
 *   },
 * };
 * ```
 */
export function planOfOptions(
  planner: string,
  problem: PlanningProblem,
  optionOf: (instruction: number) => QuantisedOption,
): FrequencyPlan {
  const { dag, unitTimeS, blockingPowerW, gpusPerStage } = problem;
  const options = Array.from({ length: dag.instructionCount }, (_, i) => optionOf(i));
  const durationTicks = Int32Array.from(options, (option) => option.durationTicks);
  const plannedTimeS = secondsFromTicks(
    pathTimes(dag, durationTicks, problem.lags?.ticks).length,
    unitTimeS,
  );
  const energy = compensatedSum();
  for (const { energyJ, durationTicks: ticks } of options) {
    energy.add(energyJ - blockingPowerW * secondsFromTicks(ticks, unitTimeS));
  }
  energy.add(dag.stageCount * blockingPowerW * plannedTimeS);
  return {
    planner,
    plannedTimeS,
    plannedEnergyJ: gpusPerStage * energy.value(),
    durationTicks,
    frequencyMHz: Float64Array.from(options, (option) => option.frequencyMHz),
  };
}
