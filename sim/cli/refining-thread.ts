/** A thread that runs a scenario in rounds, so that the main thread can answer Ctrl-C meanwhile. */
import { parentPort, workerData } from 'node:worker_threads';
import { InputError, type Problem } from '../../src/errors.js';
import { energyBound } from '../run/energy-bound.js';
import type { Keeping } from '../run/kept-run.js';
import { refinedRuns, type Round } from '../run/refined-runs.js';
import type { Scenario } from '../scenario/scenario-schema.js';
import type { ScenarioProfile } from '../scenario/scenario-setting.js';

/** The run of the thread. */
export interface ThreadedRun {
  readonly scenario: Scenario;
  readonly source: ScenarioProfile;
  readonly mostOfFrontier: number;
  readonly keep: Keeping | undefined;
  readonly wantsBound: boolean;
}

/** A message of the thread. */
export type Told =
  | { readonly kind: 'progress'; readonly progress: readonly [number, number, string] }
  | { readonly kind: 'advice'; readonly sentence: string }
  | { readonly kind: 'round'; readonly round: Round }
  | { readonly kind: 'refused'; readonly problems: readonly Problem[] }
  | { readonly kind: 'end' };

/** Progress is told at most this often. */
const PROGRESS_MS = 50;

const { scenario, source, mostOfFrontier, keep, wantsBound } = workerData as ThreadedRun;
const tell = (told: Told) => {
  parentPort!.postMessage(told);
};
let toldMs = -Infinity;
try {
  const rounds = refinedRuns(scenario, source, {
    ...{ mostOfFrontier, keep },
    ...(wantsBound ? { findBound: energyBound } : {}),
    onProgress: (...progress) => {
      const nowMs = performance.now();
      if (nowMs - toldMs < PROGRESS_MS) return;
      toldMs = nowMs;
      tell({ kind: 'progress', progress });
    },
    onAdvice: (sentence) => {
      tell({ kind: 'advice', sentence });
    },
  });
  for await (const round of rounds) tell({ kind: 'round', round });
  tell({ kind: 'end' });
} catch (error) {
  if (!(error instanceof InputError)) throw error;
  tell({ kind: 'refused', problems: error.problems });
}
