import { InputError } from '../../src/errors.js';
import type { PlanningRequest } from '../../sim/control/planning/planning-request.js';
import { LIBRARY } from '../../sim/disk/catalog-files.js';
import { catalogProfile } from '../../sim/hardware/catalog.js';
import { profileText } from './profile-text.js';

const ENTRY = LIBRARY.entry('gpt3-175b-a100-sxm', { source: 'test' });
const CSV = profileText(catalogProfile(ENTRY));

/** What a job of GPT-3 175B on A100 is planned from, with some of it changed. */
export function planningRequest(fields: Partial<PlanningRequest> = {}): PlanningRequest {
  return {
    jobId: 'job',
    degrees: { pp: 8, dp: 4, tp: 2 },
    scenarioText: `profile: {csv: mine.csv, blockingPowerW: 76.8}\npipeline: {microbatches: 6}\nunitTimeS: 0.002\n`,
    profileCsv: CSV,
    policy: 'perseus',
    stragglers: [],
    ...fields,
  };
}

/** The problems with which a call ends; none if it succeeds. */
export async function problemsOf(run: () => unknown): Promise<readonly string[]> {
  try {
    await run();
  } catch (error) {
    if (error instanceof InputError)
      return error.problems.map((p) => `${p.field ?? ''}: ${p.message}`);
    throw error;
  }
  return [];
}
