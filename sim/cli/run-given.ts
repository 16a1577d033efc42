import { InputError } from '../../src/errors.js';
import type { Planner } from '../../src/planner/planner.js';
import { faultStudy } from '../faults/fault-study.js';
import { runWithExternal, type ExternalPlanner } from '../plugins/external-planner.js';
import { bothWatches, gridWatch, PowerWatch } from '../power/figures/run-power.js';
import { flattenWatch } from '../power/flatten/flatten-watch.js';
import { energyBound } from '../run/energy-bound.js';
import type { Keeping } from '../run/kept-run.js';
import type { PlanCache } from '../run/plan-cache.js';
import { runWithoutStragglers } from '../run/without-stragglers.js';
import type { PowerFile } from './power-file.js';
import { progressBar } from './progress.js';
import { runUntilEnough, type Patience } from './refining.js';
import type { FileRun } from './run-contents.js';
import type { GivenScenario } from './scenario-argument.js';
import type { Terminal } from './terminal.js';
import type { UnderControl } from './under-control.js';

/** The options of a run. */
export interface RunWishes {
  readonly cache: PlanCache;
  readonly keep: Keeping | undefined;
  readonly wantsBound: boolean;
  /** Whether the job without its stragglers is shown too. */
  readonly wantsReference: boolean;
  /** Plans from files. */
  readonly more: readonly Planner[];
  /** The server of `--control`. */
  readonly control: UnderControl | undefined;
  readonly patience: Patience | undefined;
  readonly power: PowerFile | undefined;
}

/** Runs a scenario that was given on the command line. @throws InputError with the lines of its file. */
export async function runGiven(
  file: GivenScenario,
  planner: ExternalPlanner | undefined,
  terminal: Terminal,
  { cache, keep, wantsBound, wantsReference, more, control, patience, power }: RunWishes,
): Promise<FileRun> {
  const { path, text, scenario, profile: source } = file;
  const progress = progressBar(terminal);
  const advise = (sentence: string) => {
    terminal.err(`pipewatt: ${sentence}\n`);
  };
  try {
    const options = {
      onProgress: progress.update,
      cache,
      keep,
      more,
      watch: bothWatches(
        bothWatches(power, power === undefined ? gridWatch(scenario) : new PowerWatch()),
        flattenWatch(scenario, power),
      ),
      live: control?.connection(file, advise),
      isAlone: true,
      onAdvice: advise,
      ...(wantsBound ? { findBound: energyBound } : {}),
    };
    const compared =
      planner?.source.kind === 'built-in'
        ? { ...scenario, policies: [...new Set([...scenario.policies, planner.source.name])] }
        : scenario;
    const { result, isInterrupted = false } =
      planner === undefined || planner.source.kind === 'built-in'
        ? await runUntilEnough(compared, source, options, { patience, terminal })
        : { result: await runWithExternal(planner, scenario, source, keep) };
    const reference = wantsReference
      ? await runWithoutStragglers(scenario, source, cache)
      : undefined;
    return { text, result, reference, isInterrupted, faults: faultStudy(result, path) };
  } catch (error) {
    throw error instanceof InputError ? file.locate(error) : error;
  } finally {
    control?.close();
    progress.stop();
  }
}
