import { formatProblem, InputError, RefusedRequestError } from '../../src/errors.js';
import { readStageProfile } from '../../src/profile/read-csv.js';
import { fixedSchedules } from './plan-files.js';
import type { Degrees, PlanningRequest } from './planning/planning-request.js';
import { NEEDS_PROFILE, servedLibrary, UPLOADED_PROFILE } from './planning/served-library.js';
import { servedScenario } from './planning/served-scenario.js';

/** Files that were sent for a job, and what they are to go with: plain data. */
export interface Upload {
  readonly degrees: Degrees;
  /** A profile that was sent. */
  readonly profileCsv?: string | undefined;
  /** A scenario that was sent, where it cannot be planned yet. */
  readonly scenarioText?: string | undefined;
  readonly planText?: string | undefined;
  /** What would be planned, if everything is known. */
  readonly request?: PlanningRequest | undefined;
}

/** Facts about a profile that was sent. */
export interface ProfileFacts {
  readonly stages: number;
  readonly clocks: number;
  readonly notes: readonly string[];
}

/**
 * Checks what was sent for a job, by itself and with what is known already.
 * @throws InputError with every problem, or RefusedRequestError if it contradicts the registration.
 */
export function checkUpload(upload: Upload): ProfileFacts | undefined {
  const { degrees, profileCsv, planText, request } = upload;
  if (planText !== undefined) {
    fixedSchedules(planText, { degrees, policy: '' });
    return undefined;
  }
  const facts = profileCsv === undefined ? undefined : factsOf(profileCsv);
  const text = request?.scenarioText ?? upload.scenarioText;
  if (text !== undefined) checkScenario(text, degrees, request?.profileCsv);
  return facts;
}

function factsOf(csv: string): ProfileFacts {
  const { stages, notes } = readStageProfile(csv, UPLOADED_PROFILE);
  const clocks = new Set(
    stages.flatMap(({ forward, backward }) =>
      [...forward, ...backward].map(({ frequencyMHz }) => frequencyMHz),
    ),
  );
  return { stages: stages.length, clocks: clocks.size, notes: notes ?? [] };
}

function checkScenario(text: string, degrees: Degrees, profileCsv: string | undefined): void {
  try {
    servedScenario(text, degrees, servedLibrary(profileCsv));
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    // The profile may come later.
    const problems = error.problems.filter(({ message }) => message !== NEEDS_PROFILE);
    if (problems.length === 0) return;
    if (problems.every(({ message }) => message.includes('the job registered with'))) {
      throw new RefusedRequestError(409, problems.map(formatProblem).join('\n'));
    }
    throw new InputError(problems);
  }
}
