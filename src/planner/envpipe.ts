import { least } from '../extremes.js';
import { compensatedSum } from '../compensated-sum.js';
import { criticalPath, pathTimes } from '../pipeline/critical-path.js';
import type { ComputationDag } from '../pipeline/dag.js';
import {
  highestClock,
  type OperationCosts,
  type QuantisedOption,
} from '../profile/operation-costs.js';
import { usefulOptions } from '../profile/pareto.js';
import { BACKWARD, FORWARD } from '../profile/operation.js';
import type { Planner, PlanningProblem } from './planner.js';
import { SinglePlan } from './single-plan.js';

/** The outcome of EnvPipe's search. */
export type EnvPipeOutcome =
  /** The critical path lies inside the outer envelope, the algorithm's goal. */
  | 'envelope'
  /**
   * The critical path leaves the envelope, but all of it runs at the highest clock: the last stage
   * is not the heaviest. The original never ends here.
   */
  | 'nothing-to-raise';

/** EnvPipe's plan before it is quantised to ticks. */
export interface EnvPipeSearch {
  readonly outcome: EnvPipeOutcome;
  /** Per instruction. */
  readonly option: readonly QuantisedOption[];
  /** In exact time, not rounded to ticks. */
  readonly iterationTimeS: number;
}

/**
 * EnvPipe (Choi et al., ATC '23): the outer envelope of the pipeline (every microbatch on the last
 * stage, the first forward and the last backward of every stage) runs at the highest clock;
 * everything else starts at its slowest useful clock. Then, while the critical path leaves the
 * envelope, the instructions on that path that run at its lowest clock are raised by one clock
 * step.
 *
 * Makes one plan, which cannot slow down for a straggler. It ignores loading and transfers, and
 * therefore slows jobs over slow links by up to 10 % (table 3 of Perseus). Where several paths are
 * critical, the one with the smallest instruction numbers is taken first; the paper does not say
 * which.
 *
 * O(raises · instructions); every round raises at least one instruction by a step, so the search
 * terminates.
 *
 * @example
 * ```ts
 * import { envpipe, type PlannerModule } from 'pipewatt/planner';
 *
 * export const planner: PlannerModule = { ...envpipe, name: 'mine' };
 * ```
 */
export const envpipe: Planner = {
  name: 'envpipe',
  plan: (problem) => {
    const { option, iterationTimeS } = searchEnvPipe(problem);
    const { dag, blockingPowerW, gpusPerStage } = problem;
    const energy = compensatedSum();
    energy.add(dag.stageCount * blockingPowerW * iterationTimeS);
    for (const { energyJ, timeS } of option) energy.add(energyJ - blockingPowerW * timeS);
    return new SinglePlan({
      planner: 'envpipe',
      plannedTimeS: iterationTimeS,
      plannedEnergyJ: gpusPerStage * energy.value(),
      durationTicks: Int32Array.from(option, (chosen) => chosen.durationTicks),
      frequencyMHz: Float64Array.from(option, (chosen) => chosen.frequencyMHz),
    });
  },
};

/** Runs EnvPipe's search; `envpipe` turns the result into a plan. */
export function searchEnvPipe(problem: PlanningProblem): EnvPipeSearch {
  const { dag, operations } = problem;
  const ladders = operations.map((operation) => ({
    /** Slowest useful clock first, then every clock above it up to the highest. */
    rungs: risingFromSlowestUseful(operation),
    highest: highestClock(operation),
  }));
  const inEnvelope = envelope(dag);
  const rung = new Int32Array(dag.instructionCount);
  const optionOf = (i: number): QuantisedOption => {
    const { rungs, highest } = ladders[dag.operation[i]!]!;
    return inEnvelope[i] === 1 ? highest : rungs[rung[i]!]!;
  };
  const option = Array.from({ length: dag.instructionCount }, (_, i) => optionOf(i));
  const timeS = Float64Array.from(option, (chosen) => chosen.timeS);
  for (;;) {
    const lengthS = pathTimes(dag, timeS).length;
    // Sums of the same times along different paths differ in the last bits.
    const path = criticalPath(dag, timeS, lengthS * 1e-12);
    const outside = path.filter((i) => inEnvelope[i] === 0);
    const raisable = outside.filter((i) => rung[i]! + 1 < ladders[dag.operation[i]!]!.rungs.length);
    if (raisable.length === 0) {
      const outcome = outside.length === 0 ? 'envelope' : 'nothing-to-raise';
      return { outcome, option, iterationTimeS: lengthS };
    }
    const lowestMHz = least(raisable.map((i) => option[i]!.frequencyMHz));
    for (const i of raisable) {
      if (option[i]!.frequencyMHz > lowestMHz) continue;
      rung[i]!++;
      option[i] = optionOf(i);
      timeS[i] = option[i].timeS;
    }
  }
}

/** 1 for the instructions of the outer envelope. */
function envelope({ stageStart, stage, kind, stageCount }: ComputationDag): Uint8Array {
  const inside = new Uint8Array(stage.length);
  for (let i = 0; i < inside.length; i++) {
    const s = stage[i]!;
    const isFirstForward = i === stageStart[s] && kind[i] === FORWARD;
    const isLastBackward = i === stageStart[s + 1]! - 1 && kind[i] === BACKWARD;
    if (s === stageCount - 1 || isFirstForward || isLastBackward) inside[i] = 1;
  }
  return inside;
}

function risingFromSlowestUseful({ allOptions, origin }: OperationCosts): QuantisedOption[] {
  const useful = usefulOptions(allOptions, origin);
  const slowestMHz = least(useful.map((option) => option.frequencyMHz));
  return allOptions
    .filter((option) => option.frequencyMHz >= slowestMHz)
    .sort((a, b) => a.frequencyMHz - b.frequencyMHz);
}
