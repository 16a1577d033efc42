import { on } from 'node:events';
import { Worker } from 'node:worker_threads';
import { InputError } from '../../src/errors.js';
import { refinedRuns, type RefinedOptions, type Round } from '../run/refined-runs.js';
import type { RunOptions } from '../run/run-scenario.js';
import type { Scenario } from '../scenario/scenario-schema.js';
import type { ScenarioProfile } from '../scenario/scenario-setting.js';
import type { ThreadedRun, Told } from './refining-thread.js';

/**
 * The rounds of a run (`refinedRuns`), made in a thread of their own where everything they need can be
 * sent there: plans from files or from a server, and what watches the simulation, cannot.
 *
 * @param signal ends the rounds with an `AbortError`, in the middle of one.
 */
export function roundsUntil(
  scenario: Scenario,
  source: ScenarioProfile,
  options: RefinedOptions,
  signal: AbortSignal,
): AsyncGenerator<Round, void> {
  return isInterruptible(options)
    ? threadedRounds(scenario, source, options, signal)
    : refinedRuns(scenario, source, options);
}

/** Whether the rounds of a run can be ended in the middle of one. */
export function isInterruptible({ more = [], live, watch }: RunOptions): boolean {
  return more.length === 0 && live === undefined && watch === undefined;
}

async function* threadedRounds(
  scenario: Scenario,
  source: ScenarioProfile,
  { mostOfFrontier, keep, findBound, onProgress, onAdvice }: RefinedOptions,
  signal: AbortSignal,
): AsyncGenerator<Round, void> {
  const workerData: ThreadedRun = {
    ...{ scenario, source, mostOfFrontier, keep },
    wantsBound: findBound !== undefined,
  };
  const thread = new Worker(new URL('./refining-thread.js', import.meta.url), { workerData });
  try {
    for await (const [told] of on(thread, 'message', { signal }) as AsyncIterable<[Told]>) {
      switch (told.kind) {
        case 'progress':
          onProgress?.(...told.progress);
          break;
        case 'advice':
          onAdvice?.(told.sentence);
          break;
        case 'round':
          yield told.round;
          break;
        case 'refused':
          throw new InputError(told.problems);
        case 'end':
          return;
      }
    }
  } finally {
    await thread.terminate();
  }
}
