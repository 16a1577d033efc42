/**
 * The package `pipewatt`: the commands of the command line, for programs. The exports here and of
 * `pipewatt/planner` are stable (semantic versioning); everything else may change with any version.
 *
 * Functions return plain data: `structuredClone` and `JSON.stringify` take it as it is. Lists named
 * `rows` have the columns of the command line's CSV; everything else has the names of a scenario's
 * fields, with the unit at their end. Invalid input throws an `InputError` with all problems.
 */
export { InputError, type Problem } from '../../src/errors.js';
export type { FrontierPoint } from '../../src/planner/planner.js';
export type { PolicyName } from '../../src/planner/policy-names.js';
export type { InstructionKind } from '../../src/profile/operation.js';
export type { ErrorSummary } from '../operators/prediction-rows.js';
export type { ReplayedPolicy } from '../replay/replay-energy.js';
export type { StepTimes, WhatIf } from '../replay/replay-trace.js';
export type { ResultRow } from '../results/columns.js';
export type { Activity } from '../training/phases.js';
export { catalogNames, type CatalogNames } from './catalog.js';
export type { LedgerRow } from './ledger.js';
export type { Plan } from './plan.js';
export { planFrontier, type Frontier, type PlanOptions, type PlanQuestion } from './plans.js';
export {
  predictJobs,
  type JobToPredict,
  type PredictedRow,
  type Prediction,
} from './predictions.js';
export type { ProfileRow } from './profile-rows.js';
export { synthesizeProfile, type SynthesisOptions, type SynthesizedProfile } from './profiles.js';
export { replayTrace, type Replay, type ReplayOptions } from './replays.js';
export { runScenario, type Run, type RunOptions, type RunWithTimeline } from './runs.js';
export { checkScenario, readScenario, type Scenario, type ScenarioInput } from './scenarios.js';
export {
  readSweep,
  runSweep,
  type SweepInput,
  type SweepOptions,
  type SweepRun,
} from './sweeps.js';
export type { TimelineSegment } from './timeline.js';
