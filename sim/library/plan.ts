import type { FrequencyPlan } from '../../src/planner/planner.js';
import type { ComputationDag } from '../../src/pipeline/dag.js';
import { INSTRUCTION_KINDS, type InstructionKind } from '../../src/profile/operation.js';
import { secondsFromTicks } from '../../src/units.js';

/**
 * The clocks of one pipeline: an iteration's instructions, stage by stage in the order in which the
 * stage runs them, and beside each its clock. The lists are equally long, one entry per instruction.
 *
 * @example
 * ```ts
 * import { planFrontier, type Plan } from 'pipewatt';
 *
 * const { plans } = await planFrontier({
 *   profile: 'profile.csv',
 *   microbatches: 4,
 *   blockingPowerW: 80,
 *   plansFor: [{ straggler: 1.2 }],
 * });
 * const plan: Plan = plans[0]!;
 * console.log(plan.instruction[0], plan.stage[0], plan.frequencyMHz[0]); // forward 0 1300
 * ```
 */
export interface Plan {
  /** Name of the policy that made it. */
  readonly policy: string;
  /** Time of an iteration that it promises, s. */
  readonly plannedTimeS: number;
  /** Energy of an iteration that it promises, J: of all GPUs of the pipeline, waiting included. */
  readonly plannedEnergyJ: number;
  /** The stage, from 0. */
  readonly stage: readonly number[];
  /** The kind of instruction. */
  readonly instruction: readonly InstructionKind[];
  /** The microbatch, from 0. */
  readonly microbatch: readonly number[];
  /** The stage's part of the model, from 0; always 0 if a stage holds only one. */
  readonly chunk: readonly number[];
  /** The clock, MHz. */
  readonly frequencyMHz: readonly number[];
  /** The planned duration of the instruction at this clock, s, in whole unit times. */
  readonly durationS: readonly number[];
}

/** A plan as users see it. @param unitTimeS of the problem that was planned. */
export function shownPlan(
  policy: string,
  { plannedTimeS, plannedEnergyJ, frequencyMHz, durationTicks }: FrequencyPlan,
  dag: ComputationDag,
  unitTimeS: number,
): Plan {
  return {
    policy,
    plannedTimeS,
    plannedEnergyJ,
    stage: [...dag.stage],
    instruction: Array.from(dag.kind, (kind) => INSTRUCTION_KINDS[kind]!),
    microbatch: [...dag.microbatch],
    chunk: Array.from(dag.operation, (op) => dag.operations[op]!.chunk),
    frequencyMHz: [...frequencyMHz],
    durationS: Array.from(durationTicks, (ticks) => secondsFromTicks(ticks, unitTimeS)),
  };
}
