import { optionUnderLimit, powerLimits } from '../../src/planner/power-limit.js';
import { planOfOptions } from '../../src/planner/single-plan.js';
import type { Setting } from '../scenario/scenario-setting.js';
import { byTime, pointSimulator, type PipelinePoint } from './pipeline-points.js';

/** A pipeline whose GPUs all have the same power limit. */
export interface LimitedPoint extends PipelinePoint {
  readonly limitW: number;
  /** Whether every instruction keeps the limit: the lowest clock may draw more. */
  readonly isKept: boolean;
}

/** Name of the policy that gives every GPU the same power limit. */
export const UNIFORM_LIMIT = 'power-limit';

/**
 * Every power limit in steps of 25 W, from the first that limits nothing down to the last that any
 * instruction can respect: today's practice where power is short. Unlike the frontier of `zeus-global`,
 * limits that waste energy are among them: they save power. By rising time.
 */
export function limitedPoints(setting: Setting): LimitedPoint[] {
  const { problem } = setting;
  const { dag, operations } = problem;
  const pointOf = pointSimulator(setting);
  const points = powerLimits(problem).map((limitW): LimitedPoint => {
    const options = operations.map((operation) => optionUnderLimit(operation, limitW));
    const plan = planOfOptions(UNIFORM_LIMIT, problem, (i) => options[dag.operation[i]!]!);
    const isKept = options.every(({ energyJ, timeS }) => energyJ <= limitW * timeS);
    return { ...pointOf(plan), limitW, isKept };
  });
  return byTime(points);
}
