import { FRONTIER_POLICIES } from '../../src/planner/policy-names.js';
import {
  correctedSaving,
  SAVINGS_LACK_ALONE_PCT,
  SAVINGS_LACK_PCT,
  type SavingBand,
  type SavingLack,
} from '../operators/saving-band.js';
import { plainJob } from '../scenario/plain-stragglers.js';
import type { Scenario } from '../scenario/scenario-schema.js';
import type { PolicyResult } from './policy-figures.js';
import type { ScenarioResult } from './run-scenario.js';

/** A saving by a profile that operators made, corrected for what such savings lack. */
export interface LikelySaving extends SavingBand {
  /** The points that were added. */
  readonly lack: SavingLack;
  /** Whether jobs like this one are among those of which the lack was measured. */
  readonly isLikeMeasured: boolean;
}

/** Stragglers of which savings were measured are this many times slower. */
const MEASURED_SLOWDOWNS = { least: 1.05, most: 1.2 };

/**
 * The saving of a policy with its error; undefined where profiles were measured, or where errors of the
 * policy's savings were not.
 */
export function likelySaving(
  { estimate, scenario }: Pick<ScenarioResult, 'estimate' | 'scenario'>,
  { policy, savingPct }: Pick<PolicyResult, 'policy' | 'savingPct'>,
): LikelySaving | undefined {
  if (estimate?.law !== 'operators' || !PLANNED.has(policy)) return undefined;
  const { lack, isLikeMeasured } = lackOf(scenario);
  return { ...correctedSaving(savingPct, lack), lack, isLikeMeasured };
}

const PLANNED: ReadonlySet<string> = FRONTIER_POLICIES;

/**
 * The points that a job's savings lack: pipelines that wait for a straggler lack more than the straggler itself, and
 * each pipeline counts. Where stragglers come and go, either may be the case.
 */
function lackOf(scenario: Scenario): Pick<LikelySaving, 'lack' | 'isLikeMeasured'> {
  const plain = plainJob(scenario);
  if (plain === undefined || scenario.randomStragglers !== undefined) {
    const [alone, waiting] = [SAVINGS_LACK_ALONE_PCT, SAVINGS_LACK_PCT];
    const lack = {
      mean: (alone.mean + waiting.mean) / 2,
      least: Math.min(alone.least, waiting.least),
      most: Math.max(alone.most, waiting.most),
    };
    return { lack, isLikeMeasured: false };
  }
  const { pipelines, stragglers } = plain;
  const waiting = stragglers.length === 0 ? 0 : (pipelines - stragglers.length) / pipelines;
  const between = (part: keyof SavingLack) =>
    waiting * SAVINGS_LACK_PCT[part] + (1 - waiting) * SAVINGS_LACK_ALONE_PCT[part];
  const { least, most } = MEASURED_SLOWDOWNS;
  return {
    lack: { mean: between('mean'), least: between('least'), most: between('most') },
    isLikeMeasured: stragglers.every(({ slowdown }) => slowdown >= least && slowdown <= most),
  };
}
