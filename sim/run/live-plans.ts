import type { Setting } from '../scenario/scenario-setting.js';
import type { Straggler } from '../training/data-parallel.js';
import type { DeployedPlans, PolicyPlans } from './policy-plans.js';
import type { ExecutedIteration } from './training-run.js';

/** Plans that are made elsewhere while a run goes on: a run asks for them and waits. */
export interface LivePlans {
  /** The plans for the iteration that begins now; every rank asks for its own. */
  deploy(known: readonly Straggler[]): Promise<DeployedPlans>;
  /** The plans that there would be if these stragglers were known; nothing is run. */
  foresee(known: readonly Straggler[]): Promise<DeployedPlans>;
  /** Takes note of an iteration that was run. */
  ran(iteration: ExecutedIteration): void;
  /** Ends when everything noted has been reported. */
  reported(): Promise<void>;
}

/** A policy whose plans are made elsewhere. */
export interface LivePolicy extends PolicyPlans {
  readonly live: LivePlans;
}

/** Connects a scenario to the maker of its plans. */
export type LiveConnection = (setting: Setting) => Promise<LivePolicy>;
