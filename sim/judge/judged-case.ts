import { least } from '../../src/extremes.js';
import type { PipelineShape } from '../../src/pipeline/schedule.js';
import type { ScheduleName } from '../../src/pipeline/schedules.js';
import type { StageProfile } from '../../src/profile/stage-profile.js';
import { scenarioSchema, type Scenario } from '../scenario/scenario-schema.js';
import type { ScenarioProfile } from '../scenario/scenario-setting.js';

const TICKS_OF_SHORTEST = 250;

/** One pipeline on which planners are judged: plain data, the same for every planner. */
export interface JudgedCase {
  readonly name: string;
  readonly scenario: Scenario;
  readonly source: ScenarioProfile;
}

/**
 * A 250th of the shortest instruction: with finer ticks, planners that count in them take minutes.
 */
export function unitTime({ stages }: StageProfile): number {
  const options = stages.flatMap(({ forward, backward }) => [...forward, ...backward]);
  return least(options.map(({ timeS }) => timeS)) / TICKS_OF_SHORTEST;
}

/** The parts of a case besides its profile. */
export interface CaseFields {
  readonly pipeline: Partial<PipelineShape> & { readonly schedule?: ScheduleName };
  readonly blockingPowerW: number;
  readonly timing?: object;
  readonly unitTimeS?: number;
}

/** A case made from a profile, with one pipeline. */
export function judgedCase(
  name: string,
  profile: StageProfile,
  { blockingPowerW, ...fields }: CaseFields,
): JudgedCase {
  const scenario = scenarioSchema.parse({ name, profile: { catalog: 'given' }, ...fields });
  return {
    name,
    scenario,
    source: { askedBy: name, profile, scale: 1, blockingPowerW, title: name },
  };
}
