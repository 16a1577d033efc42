/**
 * The package's `pipewatt/planner`: everything needed to write a planner. Whatever is exported here
 * and from `pipewatt` is promised (semantic versioning); all else may change with any version.
 */
export { InfeasibleDeadlineError } from '../errors.js';
export { pathTimes, slack, type Lags, type PathTimes } from '../pipeline/critical-path.js';
export type { ComputationDag } from '../pipeline/dag.js';
export { INSTRUCTION_KINDS, type InstructionKind, type Operation } from '../profile/operation.js';
export type { OperationCosts, QuantisedOption } from '../profile/operation-costs.js';
export type { ExecutionOption } from '../profile/stage-profile.js';
export { envpipe } from './envpipe.js';
export { flatWithin, perseusFlat } from './flat/perseus-flat.js';
export { maxFrequency } from './max-frequency.js';
export { perseus } from './perseus/perseus.js';
export { perseusHull } from './perseus-hull/perseus-hull.js';
export { planList } from './plan-list.js';
export {
  PLANNER_INTERFACE_VERSION,
  type FrequencyPlan,
  type FrontierPoint,
  type ModulePlans,
  type ModuleProblem,
  type PlanDocument,
  type Planner,
  type PlannerModule,
  type PlanningLags,
  type PlanningProblem,
  type PlanningProgress,
  type Plans,
} from './planner.js';
export { planOfOptions, singlePlan } from './single-plan.js';
export { zeusGlobal } from './zeus-global.js';
export { zeusPerStage } from './zeus-per-stage.js';
