import { imbalanceRatio, joinChunks, perfectlyBalanced } from '../../src/profile/reshape.js';
import { percent } from '../../src/units.js';
import { policyPlans } from './policy-plans.js';
import {
  scenarioSetting,
  type ScenarioProfile,
  type Setting,
} from '../scenario/scenario-setting.js';
import { trainingRun } from './training-run.js';

/** The cost of the model's partition: max-frequency as it is, and with equal stages. */
export interface BalanceResult {
  /** Slowest stage over fastest stage, each with all its parts of the model. */
  readonly imbalanceRatio: number;
  /** Slowest part of the model over fastest: the same unless stages hold several. */
  readonly partImbalanceRatio: number;
  /** The time and energy that equal stages would save max-frequency. */
  readonly timeSavedPct: number;
  readonly energySavedPct: number;
}

/** One iteration of max-frequency without stragglers, with the stages as they are and all equal. */
export function balanceOf(setting: Setting, source: ScenarioProfile): BalanceResult {
  const healthy = { ...setting.scenario, stragglers: [], iterations: 1 };
  const run = (ofStages: Setting) =>
    trainingRun(ofStages, policyPlans(ofStages, 'max-frequency'), 'unaware');
  const asIs = run(scenarioSetting(healthy, source));
  const equal = run(scenarioSetting(healthy, source, perfectlyBalanced));
  return {
    imbalanceRatio: imbalanceRatio(joinChunks(setting.profile, setting.dag.stageCount)),
    partImbalanceRatio: imbalanceRatio(setting.profile),
    timeSavedPct: 100 - percent(equal.timeS, asIs.timeS),
    energySavedPct: 100 - percent(equal.ledger.totalJ, asIs.ledger.totalJ),
  };
}
