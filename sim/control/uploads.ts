import { readStageProfile } from '../../src/profile/read-csv.js';
import { fixedSchedules } from './plan-files.js';
import type { JobState } from './job-state.js';
import type { ProfileSettings } from './protocol.js';

/** Facts about a profile that was sent. */
export interface ProfileFacts {
  readonly stages: number;
  readonly clocks: number;
  readonly notes: readonly string[];
}

/** Checks of files that are sent for a job; each throws InputError with every problem. */
export interface UploadChecks {
  readonly profile: (
    csv: string,
    settings: ProfileSettings,
    state: JobState,
  ) => Promise<ProfileFacts>;
  readonly scenario: (text: string, state: JobState) => Promise<void>;
  readonly plan: (text: string, state: JobState) => Promise<void>;
}

/** Checks in the server's own thread. */
export const UPLOAD_CHECKS: UploadChecks = {
  profile: (csv) => {
    const { stages, notes } = readStageProfile(csv, 'the profile');
    const clocks = new Set(
      stages.flatMap(({ forward, backward }) =>
        [...forward, ...backward].map(({ frequencyMHz }) => frequencyMHz),
      ),
    );
    return Promise.resolve({ stages: stages.length, clocks: clocks.size, notes: notes ?? [] });
  },
  scenario: () => Promise.resolve(),
  plan: async (text, { degrees }) => {
    fixedSchedules(text, { degrees, policy: '' });
    return Promise.resolve();
  },
};
