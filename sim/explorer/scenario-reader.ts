import { InputError, type Problem } from '../../src/errors.js';
import { parseScenario } from '../scenario/scenario.js';
import type { Scenario } from '../scenario/scenario-schema.js';
import type { Report } from './messages.js';
import type { Clock, WorkerLike } from './question-lane.js';
import type { WhatIf, WhatIfFiles } from './what-if.js';

/** Longest file of a scenario: hand-written ones have a few kilobytes. */
const MOST_CHARACTERS = 250_000;
/** Longest time for reading, which usually takes some hundredths of a second. */
const PATIENCE_MS = 600;

/** The outcome of reading a scenario's file. */
export type ReadScenario =
  { readonly scenario: Scenario } | { readonly problems: readonly Problem[] };

/** Reads a scenario's file in a worker. @throws Error only for bugs in pipewatt. */
export function readScenario({ name, yaml }: Pick<WhatIfFiles, 'name' | 'yaml'>): ReadScenario {
  try {
    return { scenario: parseScenario(yaml, name) };
  } catch (error) {
    if (error instanceof InputError) return { problems: error.problems };
    throw error;
  }
}

/**
 * Reads the what-if in files, in a worker: whatever a link contains, the page stays responsive, and
 * a file that takes too long is given up.
 *
 * @throws InputError if the scenario is invalid; its profile is not checked.
 */
export async function openWhatIf(
  files: WhatIfFiles,
  makeWorker: () => WorkerLike,
  clock: Clock,
): Promise<WhatIf> {
  const { name, yaml, csv } = files;
  if (yaml.length > MOST_CHARACTERS) {
    throw InputError.of({
      source: name,
      message: `found ${yaml.length} characters, expected at most ${MOST_CHARACTERS} of a scenario`,
    });
  }
  const read = await askWorker(makeWorker(), { name, yaml }, clock);
  if ('problems' in read) throw new InputError(read.problems);
  return { scenario: read.scenario, ...(csv === undefined ? {} : { csv }) };
}

function askWorker(
  worker: WorkerLike,
  file: { readonly name: string; readonly yaml: string },
  clock: Clock,
): Promise<ReadScenario> {
  let takeBack = () => undefined as unknown;
  const answered = new Promise<ReadScenario>((resolve, reject) => {
    worker.onerror = ({ message }) => {
      reject(new Error(message));
    };
    worker.onmessage = ({ data }: MessageEvent<Report>) => {
      if (data.kind === 'read') resolve(data.read);
      if (data.kind === 'failed') reject(new Error(data.message));
      // The worker has started: from now on it reads.
      if (data.kind !== 'choices') return;
      takeBack = clock.after(PATIENCE_MS, () => {
        const message = 'takes too long to be read; is it a scenario?';
        resolve({ problems: [{ source: file.name, message }] });
      });
    };
    worker.postMessage({ read: file });
  });
  return answered.finally(() => {
    takeBack();
    worker.terminate();
  });
}
