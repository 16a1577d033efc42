import { isDiscreteFeasible } from '../../src/planner/discrete-oracle.js';
import type { DiscreteOracle } from '../../src/planner/discrete-oracle.js';
import { clockChoices } from '../../src/planner/perseus-hull/clock-choices.js';
import { pipelineEnergyJ } from '../../src/planner/planning-problem.js';
import { energyBound } from '../run/energy-bound.js';
import { scenarioSetting, type Setting } from '../scenario/scenario-setting.js';
import type { JudgedCase } from './suites.js';

/** Energies that no planner can beat in a case, at each of some times: one iteration, all GPUs. */
export interface CaseBounds {
  /** With clocks mixed at will (the hull of the options): linear program. */
  readonly leastJ: readonly number[];
  /** With one clock per instruction: integer program. Absent if that takes too long. */
  readonly bestJ?: readonly number[];
}

/**
 * The least energies of a case within times, waiting included.
 * @param timesS none below the shortest possible time.
 * @param discrete solver of integer programs, shared by cases: loading one takes longer than most of them.
 */
export function caseBounds(
  { scenario, source }: JudgedCase,
  timesS: readonly number[],
  discrete: DiscreteOracle,
): CaseBounds {
  const setting = scenarioSetting(scenario, source);
  const bound = energyBound(setting);
  const leastJ = timesS.map((timeS) => bound.ofJob({ pipelines: 1, stragglers: [] }, timeS));
  const bestJ = bestEnergies(setting, timesS, discrete);
  return { leastJ, ...(bestJ === undefined ? {} : { bestJ }) };
}

function bestEnergies(
  { dag, problem }: Setting,
  timesS: readonly number[],
  discrete: DiscreteOracle,
): number[] | undefined {
  const { operations, blockingPowerW, lags } = problem;
  const costs = operations.map((operation) => {
    const { timeS, effectiveJ } = clockChoices(operation, blockingPowerW);
    return Array.from(timeS, (duration, k) => ({ duration, costJ: effectiveJ[k]! }));
  });
  const program = { dag, costs, ...(lags === undefined ? {} : { lags: lags.exactS }) };
  if (!isDiscreteFeasible(program)) return undefined;
  return timesS.map((timeS) => {
    // A plan with exactly this time exists: rounding must not make the time infeasible.
    const found = discrete.optimum(program, timeS * (1 + 1e-9));
    if (found === undefined) throw new Error(`no clocks finish within ${timeS} s`);
    return pipelineEnergyJ(problem, found.costJ, timeS);
  });
}
